from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkeeper.source import Decoded, Problem, Slice, Span, UnreadableError, decode, parse_yaml


@dataclass(frozen=True)
class Size:
    """A number of bytes, which reads its own text."""

    bytes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes gibibytes alone."""
        if not text.endswith("GiB"):
            raise ValueError(f"expected a size like `4GiB`, found `{text}`")
        return cls(int(text.removesuffix("GiB")) << 30)


@dataclass(frozen=True)
class Gpu:
    """A record in a record."""

    model: str
    vram: Size | None = None


@dataclass(frozen=True)
class Service:
    """One field of each shape."""

    image: str
    ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    gpu: Gpu | None = None
    restart: Literal["always", "never"] = "always"
    keep_free: float = 0.0
    read_only: bool = False
    from_: Slice | None = None
    entry: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.image.endswith(":latest"):
            raise ValueError(f"image `{self.image}` floats")


@dataclass(frozen=True)
class Push:
    """One way to tell somebody, told from another by its first key."""

    push: str
    token: str | None = None


@dataclass(frozen=True)
class Mail:
    """Another way."""

    mail: str


@dataclass(frozen=True)
class Limits:
    """A record that requires nothing."""

    MEANT: ClassVar = {"ram": "memory"}

    memory: str | None = None


@dataclass(frozen=True)
class Lab:
    """What the texts below are decoded as."""

    services: Mapping[str, Service]
    at: Span
    tell: Push | Mail | None = None
    limits: Limits = Limits()


def decoded(text: str) -> Decoded[Lab]:
    nodes = parse_yaml(Slice.whole("lab.yaml", text))
    assert not isinstance(nodes, Problem)
    return decode(nodes[0], Lab)


def said(text: str) -> list[str]:
    """Each problem as `place: claim (help)`, the place being the text that it underlines."""
    return [
        f"{text[p.at.start : p.at.end]}: {p.message}" + (f" ({p.help})" if p.help else "")
        for p in decoded(text).problems
    ]


def test_values_follow_the_types() -> None:
    """A scalar is what its field says: `no` can be text and `22` a number."""
    text = (
        "services:\n  web:\n    image: no\n    ports: [22, '80']\n    keep-free: 1.5\n"
        "    read-only: yes\n    environment: {PORT: 8080, ON: on}\n"
        "    gpu: {model: P1000, vram: 4GiB}"
    )

    found = decoded(text)

    assert found.problems == ()
    assert found.value is not None
    web = found.value.services["web"]
    assert (web.image, web.ports, web.keep_free, web.read_only) == ("no", (22, 80), 1.5, True)
    assert web.environment == {"PORT": "8080", "ON": "on"}
    assert Gpu("P1000", Size(4 << 30)) == web.gpu


def test_places_are_filled_in() -> None:
    """A field of type `Span` gets its mapping's place, a `Slice` the text and its own."""
    text = "services:\n  web: {image: a, from: 'x'}"

    value = decoded(text).value

    assert value is not None
    assert Span("lab.yaml", 0, len(text)) == value.at
    origin = value.services["web"].from_
    assert origin is not None
    assert ("x", text.index("x")) == (origin.text, origin.span.start)


def test_a_union_goes_by_shape() -> None:
    """Text or a list: each is read as what it is."""
    one = decoded("services: {a: {image: i, entry: x}, b: {image: i, entry: [x, y]}}").value

    assert one is not None
    assert [service.entry for service in one.services.values()] == ["x", ("x", "y")]


def test_a_union_of_records_goes_by_their_first_keys() -> None:
    """The key that only one of them has says which one is meant."""
    found = decoded("services: {}\ntell: {token: t, push: p}").value

    assert found is not None
    assert Push("p", "t") == found.tell


