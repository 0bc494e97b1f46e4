"""What is compiled on use behaves as the standard library's."""

import dataclasses
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, replace
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from labkeeper import values

T = TypeVar("T")


def family(dataclass: Callable[..., Any]) -> dict[str, Any]:
    """The same classes, made in either way."""

    @dataclass(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 2
        names: list[str] = field(default_factory=list, compare=False)

    @dataclass(frozen=True, kw_only=True)
    class Named:
        name: str
        note: str | None = field(default=None, repr=False)

        def __post_init__(self) -> None:
            if not self.name:
                raise ValueError("a name is needed")

    @dataclass(frozen=True)
    class Longer(Named):
        more: int = 0

    @dataclass(slots=True)
    class Tally:
        count: int = 0

    @dataclass(frozen=True, slots=True, eq=False)
    class Alone:
        x: int

    @dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        x: int

    @dataclass(frozen=True)
    class Quiet:  # noqa: PLW1641 - what becomes of its hash is the question
        x: int

        def __repr__(self) -> str:
            return "quiet"

        def __eq__(self, other: object) -> bool:
            return True

    @dataclass(frozen=True, slots=True)
    class Empty:
        pass

    @dataclass(frozen=True, slots=True)
    class Held(Generic[T]):
        KIND: ClassVar = "held"
        UNIT: "ClassVar[str]" = "s"

        value: "T | None"
        note: str = field(default="", kw_only=True)

    @dataclass(frozen=True, slots=True)
    class Kept(Held[int]):
        value: int = 3
        place: str = "here"

    return {name: made for name, made in locals().items() if isinstance(made, type)}


Family = dict[str, Any]
DOINGS: list[Callable[[Family], object]] = [
    lambda f: repr([f["Point"](1), f["Point"](1, y=3), f["Empty"](), f["Quiet"](1)]),
    lambda f: repr([f["Named"](name="a", note="b"), f["Longer"](name="a", more=1)]),
    lambda f: f["Point"](1, 2, ["a"]) == f["Point"](1, 2, ["b"]),
    lambda f: f["Point"](1) == (1, 2),
    lambda f: len({f["Point"](1), f["Point"](1), f["Point"](2)}),
    lambda f: f["Point"](1).names is f["Point"](1).names,
    lambda f: f["Alone"](1) == f["Alone"](1),
    lambda f: f["Quiet"](1) == f["Quiet"](2),
    lambda f: f["Empty"]() == f["Empty"](),
    lambda f: len({f["Empty"](), f["Empty"]()}),
    lambda f: f["Ordered"](1) < f["Ordered"](2),
    lambda f: replace(f["Point"](1), y=5).y,
    lambda f: replace(f["Longer"](name="a"), more=5).name,
    lambda f: dataclasses.asdict(f["Point"](1)),
    lambda f: [(x.name, x.type, x.default, x.kw_only) for x in dataclasses.fields(f["Longer"])],
    lambda f: [(x.name, x.type, x.default, x.kw_only) for x in dataclasses.fields(f["Kept"](1))],
    lambda f: dataclasses.is_dataclass(f["Empty"]),
    lambda f: (f["Held"].KIND, f["Held"](1).UNIT, f["Held"](1, note="a").note),
    lambda f: (f["Kept"].__slots__, f["Kept"].__match_args__, f["Kept"](place="there").place),
    lambda f: (f["Kept"].__name__, f["Kept"].__qualname__[-4:]),
    lambda f: type("Under", (f["Named"],), {})(name="a").name,
    lambda f: hasattr(f["Point"](1), "__dict__"),
    lambda f: f["Held"](1, "a"),
    lambda f: f["Point"](1, 2, [], 4),
    lambda f: f["Point"](1, x=1),
    lambda f: f["Point"](1, x=1, y=2, names=[]),
    lambda f: f["Point"](y=1, z=1),
    lambda f: f["Point"].__match_args__,
    lambda f: f["Tally"].__hash__,
    lambda f: setattr(f["Point"](1), "x", 2),
    lambda f: setattr(f["Longer"](name="a"), "more", 2),
    lambda f: delattr(f["Named"](name="a"), "name"),
    lambda f: setattr(f["Tally"](), "count", 2),
    lambda f: setattr(f["Tally"](), "other", 2),
    lambda f: f["Named"]("a"),
    lambda f: f["Named"](name=""),
    lambda f: f["Point"](),
    lambda f: f["Point"](1, z=2),
    lambda f: hash(f["Quiet"](1)) == hash(f["Quiet"](1)),
    lambda f: f["Point"](1).__class__.__init__.__qualname__.rpartition(".")[2],
]


def outcome(do: Callable[[Family], object], dataclass: Callable[..., Any], times: int) -> object:
    """What comes of it, the last of so many times with the same classes."""
    classes = family(dataclass)
    came: object = None
    for _ in range(times):
        try:
            came = do(classes)
        except (AttributeError, TypeError, ValueError) as error:
            came = type(error)
    return came


@pytest.mark.parametrize("times", [1, 40])
@pytest.mark.parametrize("do", DOINGS, ids=count())
def test_it_does_as_the_standard_library_does(do: Callable[[Family], object], times: int) -> None:
    """Whatever is made, compared, shown, changed or refused, the first time and later."""
    assert outcome(do, values.dataclass, times) == outcome(do, dataclasses.dataclass, times)


@values.dataclass(frozen=True, slots=True)
class Sent:
    """A value that goes to another process."""

    x: int
    y: tuple[str, ...] = ()


@values.dataclass(frozen=True)
class SentWithoutSlots:
    """Another one."""

    x: int


@pytest.mark.parametrize("value", [Sent(1, ("a",)), SentWithoutSlots(3)])
def test_values_travel(value: object) -> None:
    """What is pickled comes back as it was, and still refuses to change."""
    back = pickle.loads(pickle.dumps(value))

    assert back == value
    with pytest.raises(FrozenInstanceError):
        back.x = 5


ASKED: list[Callable[["re.Pattern[str]"], object]] = [
    lambda p: p.match("ab-AB").span(),  # type: ignore[union-attr]
    lambda p: p.fullmatch("ab-"),
    lambda p: p.search("- AB").group("word"),  # type: ignore[union-attr]
    lambda p: [each.span() for each in p.finditer("ab-ab", 1)],
    lambda p: p.findall("ab AB"),
    lambda p: p.split("1ab2AB3", 1),
    lambda p: (p.sub("x", "ab ab", count=1), p.subn("x", "ab ab")),
    lambda p: (p.pattern, p.flags, p.groups, dict(p.groupindex)),
]


@pytest.mark.parametrize("ask", ASKED, ids=count())
def test_regular_expressions_do_as_the_standard_library_s(
    ask: Callable[["re.Pattern[str]"], object],
) -> None:
    """Whatever they are asked first, and again."""
    text, flags = "(?P<word>ab)", re.IGNORECASE | re.ASCII
    late, early = values.regex(text, flags), re.compile(text, flags)

    assert ask(late) == ask(early)
    assert ask(late) == ask(early)


def test_a_regular_expression_is_compiled_when_it_is_asked() -> None:
    """To define one that is wrong says nothing yet, and to ask for its text neither."""
    wrong = values.regex("(")

    assert wrong.pattern == "("
    assert repr(wrong) == "regex('(')"
    assert not hasattr(wrong, "no_such_method")
    with pytest.raises(re.error):
        wrong.match("(")


SOURCE = Path(values.__file__).parents[1]


def test_what_no_test_uses_is_right() -> None:
    """Every regular expression is one, and every class can be made and listed."""
    program = """
import dataclasses, gc, importlib, pkgutil, re, labkeeper, labkeeper.values
from labkeeper.values import record
labkeeper.values.regex = re.compile
for module in pkgutil.walk_packages(labkeeper.__path__, "labkeeper."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
every = [each for each in gc.get_objects() if isinstance(each, type)]
classes = [each for each in every if dataclasses.is_dataclass(each)]
for each in classes:
    dataclasses.fields(each)
    record._compiled(each) if hasattr(each, "__parts__") else None
assert len(classes) > 400
"""
    found = os.environ | {"PYTHONPATH": str(SOURCE.parent)}

    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, env=found)
