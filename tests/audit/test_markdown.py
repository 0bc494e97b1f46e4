"""Guides: what stands in their fences keeps its place, and prose states only what it states."""

import os
from textwrap import dedent

from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.audit.markdown import fences, open_markdown
from labkeeper.plan import Plan
from labkeeper.source import Slice, line_at, position

EXAMPLES = int(os.environ.get("LK_FUZZ", "200"))


def opened(text: str) -> "tuple[list[tuple[str, str]], Plan]":
    found = open_markdown(Slice.whole("guide.md", text), False)
    return [(e.name, e.source.text) for e in found.embedded], found.plan


def test_an_indented_fence_loses_its_indentation_and_keeps_its_places() -> None:
    """A fence in a list item reads as if it stood alone."""
    text = dedent("""\
        1. **Step**

            ```yaml
            services:
              web:
                image: nginx
            ```
        """)

    (found,) = open_markdown(Slice.whole("guide.md", text), False).embedded

    assert found.source.text == "services:\n  web:\n    image: nginx\n"
    at = position(text, found.source.find("nginx").start)
    assert (at.line, line_at(text, at.line)[at.column - 1 :]) == (6, "nginx")


def test_each_language_has_its_suffix() -> None:
    """The word after the fence says what the text is."""
    text = "".join(
        f"```{name}\nx\n```\n" for name in ("yaml", "yml", "json", "nix", "bash", "sh", "python")
    )

    names = [name for name, _ in opened(text)[0]]

    assert names == ["fence.yaml", "fence.yaml", "fence.json", "fence.nix", "fence.sh", "fence.sh"]


def test_a_file_name_after_the_language_is_the_name() -> None:
    """Generators of sites write `title=`, others the name alone."""
    text = '```yaml title="conf/prometheus.yml"\nx: 1\n```\n```yaml compose.yaml\nx: 1\n```\n'

    assert [name for name, _ in opened(text)[0]] == ["prometheus.yml", "compose.yaml"]


def test_a_fence_without_language_is_read_only_when_its_content_is_sure() -> None:
    """A template of a change note is no YAML to judge; a compose file is."""
    text = "```\nservices: {web: {image: nginx}}\n```\n\n```\n- **Date**: x\n```\n"

    assert [name for name, _ in opened(text)[0]] == ["fence.yaml"]


def test_a_unit_is_called_as_the_words_before_it_say() -> None:
    """A unit's name is a file's name, which a guide gives in its prose."""
    text = "Create `/etc/systemd/system/clean.timer`:\n\n```ini\n[Timer]\nOnCalendar=daily\n```\n"

    assert [name for name, _ in opened(text)[0]] == ["clean.timer"]


def test_a_session_is_what_was_typed() -> None:
    """Prompts and answers are no commands."""
    text = "```console\n$ podman ps\nCONTAINER ID\n$ podman \\\n  logs x\n```\n"

    assert opened(text)[0] == [("fence.sh", "podman ps\npodman \\\n  logs x\n")]


def test_a_fence_that_is_not_closed_goes_to_the_end() -> None:
    """As CommonMark reads it."""
    assert [f.body.text for f in fences(Slice.whole("g.md", "```sh\nls\n"))] == ["ls\n"]


def test_a_longer_fence_holds_shorter_ones() -> None:
    """A guide about guides."""
    text = "````markdown\n```yaml\nx: 1\n```\n````\n"

    assert [f.body.text for f in fences(Slice.whole("g.md", text))] == ["```yaml\nx: 1\n```\n"]


def test_a_card_with_its_memory_is_a_gpu() -> None:
    """The memory may be given in the next item."""
    plan = opened("**Server**: box with NVIDIA Quadro P1000\n- compute 6.1, 4GB VRAM\n")[1]

    assert [(g.model, g.vram) for g in plan.gpus] == [("Quadro P1000", 4 * 1024**3)]


def test_a_card_that_is_weighed_is_no_gpu() -> None:
    """Plans, comparisons and wishes do not say what is there."""
    text = "Consider an RTX 3060.\nPlan for RTX or Quadro card with more VRAM.\nA GTX 1060 vs it\n"

    assert opened(text)[1].gpus == ()


def test_a_login_in_brackets_is_a_credential_of_the_software_named_beside_it() -> None:
    """The password's place is the line's."""
    text = "Access Grafana at `http://localhost:3000` (admin/admin123).\n"

    (found,) = opened(text)[1].credentials

    assert (found.user, found.password.text, found.service) == ("admin", "admin123", "grafana")
    assert text[found.at.start : found.at.end] == "admin/admin123"


def test_pairs_in_brackets_are_no_credentials() -> None:
    """Neither choices, nor pages of a web site."""
    text = "Log in weekly (hot/cold), user/group membership, http://x.example/admin/login\n"

    assert opened(text)[1].credentials == ()


def test_a_task_names_what_is_to_run() -> None:
    """Prose that remembers, removes or compares names nothing to run."""
    text = (
        "- [ ] Promtail configuration on all hosts\n- [ ] Migrate from Promtail to Alloy\n"
        "- [ ] Remove promtail\nWe configured Promtail once.\n"
    )

    (found,) = opened(text)[1].mentions

    assert (found.name, position(text, found.at.start).line) == ("promtail", 1)


def test_nothing_is_read_from_a_fence_as_prose() -> None:
    """A fenced example is its own kind of text."""
    assert opened("```text\n- [ ] Promtail setup\n```\n")[1] == Plan()


PARTS = st.sampled_from(
    ["```", "~~~", "````", "yaml", "json", "nix", "bash", "\n", "\n    ", "- [ ] ", "Promtail ",
     "setup ", "(admin/admin123)", "login ", "Quadro P1000 ", "4GB VRAM", "[Service]", "{", "}",
     "$ ", "\t", "\u2028", "ü", ": ", "ini", "\\", "services:\n  a: {image: b}"]
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(PARTS, max_size=40).map("".join))
def test_any_text_is_a_guide(text: str) -> None:
    """No text makes the reader stumble, and every place it gives is in the text."""
    found = open_markdown(Slice.whole("guide.md", text), False)

    for part in found.embedded:
        assert 0 <= part.source.span.start <= part.source.span.end <= len(text)
