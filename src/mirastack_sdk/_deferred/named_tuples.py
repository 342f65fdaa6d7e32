"""Named tuples whose constructors are compiled when they are first used.

The standard library compiles a function for each class when its module is imported, and checks the
annotations of the fields: for all of ours that was a twentieth of an agent's start. `NamedTuple`
makes the same classes, and type checkers take it for `typing.NamedTuple`. A placeholder stands for
each constructor: the first access to it compiles the constructor, which takes its place.
"""

import collections
import sys
from collections.abc import Iterable
from functools import cache
from types import CodeType, FunctionType, MappingProxyType
from typing import TYPE_CHECKING, Self

__all__ = ["NamedTuple"]

_ANNOTATIONS = "__annotations__"
_CONSTRUCTOR = "__new__"

# The standard library's own way to read a field: the quickest, where Python has it in C.
_field = collections._tuplegetter  # type: ignore[attr-defined]  # noqa: SLF001 - no stub knows it
# What the standard library raises where `_replace` gets a name that no field has.
_UNEXPECTED = TypeError if sys.version_info >= (3, 13) else ValueError


class _Record(tuple[object, ...]):
    """What all named tuples have in common; each has its fields and a constructor."""

    __slots__ = ()

    # Without annotations, which `typing.get_type_hints` would take for those of fields.
    _fields = tuple[str, ...]()
    _field_defaults = MappingProxyType[str, object]({})

    @classmethod
    def _make(cls, values: Iterable[object]) -> Self:
        """Return the tuple of these values, one for each field."""
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, /, **values: object) -> Self:
        """Return the same tuple with other values of the named fields."""
        replaced = self._make(map(values.pop, self._fields, self))
        if values:
            raise _UNEXPECTED(f"Got unexpected field names: {list(values)!r}")
        return replaced

    def _asdict(self) -> dict[str, object]:
        """Return the values by the names of their fields."""
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
        return f"{type(self).__name__}({fields})"

    def __getnewargs__(self) -> tuple[object, ...]:
        """Return what makes a copy, or the tuple that was pickled."""
        return tuple(self)


class _Placeholder:
    """Stands for the constructor of a named tuple until somebody uses it."""

    __slots__ = ("_owner",)

    def __set_name__(self, owner: type[_Record], name: str) -> None:
        self._owner = owner

    def __get__(self, instance: object, owner: type | None = None) -> FunctionType:
        constructor = _constructor(self._owner)
        # If another thread was faster, its constructor is the same.
        setattr(self._owner, _CONSTRUCTOR, staticmethod(constructor))
        return constructor


def _constructor(owner: type[_Record]) -> FunctionType:
    # With other names, the code for a number of fields is that for all tuples with so many.
    code = _code(len(owner._fields)).replace(co_varnames=("_cls", *owner._fields))
    used = {"_new": tuple.__new__, "__name__": f"namedtuple_{owner.__name__}"}
    function = FunctionType(code, used, _CONSTRUCTOR, tuple(owner._field_defaults.values()))
    function.__qualname__ = f"{owner.__qualname__}.{_CONSTRUCTOR}"
    function.__annotations__ = vars(owner).get(_ANNOTATIONS, {})
    return function


@cache
def _code(fields: int) -> CodeType:
    """Compile the constructor of tuples with a number of fields.

    Not with **values: like the standard library's, it is as quick as a function.
    """
    names = "".join(f"_{index}, " for index in range(fields))
    function: FunctionType = eval(f"lambda _cls, {names}: _new(_cls, ({names}))")  # noqa: S307 - as namedtuple
    return function.__code__.replace(co_name=_CONSTRUCTOR, co_qualname=_CONSTRUCTOR)


class _NamedTupleType(type):
    """Makes a named tuple from the body of a class that derives from `NamedTuple`."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
        annotations = namespace.get(_ANNOTATIONS)
        fields = tuple(annotations) if isinstance(annotations, dict) else ()
        defaults = {field: namespace[field] for field in fields if field in namespace}
        own: dict[str, object] = {
            "__slots__": (),
            "__match_args__": fields,
            "_fields": fields,
            "_field_defaults": defaults,
            _CONSTRUCTOR: _Placeholder(),
        }
        getters = {field: _field(index, None) for index, field in enumerate(fields)}
        # The others are those of a generic class.
        bases = tuple(_Record if base is _Base else base for base in bases)
        return type(name, bases, namespace | own | getters)


_Base = type.__new__(_NamedTupleType, "NamedTuple", (), {})


class _DeferredNamedTuple:
    """What classes derive from; like that of the standard library, it is no class itself."""

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (_Base,)


# From Python 3.14 on, the annotations in the body of a class are computed when they are read.
if TYPE_CHECKING or sys.version_info >= (3, 14):
    from typing import NamedTuple
else:
    NamedTuple = _DeferredNamedTuple()
