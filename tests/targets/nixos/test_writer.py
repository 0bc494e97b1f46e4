import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.targets.nixos.tree import Apply, Joined, Lines, Nix, Raw
from labkeeper.targets.nixos.writer import UnwritableError, write
from tests.programs import program

# What Nix strings are known to trip over, beside anything else.
_TRAPS = ("${", "$${", "''", "'''", "''${", "\\", '"', "\n", "\r\n", "\t", "$", "'", "\\n", "ü",
          "😀", " ", "  x\n y", "#", "/*", "\u2028")  # fmt: skip
_TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f")),
    st.lists(st.sampled_from(_TRAPS)).map("".join),
    st.lists(st.one_of(st.sampled_from(_TRAPS), st.text(st.characters(codec="ascii",
             min_codepoint=32, exclude_characters="\x7f"), max_size=3))).map("".join),
)  # fmt: skip
_NUMBERS = st.one_of(
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda x: round(x, 6)),
)
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(_TEXTS, inner, max_size=4)
    ),
    max_leaves=20,
)
_QUICKLY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="session")
def read_back(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], object]:
    """What Nix itself makes of an expression."""
    nix = program("nix-instantiate")
    folder = tmp_path_factory.mktemp("nix")

    def read(text: str) -> object:
        file = folder / "value.nix"
        file.write_text(text, "utf-8")
        done = subprocess.run(
            [nix, "--eval", "--strict", "--json", "--readonly-mode", str(file)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + text
        return json.loads(done.stdout)

    return read


@_QUICKLY
@given(values=st.lists(_VALUES, min_size=5, max_size=40))
def test_values_survive(values: list[Nix], read_back: Callable[[str], object]) -> None:
    """Whatever a lab says, Nix reads the same."""
    assert read_back(write(values)) == _as_json(values)


@_QUICKLY
@given(texts=st.lists(_TEXTS, min_size=10, max_size=60))
def test_lines_survive(texts: list[str], read_back: Callable[[str], object]) -> None:
    """A text of several lines keeps every one of its characters, however deep it is indented."""
    lines = [Lines((f"{text}\n",)) for text in texts]
    values: Nix = {"deep": {"deeper": lines, "other": 1}}
    assert read_back(write(values)) == {"deep": {"deeper": [f"{t}\n" for t in texts], "other": 1}}


@_QUICKLY
@given(texts=st.lists(_TEXTS, min_size=10, max_size=60))
def test_texts_around_expressions_survive(
    texts: list[str], read_back: Callable[[str], object]
) -> None:
    """Beside an interpolated value, texts stay as they are."""
    joined: list[Nix] = [Joined((text, Raw('"X"'), text)) for text in texts]
    lined: list[Nix] = [Lines((text, Raw('"X"'), f"{text}\n")) for text in texts]
    assert read_back(write(joined)) == [f"{text}X{text}" for text in texts]
    assert read_back(write(lined)) == [f"{text}X{text}\n" for text in texts]


@pytest.mark.parametrize("text", ["\0", "a\x1bb", "\x7f", "\ud800"])
def test_what_no_string_can_hold_is_refused(text: str) -> None:
    """NUL and other control characters are an error, not another text."""
    with pytest.raises(UnwritableError):
        write(text)
    with pytest.raises(UnwritableError):
        write({text: 1})
    with pytest.raises(UnwritableError):
        write(Lines((f"{text}\n",)))


def test_it_looks_as_a_person_would_write_it() -> None:
    """Single attributes are one path, single elements one line, calls in lists are in brackets."""
    value: Nix = {
        "a": {"b": {"c": True}},
        "x.y": ["one"],
        "list": [1, -1, Apply("lib.mkForce", ("x",))],
        "script": Lines.of("set -eu", "echo ${x} ''y''"),
        "if": {},
    }
    expected = Path(__file__).with_name("looks.nix").read_text("utf-8")
    assert write(value) + "\n" == expected


def _as_json(value: Nix) -> object:
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    return pytest.approx(value, rel=1e-5) if isinstance(value, float) else value
