"""Dataclasses that are cheap to define: what makes one is compiled when many are made.

The standard library compiles six methods a class with `exec`. There are hundreds of classes here,
and a command makes values of a third of them: defining them took half the time until the first
file was read (`./lk bench audit`; `python -X importtime`).
"""

import dataclasses
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING
from operator import attrgetter, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **options):
        """As the standard library's, with `frozen`, `slots`, `eq`, `order` and `kw_only`."""
        made = lambda cls: _defined(cls, **options)  # noqa: E731
        return made if cls is None else made(cls)


__all__ = ["dataclass"]

_UNSET: Final = object()
_set: Final = object.__setattr__


def _defined(  # noqa: PLR0913 - its options are the standard library's
    cls: type[Any], *, frozen: bool = False, eq: bool = True, order: bool = False,
    slots: bool = False, kw_only: bool = False,
) -> type[Any]:  # fmt: skip
    given = cls.__dict__
    own = {
        name: _Part(kind, given.get(name, MISSING), kw_only)
        for name, kind in inspect.get_annotations(cls).items()
        if not _is_of_class(kind)
    }
    parts = {**_inherited(cls), **own}
    methods: dict[str, Any] = {"__init__": _first(parts), "__repr__": _repr, "__parts__": parts}
    methods.update((name, _Described()) for name in _DESCRIBED)
    if eq:
        methods |= _compared(parts, frozen=frozen)
    if order:
        methods |= _ordered(parts)
    if frozen:
        methods |= _FROZEN
    for name in methods.keys() & given.keys():
        if name != "__hash__" or not ("__eq__" in given and frozen):
            del methods[name]
    return _slotted(cls, own, parts, methods) if slots else _filled(cls, own, methods)


class _Part:
    """One field, as it stands in its class."""

    __slots__ = ("given", "kind", "kw_only")

    def __init__(self, kind: object, given: Any, kw_only: bool) -> None:
        self.kind, self.given, self.kw_only = kind, given, kw_only

    @property
    def compare(self) -> bool:
        """Whether two values differ by it."""
        return self.given.compare if isinstance(self.given, dataclasses.Field) else True

    @property
    def field(self) -> "dataclasses.Field[Any]":
        """As the standard library has it."""
        given = self.given
        if not isinstance(given, dataclasses.Field):
            given = dataclasses.field(default=given)
        made: dataclasses.Field[Any] = dataclasses.field(
            default=given.default, default_factory=given.default_factory, repr=given.repr,
            hash=given.hash, compare=given.compare, metadata=given.metadata,
            kw_only=self.kw_only if given.kw_only is MISSING else given.kw_only,
        )  # fmt: skip
        return made


def _is_of_class(kind: object) -> bool:
    if isinstance(kind, str):
        return kind.startswith(("ClassVar", "typing.ClassVar"))
    return kind is ClassVar or getattr(kind, "__origin__", None) is ClassVar


def _inherited(cls: type[Any]) -> dict[str, _Part]:
    parts: dict[str, _Part] = {}
    for base in cls.__mro__[:0:-1]:
        parts.update(base.__dict__.get("__parts__", ()))
    return parts


def _slotted(
    cls: type[Any], own: Collection[str], parts: Collection[str], methods: dict[str, Any]
) -> type[Any]:
    """The class anew: to one that is there no slots can be given."""
    above = {slot for base in cls.__mro__[1:-1] for slot in base.__dict__.get("__slots__", ())}
    body = {name: value for name, value in cls.__dict__.items() if name not in own}
    del body["__dict__"], body["__weakref__"]
    body |= methods
    body["__slots__"] = tuple(name for name in parts if name not in above)
    body["__qualname__"] = cls.__qualname__
    kind: Any = type(cls)
    made: type[Any] = kind(cls.__name__, cls.__bases__, body)
    return made


def _filled(cls: type[Any], own: Mapping[str, _Part], methods: Mapping[str, Any]) -> type[Any]:
    for name, method in methods.items():
        setattr(cls, name, method)
        if isinstance(method, _Described):
            method.__set_name__(cls, name)
    for name, part in own.items():
        if not isinstance(part.given, dataclasses.Field):
            continue
        if part.given.default is MISSING:
            delattr(cls, name)
        else:
            setattr(cls, name, part.given.default)
    return cls


