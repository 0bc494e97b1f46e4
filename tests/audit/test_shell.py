"""Shell scripts: what runs on what, and what must hold where it runs."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.audit.shell import open_shell, read_script
from labkeeper.plan import Command, Script
from labkeeper.source import Slice

EXAMPLES = int(os.environ.get("LK_FUZZ", "200"))


def script(text: str, *, errexit: bool = False, interactive: bool = False) -> Script:
    found = read_script(
        Slice.whole("a.sh", text), "", None, errexit=errexit, interactive=interactive
    )
    assert found is not None
    return found


def command(text: str, name: str, *, errexit: bool = False) -> Command:
    (found,) = [c for c in script(text, errexit=errexit).commands if c.name == name]
    return found


def test_words_lose_their_quotes_and_keep_their_places() -> None:
    """What the shell hands to the program, where it stands."""
    text = "rsync -a 'a b' \"c d\" e\\ f\n"

    found = command(text, "rsync")

    assert found.arguments == ("rsync", "-a", "a b", "c d", "e f")
    assert [text[w.at.start : w.at.end] for w in found.words[2:4]] == ["'a b'", '"c d"']


def test_known_variables_are_filled_in_and_others_stay() -> None:
    """A path keeps what is known of it."""
    text = 'A=/mnt/hot\nfor D in x y; do S="$A/$D/done"; ls "$S"; done\n'

    found = command(text, "ls")

    assert [(w.text, w.literal) for w in found.words] == [("ls", True), ("/mnt/hot/$D/done", False)]


def test_a_variable_that_may_have_changed_is_unknown() -> None:
    """After a branch that assigns it, and within a loop that does."""
    assert command("A=/x\nif b; then A=/y; fi\nls $A\n", "ls").arguments == ("ls", "$A")
    assert command("A=/x\nwhile b; do ls $A; A=/y; done\n", "ls").arguments == ("ls", "$A")
    assert command("A=/x\nA+=/y\nls $A\n", "ls").words[1].literal is False


def test_conditions_guard_what_they_lead_to() -> None:
    """`if`, `&&`, and a way out before it."""
    assert command("if mountpoint -q /x; then rm y; fi", "rm").guards == ("mountpoint -q /x",)
    assert command("a && mountpoint -q /x && rm y", "rm").guards == ("a", "mountpoint -q /x")
    assert command("mountpoint -q /x || exit 0\nrm y", "rm").guards == ("mountpoint -q /x",)
    assert command("if ! mountpoint -q /x; then exit 1; fi\nrm y", "rm").guards == (
        "mountpoint -q /x",
    )


def test_the_other_branch_knows_that_the_condition_failed() -> None:
    """What holds in one branch does not in the other, nor after both."""
    text = "if mountpoint -q /x; then :; else rm y; fi\nls z\n"

    assert command(text, "rm").guards == ("! mountpoint -q /x",)
    assert command(text, "ls").guards == ()


def test_under_errexit_a_test_guards_what_follows() -> None:
    """`set -e` ends a script at a test that fails; without it the script goes on."""
    assert command("mountpoint -q /x\nrm y", "rm", errexit=True).guards == ("mountpoint -q /x",)
    assert command("set -eu\nmountpoint -q /x\nrm y", "rm").guards == ("mountpoint -q /x",)
    assert command("mountpoint -q /x\nrm y", "rm").guards == ()


def test_a_pipeline_is_numbered() -> None:
    """Its commands share a number and count their steps."""
    found = script("a 2>/dev/null | b | c > d\ne\n").commands

    assert [(c.name, c.step) for c in found] == [("a", 0), ("b", 1), ("c", 2), ("e", 0)]
    assert len({c.pipeline for c in found[:3]}) == 1
    assert [(r.operator, r.target.text) for r in found[2].redirects] == [(">", "d")]


def test_a_group_writes_through_its_last_command() -> None:
    """Where the whole group's output goes."""
    found = script("{ a; b; } > c\n").commands

    assert [[r.target.text for r in command.redirects] for command in found] == [[], ["c"]]


def test_commands_in_substitutions_count() -> None:
    """Their output is a word, but they run all the same."""
    assert [
        c.name for c in script('X=$(df / | tail -1)\necho "$(date)"\n').commands if c.words
    ] == [
        "df",
        "tail",
        "echo",
        "date",
    ]


