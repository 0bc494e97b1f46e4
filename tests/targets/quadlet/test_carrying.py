import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.targets.quadlet.writing import Setting, setting_line, uncarried
from tests.targets.quadlet.generator import generated, started

V = (5, 4)
NASTY = ["", " ", "  a  ", '"', "'", "\\", "\\\\", "a\\", "\\n", "\n", "a\nb\r\tc", "%", "%%", "%h",
         "%n%", "$", "$$", "$HOME", "${HOME}", "$$$", "#", ";", "; rm", "a;b", "a #b", "[Service]",
         "ä", "日本語", "\u00a0", "\u2028", "🎬", "\x01\x1b[0m\x7f", "x" * 5000, "=", "a=b",
         "\\x41", "'\"'\"", "`id`", "$(id)", "-", "--privileged", "@", "\u0081\u0085"]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=40),
                  st.text(alphabet="\\\"'%$ \n;x", max_size=12))  # fmt: skip


def run(lines: list[str]) -> list[str]:
    text = "[Container]\nImage=docker.io/library/x:1\n" + "".join(f"{line}\n" for line in lines)
    units, said = generated({"x.container": text})
    assert said == []
    return started(units["x.service"])


def after(words: list[str], flag: str) -> list[str]:
    """What follows each of a flag's places."""
    return [words[at + 1] for at, word in enumerate(words) if word == flag]


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS.filter(lambda text: uncarried(text) is None), min_size=1, max_size=8))
def test_any_text_reaches_the_container_as_it_is(texts: list[str]) -> None:
    """Variables, labels and flags come out of Quadlet and systemd as they went in."""
    named = [f"V{at}={text}" for at, text in enumerate(texts)]
    lines = [setting_line(Setting("Environment", each), V) for each in named]
    lines += [setting_line(Setting("Label", each), V) for each in named]
    lines += [setting_line(Setting("PodmanArgs", f"--umask={each}"), V) for each in named]

    words = run(lines)

    assert sorted(after(words, "--env")) == sorted(named)
    assert sorted(after(words, "--label")) == sorted(named)
    assert [word for word in words if word.startswith("--umask=")] == [
        f"--umask={each}" for each in named
    ]


@pytest.mark.parametrize("text", ["a\0b", "\x80", "\ufdd0", "\ufffe", "\U0001ffff", "x" * 200_000])
def test_what_cannot_be_carried_is_known(text: str) -> None:
    """systemd or Quadlet would lose each of these."""
    assert uncarried(text) is not None


@pytest.mark.parametrize("text", ["\x80", "a\x80b"])
def test_a_character_that_quadlet_mangles_is_one(text: str) -> None:
    """The refusal is needed: what comes out is no text."""
    with pytest.raises(UnicodeDecodeError):
        run([f'Environment="V={text}"'])


def test_a_text_that_is_written_once_is_lost() -> None:
    """The doubling is needed: `$` and `%` written as they are come out changed, or not at all."""
    assert after(run(["Environment=V=a${b}c"]), "--env") == ["V=ac"]
    assert after(run(["Environment=V=a%nb"]), "--env") == ["V=aNAME.serviceb"]
    with pytest.raises(AssertionError, match="does not fill in"):
        run(["Environment=V=50%y"])
