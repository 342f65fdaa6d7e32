"""Dataclasses whose methods are compiled when they are first used.

The standard library compiles up to six functions for each dataclass when its module is imported,
and most processes call few of them: that was a fifth of an agent's start. The decorator here does
what `dataclasses.dataclass` does, and type checkers take it for that. It leaves the fields, the
slots and `__match_args__` to the standard library, and puts placeholders where the functions
belong. The first access to one makes the standard library compile that function, which takes its
place.
"""

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, fields
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING

__all__ = ["dataclass"]

_PARAMETERS = "__dataclass_params__"
_FIELDS = "__dataclass_fields__"
# How many values of a class are initialized before it is worth compiling `__init__`.
_FEW = 16


class _Placeholder:
    """Stands for a method of a dataclass until somebody uses it."""

    __slots__ = ("_name", "_owner", "_values")

    def __init__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name
        self._values = 0

    def __get__(self, instance: object, owner: type | None = None) -> object:
        # `inspect` asks for a method of the class itself.
        is_value = isinstance(instance, self._owner)
        if is_value and self._name == "__init__" and self._values < _FEW:
            self._values += 1
            return partial(_initialize, self._owner, instance)
        method = _compiled(self._owner, self._name)
        # Unless another thread, or a test that replaces the method, was faster.
        if vars(self._owner).get(self._name) is self:
            setattr(self._owner, self._name, method)
        return method if instance is None else method.__get__(instance)


def _compiled(owner: type, name: str) -> FunctionType:
    if name == "__init__":
        return _initializer(owner)
    if name == "__hash__":
        return _hasher(owner)
    # The method of a subclass that adds no fields is the same.
    names = {"__module__": owner.__module__, "__qualname__": owner.__qualname__}
    complete = dataclasses.dataclass(
        init=False,
        repr=name == "__repr__",
        eq=name == "__eq__",
        frozen=getattr(owner, _PARAMETERS).frozen,
        match_args=False,
    )
    method: FunctionType = vars(complete(type(owner)(owner.__name__, (owner,), names)))[name]
    return method


def _initialize(owner: type, value: object, /, *arguments: object, **keywords: object) -> None:
    """Do what `__init__` does, without compiling it."""
    declared = fields(owner)
    names = [found.name for found in declared if found.init]
    positions = [found.name for found in declared if found.init and not found.kw_only]
    given = dict(zip(positions, arguments, strict=False)) | keywords
    needed = {
        found.name
        for found in declared
        if found.init and found.default is MISSING and found.default_factory is MISSING
    }
    if len(given) < len(arguments) + len(keywords) or not needed <= given.keys() <= {*names}:
        # Python says what is wrong with the arguments.
        _compiled(owner, "__init__")(value, *arguments, **keywords)
        return
    assign = object.__setattr__ if getattr(owner, _PARAMETERS).frozen else setattr
    for found in declared:
        if found.name in given:
            assign(value, found.name, given[found.name])
        elif found.default_factory is not MISSING:
            assign(value, found.name, found.default_factory())
        elif found.default is not MISSING:
            assign(value, found.name, found.default)
    if hasattr(owner, "__post_init__"):
        value.__post_init__()  # type: ignore[attr-defined]  # it has one


class _Factory:
    """The default of a parameter whose field has a factory."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


def _initializer(owner: type) -> FunctionType:
    """Compile `__init__`: with it, the standard library compiles more for a frozen class."""
    is_frozen = getattr(owner, _PARAMETERS).frozen
    assignment = "_set(self, {0!r}, {1})" if is_frozen else "self.{0} = {1}"
    used: dict[str, object] = {"_set": object.__setattr__, "_factory": _FACTORY}
    positional, keywords, body = ["self"], ["*"], list[str]()
    for found in fields(owner):
        name, default = found.name, _default(found, used)
        value = name if found.init else default
        if found.default_factory is not MISSING and found.init:
            value, default = f"{default} if {name} is _factory else {name}", "_factory"
        if found.init:
            parameter = f"{name}={default}" if default else name
            (keywords if found.kw_only else positional).append(parameter)
        if value:
            body.append(assignment.format(name, value))
    if hasattr(owner, "__post_init__"):
        body.append("self.__post_init__()")
    arguments = positional + (keywords if len(keywords) > 1 else [])
    function = _function(owner, "__init__", arguments, body or ["pass"], used)
    taken = {found.name: found.type for found in fields(owner) if found.init}
    function.__annotations__ = {**taken, "return": None}
    return function


def _default(found: "dataclasses.Field[object]", used: dict[str, object]) -> str:
    """The expression of a field's default, whose name is noted in `used`; "" if there is none."""
    if found.default_factory is not MISSING:
        used[f"_make_{found.name}"] = found.default_factory
        return f"_make_{found.name}()"
    if found.default is not MISSING:
        used[f"_default_{found.name}"] = found.default
        return f"_default_{found.name}"
    return ""