# What the standard library keeps of a dataclass, and reads when it lists or replaces its parts.
_DESCRIBED: Final = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")


class _Described:
    """An attribute that the standard library is asked for when somebody reads it."""

    def __set_name__(self, cls: type[Any], name: str) -> None:
        self.cls, self.name = cls, name

    def __get__(self, _value: object, _cls: object) -> Any:
        parts: dict[str, _Part] = self.cls.__parts__
        kinds = {name: part.kind for name, part in parts.items()}
        body = {name: part.field for name, part in parts.items()}
        # Without a text of its own it would be given a long one.
        alike = type(self.cls.__name__, (), {**body, "__annotations__": kinds, "__doc__": "-"})
        alike.__module__ = self.cls.__module__
        dataclasses.dataclass(init=False, repr=False, eq=False)(alike)
        for name in _DESCRIBED:
            if isinstance(self.cls.__dict__[name], _Described):
                setattr(self.cls, name, alike.__dict__[name])
        return alike.__dict__[self.name]


def _first(parts: Mapping[str, _Part]) -> Callable[..., None]:
    """The `__init__` of the first value."""

    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: N807
        bases: tuple[Any, ...] = type(self).__mro__
        cls = next(each for each in bases if each.__dict__.get("__parts__") is parts)
        cls.__init__ = _few(cls)
        cls.__init__(self, *given, **named)

    return __init__


# To compile takes as long as forty values without, and of most classes a run makes fewer than ten.
_FEW: Final = 16


def _few(cls: type[Any]) -> Callable[..., None]:
    """The `__init__` of a few values; whatever is not plain is left to the one that is compiled."""
    fields = {name: part.field for name, part in cls.__parts__.items()}
    plain = [name for name, item in fields.items() if not item.kw_only]
    usual = {name: item.default for name, item in fields.items() if item.default is not MISSING}
    makers = {
        name: item.default_factory
        for name, item in fields.items()
        if item.default_factory is not MISSING
    }
    usual |= dict.fromkeys(makers, _UNSET)
    left = _FEW

    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: N807
        nonlocal left
        left -= 1
        bound = dict(zip(plain, given, strict=False)) | named
        values = usual | bound
        once = len(bound) == len(given) + len(named)
        if left < 0 or not once or values.keys() != fields.keys():
            cls.__init__ = _compiled(cls)
            cls.__init__(self, *given, **named)
            return
        for name, value in values.items():
            _set(self, name, makers[name]() if value is _UNSET else value)
        if hasattr(cls, "__post_init__"):
            self.__post_init__()

    return __init__


def _compiled(cls: type[Any]) -> Callable[..., None]:
    names: dict[str, Any] = {"_set": _set, "_unset": _UNSET}
    plain, keyed, body = ["self"], list[str](), list[str]()
    for name, part in cls.__parts__.items():
        item, value, parameter = part.field, name, name
        if item.default is not MISSING:
            names[f"_default_{name}"] = item.default
            parameter = f"{name}=_default_{name}"
        elif item.default_factory is not MISSING:
            names[f"_make_{name}"] = item.default_factory
            parameter = f"{name}=_unset"
            value = f"_make_{name}() if {name} is _unset else {name}"
        (keyed if item.kw_only else plain).append(parameter)
        body.append(f" _set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    parameters = ", ".join([*plain, *(["*", *keyed] if keyed else [])])
    exec(f"def __init__({parameters}):\n" + ("\n".join(body) or " pass"), names)  # noqa: S102
    made: Callable[..., None] = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _repr(self: Any) -> str:
    parts: dict[str, _Part] = self.__parts__
    shown = (f"{name}={getattr(self, name)!r}" for name, part in parts.items() if part.field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _compared(parts: Mapping[str, _Part], *, frozen: bool) -> dict[str, Any]:
    names = [name for name, part in parts.items() if part.compare]
    values = attrgetter(*names) if names else type

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return (
            values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented
        )

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__ if frozen else None}


def _ordered(parts: Mapping[str, _Part]) -> dict[str, Any]:
    values = attrgetter(*(name for name, part in parts.items() if part.compare))

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