def test_reads_and_sets() -> None:
    """A variable with a default, or one whose emptiness is looked at, is taken care of."""
    found = script(
        'read -r LINE\nlocal=1\necho "$A ${B:-x} $LINE $1 $?"\n[ -n "$C" ] && echo "$C"\n'
        "for D in 1; do :; done\necho '$E' \\$F\n"
    )

    assert {(use.name, use.defaulted) for use in found.reads} == {
        ("A", False),
        ("B", True),
        ("LINE", False),
        ("C", True),
    }
    assert {"LINE", "D"} <= found.sets


def test_what_another_language_fills_in_is_no_variable() -> None:
    """Nix's interpolation looks like the shell's."""
    text = "${pkgs.curl}/bin/curl x\n"

    found = read_script(Slice.whole("a.nix", text), "", None, holes=((0, 12),))

    assert found and found.reads == ()
    assert found.commands[0].name == "curl"
    assert not found.commands[0].words[0].literal


def test_a_guide_is_typed_and_a_script_in_it_is_not() -> None:
    """A first line with `#!` makes a file of it."""
    typed, made = (
        open_shell(Slice.whole("g.md", text), True).plan.scripts[0]
        for text in ("podman ps\n", "#!/bin/sh\nls\n")
    )

    assert (typed.interactive, made.interactive) == (True, False)


def test_podman_in_a_guide_tells_the_engine() -> None:
    """What the reader is to type is there to be typed."""
    text = "sudo podman ps\n"

    (found,) = open_shell(Slice.whole("g.md", text), True).plan.engines

    assert (found.engine, text[found.at.start : found.at.end]) == ("podman", "podman")


def test_a_script_that_is_none_is_passed_over() -> None:
    """Half a loop is not judged."""
    opened = open_shell(Slice.whole("a.sh", "for x in; do (\n"), False)

    assert [s.reason for s in opened.skipped] == ["not a shell script that can be read here"]


def test_deep_nesting_ends() -> None:
    """Deeper than anybody writes, nothing is looked at."""
    deep = "if a; then " * 3000 + "b;" + " fi;" * 3000

    read_script(Slice.whole("a.sh", deep), "", None, interactive=True)


PARTS = st.sampled_from(
    ["if ", "; then ", "; fi\n", "else ", "for x in a b; do ", "; done\n", "while ",
     "case $1 in a) ", ";; esac\n",
     "rm -rf ", '"$X"', "/mnt/hot", " && ", " || ", " | ", " > a.prom",
     "<<E\nx\nE\n",
     "X=", "$(", ")", "`", "${Y:-z}", "(", "{ ", "; }", "\n", "exit 1", "set -e\n", "[ -d /x ]",
     "[[ ", " ]]", "'", '"', "\\", "ü", "f() ", "! ", "export ", "<name>", "find / -delete",
     "$((1+", "\ue000"]
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(PARTS, max_size=40).map("".join), st.booleans())
def test_any_text_can_be_read(text: str, interactive: bool) -> None:
    """No text makes the reader stumble, and every place it gives is in the text."""
    found = read_script(Slice.whole("a.sh", text), "", None, interactive=interactive)

    for each in found.commands if found else ():
        assert 0 <= each.at.start <= each.at.end <= len(text)


def test_metrics_written_to_a_textfile_are_produced() -> None:
    """Echoed, printed or in a document, with or without labels."""
    text = (
        '{ echo "# TYPE a_info gauge"; echo "backup_time_seconds $(date +%s)"; } > "$1.prom"\n'
        "printf 'disk_used_bytes{disk=\"%s\"} %d\\n' x 1 >> /x/y.prom\n"
        "cat > z.prom <<E\nqueue_length 3\nE\n"
    )

    plan = open_shell(Slice.whole("a.sh", text), False).plan

    assert {"a_info", "backup_time_seconds", "disk_used_bytes", "queue_length"} <= {
        metric.name for metric in plan.produced
    }


def test_a_script_without_a_textfile_produces_nothing() -> None:
    """What it prints is for people."""
    assert open_shell(Slice.whole("a.sh", 'echo "used_bytes 3"\n'), False).plan.produced == ()