def _hasher(owner: type) -> FunctionType:
    """Compile `__hash__`, which `dataclass` looks for in each default of a field.

    With it, too, the standard library compiles more for a frozen class.
    """
    hashed = (
        f"self.{found.name}, "
        for found in fields(owner)
        if (found.compare if found.hash is None else found.hash)
    )
    return _function(owner, "__hash__", ["self"], [f"return hash(({''.join(hashed)}))"], {})


def _function(
    owner: type, name: str, arguments: list[str], body: list[str], used: dict[str, object]
) -> FunctionType:
    """Compile a method in the module of its class; `used` are the names in it."""
    lines = [f"def _create({', '.join(used)}):", f" def {name}({', '.join(arguments)}):"]
    lines += [*(f"  {line}" for line in body), f" return {name}"]
    created: dict[str, Callable[..., FunctionType]] = {}
    exec("\n".join(lines), vars(sys.modules[owner.__module__]), created)  # noqa: S102 - as dataclasses
    function = created["_create"](**used)
    function.__qualname__ = f"{owner.__qualname__}.{name}"
    return function


def _refuse_assignment(value: object, name: str, new: object) -> None:
    if _is_frozen(value, name):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(value, name, new)


def _refuse_deletion(value: object, name: str) -> None:
    if _is_frozen(value, name):
        raise FrozenInstanceError(f"cannot delete field {name!r}")
    object.__delattr__(value, name)


def _is_frozen(value: object, name: str) -> bool:
    """Say whether an attribute is frozen; a subclass that is no dataclass may have others."""
    return _FIELDS in vars(type(value)) or name in getattr(value, _FIELDS)


def _state(value: object) -> list[object]:
    return [getattr(value, field.name) for field in fields(value)]  # type: ignore[arg-type]  # it is one


def _set_state(value: object, state: list[object]) -> None:
    for field, content in zip(fields(value), state, strict=True):  # type: ignore[arg-type]  # it is one
        object.__setattr__(value, field.name, content)


_FROZEN = {"__setattr__": _refuse_assignment, "__delattr__": _refuse_deletion}
# What copying and pickling use for values that cannot be assigned to.
_FROZEN_SLOTS = {"__getstate__": _state, "__setstate__": _set_state}
_UNUSUAL = frozenset(("__init__", "__eq__", "__hash__", *_FROZEN, *_FROZEN_SLOTS))


def _with_deferred_methods[T](
    cls: type[T] | None = None,
    /,
    *,
    eq: bool = True,
    repr: bool = True,  # noqa: A002 - as the standard library
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
) -> type[T] | Callable[[type[T]], type[T]]:
    def decorate(decorated: type[T]) -> type[T]:
        options = {"frozen": frozen, "slots": slots, "kw_only": kw_only}
        own = vars(decorated)
        # The standard library has the rules for rare options.
        if hasattr(decorated, _FIELDS) or not own.get("__doc__") or not _UNUSUAL.isdisjoint(own):
            return dataclasses.dataclass(eq=eq, repr=repr, **options)(decorated)
        plain = dataclasses.dataclass(
            init=False, repr=False, eq=False, slots=slots, kw_only=kw_only
        )
        return _completed(plain(decorated), eq=eq, repr=repr, frozen=frozen, slots=slots)

    return decorate if cls is None else decorate(cls)


def _completed[T](
    cls: type[T],
    *,
    eq: bool,
    repr: bool,  # noqa: A002 - as the standard library
    frozen: bool,
    slots: bool,
) -> type[T]:
    """Add to a dataclass what was left out."""
    parameters = getattr(cls, _PARAMETERS)
    parameters.init, parameters.repr = True, repr
    parameters.eq, parameters.frozen = eq, frozen
    methods: dict[str, object] = {"__init__": _Placeholder(cls, "__init__")}
    if repr and "__repr__" not in vars(cls):
        methods["__repr__"] = _Placeholder(cls, "__repr__")
    if eq:
        methods["__eq__"] = _Placeholder(cls, "__eq__")
        methods["__hash__"] = _Placeholder(cls, "__hash__") if frozen else None
    if frozen:
        methods |= _FROZEN_SLOTS | _FROZEN if slots else _FROZEN
    for name, method in methods.items():
        setattr(cls, name, method)
    return cls


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _with_deferred_methods