@dataclass(frozen=True)
class Spot:
    """A text that is told where it stands."""

    text: str
    at: Span | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes anything but `x`."""
        if text == "x":
            raise UnreadableError("not `x`", "try `y`")
        return cls(text)

    def placed(self, at: Span) -> Self:
        """The same, at `at`."""
        return replace(self, at=at)


def test_a_text_can_know_its_place() -> None:
    """What has a method `placed` is told, as a key and as a value; a refusal may carry its help."""
    nodes = parse_yaml(Slice.whole("lab.yaml", "a: b\nc: x"))
    assert not isinstance(nodes, Problem)

    found = decode(nodes[0], Mapping[Spot, Spot])  # type: ignore[type-abstract]

    assert [problem.help for problem in found.problems] == ["try `y`"]
    nodes = parse_yaml(Slice.whole("lab.yaml", "a: b"))
    assert not isinstance(nodes, Problem)
    value = decode(nodes[0], Mapping[Spot, Spot]).value  # type: ignore[type-abstract]
    assert value == {
        Spot("a", Span("lab.yaml", 0, 1)): Spot("b", Span("lab.yaml", 3, 4)),
    }


def test_an_empty_value_means_the_defaults() -> None:
    """A key with nothing behind it gives an empty list, or a record that requires nothing."""
    value = decoded("services: {a: {image: i, ports: , environment: , gpu: }}\nlimits:\n").value

    assert value is not None
    assert (
        value.services["a"].ports, value.services["a"].environment, value.services["a"].gpu
    ) == ((), {}, None)  # fmt: skip
    assert Limits() == value.limits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "services:\n  web:\n    imagee: a",
            ["imagee: unknown key `imagee` (did you mean `image`?)"],
            id="a misspelt key is not missing as well",
        ),
        pytest.param(
            "services: {web: {image: a, keep_free: 1}}",
            ["keep_free: unknown key `keep_free` (did you mean `keep-free`?)"],
            id="an underscore",
        ),
        pytest.param(
            "services: {web: {ports: [80]}}",
            ["web: `image` is missing"],
            id="a missing key is shown at its owner",
        ),
        pytest.param(
            "services: {web: {image: a, ports: 80}}",
            ["80: expected a list, found `80` (write a list, even of one: `[80]`)"],
            id="a value for a list",
        ),
        pytest.param(
            "services: {web: {image: a, ports: [80, http, 1_000]}}",
            [
                "http: expected a whole number, found `http`",
                "1_000: expected a whole number, found `1_000`",
            ],
            id="every bad item",
        ),
        pytest.param(
            "services: {web: {image: a, restart: alway}}",
            ["alway: expected one of `always`, `never`, found `alway` (did you mean `always`?)"],
            id="a misspelt word",
        ),
        pytest.param(
            "services: {web: {image: a, gpu: {model: x, vram: 4G}}}",
            ["4G: expected a size like `4GiB`, found `4G`"],
            id="a text that its own type refuses",
        ),
        pytest.param(
            "services: {web: {image: 'a:latest'}}",
            ["web: image `a:latest` floats"],
            id="a record that refuses itself",
        ),
        pytest.param(
            "services: {web: {image: [a]}}", ["image: expected text, found a list"], id="a list"
        ),
        pytest.param("services: {web: }", ["web: `web` needs a mapping"], id="nothing at all"),
        pytest.param(
            "services: {web: {image: }}", ["image: `image` needs text"], id="nothing for text"
        ),
        pytest.param(
            "services: {web: {image: !secret a}}",
            ["!secret a: tag `!secret` means nothing here"],
            id="a tag",
        ),
        pytest.param(
            "services: {}\ntell: {pusch: p}",
            ["pusch: unknown key `pusch` (did you mean `push`?)"],
            id="a misspelt mark of a record in a union",
        ),
        pytest.param(
            "services: {}\ntell: {colour: red}",
            ["tell: one of `push`, `mail` is missing"],
            id="no mark at all",
        ),
        pytest.param(
            "services: {}\ntell: {mail: m, push: p}",
            ["tell: only one of `push`, `mail` can be given"],
            id="two marks",
        ),
        pytest.param(
            "just text",
            ["just text: expected a mapping, found `just text` (`{services: ...}`)"],
            id="text",
        ),
        pytest.param(
            "services: {}\nlimits: none",
            [
                (
                    "none: expected a mapping, found `none` "
                    "(leave it empty, or write keys under it: `memory`)"
                )
            ],
            id="text for a record that requires nothing",
        ),
        pytest.param(
            "services: {a: {image: i, environment: [A=1]}}",
            [
                (
                    "environment: expected a mapping, found a list "
                    "(write each as a key, without the dash: `A: 1`)"
                )
            ],
            id="a list of pairs",
        ),
        pytest.param(
            "services: [web]",
            [
                (
                    "services: expected a mapping, found a list "
                    "(write each as a key, without the dash: `web:`)"
                )
            ],
            id="a list of names",
        ),
        pytest.param(
            "services: {}\nlimits: {ram: 1G}",
            ["ram: unknown key `ram` (did you mean `memory`?)"],
            id="a key's name elsewhere",
        ),
        pytest.param(
            "services:\n  web: &w {image: a, prots: [1]}\n  app: *w",
            ["prots: unknown key `prots` (did you mean `ports`?)"],
            id="an alias repeats no problem",
        ),
    ],
)
def test_problems(text: str, expected: list[str]) -> None:
    """Each cause is said once, at the smallest place, with what was probably meant."""
    assert expected == said(text)


def test_all_problems_in_one_run() -> None:
    """One bad service hides nothing about the next, nor about the rest of the text."""
    text = "services:\n  a: {imag: x}\n  b: {image: x, ports: [y]}\nlimit: 1"

    assert said(text) == [
        "imag: unknown key `imag` (did you mean `image`?)",
        "y: expected a whole number, found `y`",
        "limit: unknown key `limit` (did you mean `limits`?)",
    ]
    assert decoded(text).value is None


def test_a_key_given_twice_names_both_places() -> None:
    """The first one counts, and the second one is the problem."""
    text = "services:\n  a: {image: x, image: y}"

    found = decoded(text)

    [problem] = found.problems
    assert text.rindex("image") == problem.at.start
    assert [text.index("image")] == [related.at.start for related in problem.related]
    assert found.value is not None
    assert found.value.services["a"].image == "x"


def test_an_unknown_key_costs_nothing_else() -> None:
    """The rest of a record is still read, so that later checks can look at it."""
    found = decoded("services: {a: {image: x, colour: red}}")

    assert [problem.name for problem in found.problems] == ["unknown-key"]
    assert found.value is not None
    assert found.value.services["a"].image == "x"


_LEAVES = st.sampled_from(["", "~", "1", "x", "yes", "[", "4GiB", "latest", "!t x", "'q'"])
_TREES = st.recursive(
    _LEAVES.filter(lambda leaf: leaf != "["),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(
            st.sampled_from(["services", "a", "image", "ports", "gpu", "model", "limits", "at"]),
            inner,
            max_size=4,
        ).map(lambda pairs: "{" + ", ".join(f"{k}: {v}" for k, v in pairs.items()) + "}"),
    ),
    max_leaves=12,
)


@given(_TREES)
def test_any_tree_gives_a_value_or_a_problem(text: str) -> None:
    """Whatever its shape, a tree never ends in an exception, nor in silence."""
    nodes = parse_yaml(Slice.whole("lab.yaml", text))
    if isinstance(nodes, Problem) or not nodes:
        return

    found = decode(nodes[0], Lab)

    assert found.value is not None or found.problems
