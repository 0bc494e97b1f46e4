"""What is compiled when it is first used: what makes a dataclass, and regular expressions.

The standard library compiles six methods a class with `exec`. There are hundreds of classes here,
and a command makes values of a third of them: defining them took half the time until the first
file was read (`./lk bench audit`; `python -X importtime`). Of two hundred regular expressions it
needs twenty.
"""

import dataclasses
import re
from collections.abc import Callable
from operator import attrgetter, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **options):
        """As the standard library's, with `frozen`, `slots`, `eq`, `order` and `kw_only`."""
        made = lambda cls: _defined(cls, **options)  # noqa: E731
        return made if cls is None else made(cls)


__all__ = ["dataclass", "regex"]

_UNSET: Final = object()


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, for what a module defines: nothing is compiled before it is asked for."""
    return cast("re.Pattern[str]", _Regex(pattern, flags))


class _Regex:
    __slots__ = ("__dict__", "_flags", "pattern")

    _PARTS: Final = frozenset(
        {"findall", "finditer", "flags", "fullmatch", "groupindex", "groups", "match", "search"}
        | {"split", "sub", "subn"}
    )

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        if name not in self._PARTS:
            raise AttributeError(name, name=name, obj=self)
        made = re.compile(self.pattern, self._flags)
        # From here on they are plain attributes, as quick as those of the pattern itself.
        vars(self).update((part, getattr(made, part)) for part in self._PARTS)
        return getattr(made, name)

    def __repr__(self) -> str:
        return f"regex({self.pattern!r})"


def _defined(
    cls: type[Any], *, frozen: bool = False, eq: bool = True, order: bool = False, **options: bool
) -> type[Any]:
    given = frozenset(vars(cls))
    # The standard library never hears of `frozen`: it would compile two methods, and want all that
    # is above and below to be frozen, too.
    cls = dataclasses.dataclass(init=False, repr=False, eq=False, frozen=False, **options)(cls)
    methods: dict[str, Any] = {"__init__": _first(cls), "__repr__": _repr}
    if eq:
        methods |= _compared(cls, frozen=frozen)
    if order:
        methods |= _ordered(cls)
    if frozen:
        methods |= _FROZEN
    for name, method in methods.items():
        if name not in given or (name == "__hash__" and "__eq__" in given and frozen):
            setattr(cls, name, method)
    return cls


def _first(cls: type[Any]) -> Callable[..., None]:
    """The `__init__` of the first value, which compiles that of all others."""

    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: N807
        cls.__init__ = _init(cls)
        cls.__init__(self, *given, **named)

    return __init__


def _init(cls: type[Any]) -> Callable[..., None]:
    names: dict[str, Any] = {"_set": object.__setattr__, "_unset": _UNSET}
    plain, keyed, body = ["self"], list[str](), list[str]()
    for item in dataclasses.fields(cls):
        value = item.name
        if item.default is not dataclasses.MISSING:
            names[f"_default_{item.name}"] = item.default
            parameter = f"{item.name}=_default_{item.name}"
        elif item.default_factory is not dataclasses.MISSING:
            names[f"_make_{item.name}"] = item.default_factory
            parameter = f"{item.name}=_unset"
            value = f"_make_{item.name}() if {item.name} is _unset else {item.name}"
        else:
            parameter = item.name
        (keyed if item.kw_only else plain).append(parameter)
        body.append(f" _set(self, {item.name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    parameters = ", ".join([*plain, *(["*", *keyed] if keyed else [])])
    exec(f"def __init__({parameters}):\n" + ("\n".join(body) or " pass"), names)  # noqa: S102
    made: Callable[..., None] = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _repr(self: Any) -> str:
    shown = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _compared(cls: type[Any], *, frozen: bool) -> dict[str, Any]:
    names = [item.name for item in dataclasses.fields(cls) if item.compare]
    values = attrgetter(*names) if names else type

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return (
            values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented
        )

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__ if frozen else None}


def _ordered(cls: type[Any]) -> dict[str, Any]:
    values = attrgetter(*(item.name for item in dataclasses.fields(cls) if item.compare))

    def compared(by: Callable[[Any, Any], bool]) -> Callable[[Any, object], bool]:
        def compare(self: Any, other: object) -> bool:
            same = other.__class__ is self.__class__
            return by(values(self), values(other)) if same else NotImplemented

        return compare

    return {f"__{by.__name__}__": compared(by) for by in (lt, le, gt, ge)}


def _refuse(self: Any, name: str, _value: object = None) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change `{name}` of a {type(self).__name__}")


def _unpickled(self: Any, state: Any) -> None:
    """Without it a value with slots would be filled by the method that refuses."""
    for part in filter(None, state if isinstance(state, tuple) else (state,)):
        for name, value in part.items():
            object.__setattr__(self, name, value)


_FROZEN: Final = {"__setattr__": _refuse, "__delattr__": _refuse, "__setstate__": _unpickled}
