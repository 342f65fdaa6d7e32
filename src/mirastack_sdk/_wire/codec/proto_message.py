"""The bases of generated messages and enums, and the fields of oneofs.

Not compiled: the classes that derive from these are not compiled either.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import MISSING, Field, dataclass
from enum import IntEnum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self  # noqa: TID251 - see where it is used

from mirastack_sdk._wire.codec.betterproto_loader import betterproto
from mirastack_sdk._wire.codec.checks import INT32
from mirastack_sdk._wire.codec.message_codec import CodecTable, MessageCodec
from mirastack_sdk._wire.codec.message_dict import Casing, json_dict, python_dict
from mirastack_sdk.errors import EncodeError

type _Declared = Any  # Any: the field of a dataclass stands for its value

_PLACEHOLDER: object = betterproto.PLACEHOLDER
_FIELDS = "__dataclass_fields__"


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError("use the codecs: betterproto does not check what it reads and writes")


class ProtoEnum(IntEnum):
    """A proto3 enum, which is open: a newer peer may send numbers that have no name here.

    Such a number becomes a value of the class that is not a member: it is an int, it compares,
    copies and pickles, and its name is `UNKNOWN_<number>`. It is not cached, so that a peer cannot
    fill the memory with names.
    """

    @classmethod
    def from_number(cls, number: int) -> Self:
        """Return the member with a number, or an unknown value; faster than calling the class.

        Raises ValueError for a number outside int32.
        """
        member = cls._value2member_map_.get(number)
        return cls(number) if member is None else member  # type: ignore[return-value]  # typeshed types the map's values as Enum; here they are members of cls

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not int or not INT32[0] <= value <= INT32[1]:
            return None
        unknown = int.__new__(cls, value)
        unknown._name_ = f"UNKNOWN_{value}"
        unknown._value_ = value
        return unknown

    @property
    def is_known(self) -> bool:
        """Whether the contract has a name for this number."""
        return self._value_ in type(self)._value2member_map_


class OneofField:
    """A field of a oneof: it is None unless it is set, and setting it removes the others."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._name = ""
        self._members: list[str] = []

    @classmethod
    def declare(cls, field: _Declared) -> _Declared:
        """Return betterproto's declaration of a field, as a field of its oneof."""
        field.default = cls(field.metadata["betterproto"].group)
        return field

    def __set_name__(self, owner: type[object], name: str) -> None:
        self._name = name
        groups: dict[str, list[str]] = vars(owner).get("_groups") or {}
        type.__setattr__(owner, "_groups", groups)
        self._members = groups.setdefault(self._group, [])
        self._members.append(name)

    def __get__(self, message: object, owner: type[object]) -> object:
        return self if message is None else vars(message).get(self._name)

    def __set__(self, message: object, value: object) -> None:
        fields = vars(message)
        for name in self._members:
            fields.pop(name, None)
        if value is not None:
            fields[self._name] = value


class _DeferredFields:
    """Stands for the fields of a message class until somebody asks for them.

    Only then does the standard library make a dataclass of it: for every message of the contract,
    that was a hundredth of an agent's start, and neither codecs nor agents ask.
    """

    __slots__ = ("_declared", "_owner")

    def __init__(self, owner: "type[ProtoMessage]", declared: Mapping[str, object]) -> None:
        self._owner = owner
        self._declared = declared

    def __get__(self, message: object, owner: type[object]) -> Mapping[str, object]:
        cls = self._owner
        body: dict[str, object] = {
            **self._declared,
            "__annotations__": cls.__annotations__,
            "__module__": cls.__module__,
        }
        # From a class that nobody else sees: other threads may use the messages meanwhile.
        made: type[object] = dataclass(eq=False, repr=False, init=False, kw_only=True)(
            type(cls.__name__, (), body)
        )
        for name in ("__dataclass_params__", _FIELDS):
            type.__setattr__(cls, name, vars(made)[name])
        fields: Mapping[str, object] = vars(made)[_FIELDS]
        return fields


class ProtoMessage(betterproto.Message):
    """The base of every message: betterproto's, but read and written by our codecs only.

    betterproto's parsers and serialisers do not check anything, so they must not see bytes from the
    network. Methods that can use our codec do so; the others raise `TypeError`.

    Every field has a value from the start, except those of oneofs. The hooks with which betterproto
    fills a field on first access, which account for most of the cost of an attribute, are therefore
    removed. A message that exists is sent, even if it is empty.

    `unknown_fields` has the bytes of the fields that were read and that the proto does not have,
    from a newer peer. They are written after the others.
    """

    unknown_fields: ClassVar[bytes | bytearray] = b""

    # betterproto's state. With an annotation, betterproto would treat it as a field.
    _serialized_on_wire = True
    _unknown_fields = b""

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]  # Any: as in typeshed
    else:
        __getattribute__ = object.__getattribute__
        __setattr__ = object.__setattr__
        dump = load = from_dict = from_json = from_pydict = _refuse

        @property
        def _group_current(self) -> dict[str, str | None]:
            groups = getattr(type(self), "_groups", {})
            fields = vars(self)
            return {
                group: next((name for name in names if name in fields), None)
                for group, names in groups.items()
            }

        def _raw_get(self, name: str) -> object:
            return vars(self).get(name, _PLACEHOLDER)

        # Betterproto's own access to a field, under the name that Python mangles it to.
        _Message__raw_get = _raw_get

    def __init_subclass__(cls) -> None:
        """Remove the declarations: only without an attribute of the class is Python fast.

        It caches where an instance has an attribute, unless the class has one of the same name.
        """
        super().__init_subclass__()
        if ProtoMessage not in cls.__bases__:
            return
        declared = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        for name, field in declared.items():
            if isinstance(field.default, OneofField):
                type.__setattr__(cls, name, field.default)
                field.default = None
            else:
                field.default = MISSING
                delattr(cls, name)
        type.__setattr__(cls, _FIELDS, _DeferredFields(cls, declared))

    def set_one(self, group: str, **fields: object) -> None:
        """Set the field of a oneof that is not None; raises TypeError if there are several."""
        given = [name for name, value in fields.items() if value is not None]
        if len(given) > 1:
            raise TypeError(f"{group} can have one field, got {' and '.join(given)}")
        for name in given:
            setattr(self, name, fields[name])

    def __bytes__(self) -> bytes:
        return codec_of(type(self)).encode(self)

    def __len__(self) -> int:
        return len(bytes(self))

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        if vars(self) == vars(other):
            return True
        ours, theirs = _known(self), _known(other)
        return ours.keys() == theirs.keys() and all(
            _is_equal(value, theirs[name]) for name, value in ours.items()
        )

    __hash__ = None  # type: ignore[assignment]  # messages change

    def __copy__(self) -> Self:
        return _restore(type(self), vars(self))

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        twin = _restore(type(self), {})
        memo = {} if memo is None else memo
        memo[id(self)] = twin
        vars(twin).update(deepcopy(vars(self), memo))
        return twin

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[type[Self], dict[str, object]]]:
        return _restore, (type(self), vars(self))

    @classmethod
    def FromString(cls, data: bytes) -> Self:  # noqa: N802 - betterproto's name
        """Return the message that `data` encodes."""
        return codec_of(cls).decode(data)

    def parse(self, data: bytes) -> Self:
        """Replace every field of the message by those that `data` encodes."""
        fields = vars(self.FromString(data))
        vars(self).clear()
        vars(self).update(fields)
        return self

    def to_dict(
        self, casing: Casing = betterproto.Casing.CAMEL, include_default_values: bool = False
    ) -> dict[str, Any]:  # Any: as in betterproto
        """Return the fields as proto3's JSON has them; those that are zero only if asked for."""
        return json_dict(self, casing, include_defaults=include_default_values)

    def to_pydict(
        self, casing: Casing = betterproto.Casing.CAMEL, include_default_values: bool = False
    ) -> dict[str, Any]:  # Any: as in betterproto
        """Return the fields with Python's values; those that are zero only if asked for."""
        return python_dict(self, casing, include_defaults=include_default_values)

    def is_set(self, name: str) -> bool:
        """Whether a field is neither None nor, if it cannot be absent, zero."""
        meta = self._betterproto.meta_by_field_name[name]
        if meta.group:
            return name in vars(self)
        zero = None if meta.optional else self._get_field_default(name)
        value: object = getattr(self, name)
        return value != zero

    @classmethod
    def _get_field_default_gen(cls, field: Field[object]) -> Callable[[], object]:
        if field.metadata["betterproto"].group:
            return type(None)
        hint = cls._type_hint(field.name)
        if isinstance(hint, type) and issubclass(hint, ProtoEnum):
            return _zero(hint)
        return super()._get_field_default_gen(field)


def _zero(enum_type: type[ProtoEnum]) -> Callable[[], object]:
    return lambda: enum_type(0)


def _restore[M: ProtoMessage](cls: type[M], fields: Mapping[str, object]) -> M:
    message = cls.__new__(cls)
    vars(message).update(fields)
    return message


def _known(message: object) -> dict[str, object]:
    """Return the fields that the proto has; as in betterproto, only they count as equal or not."""
    return {name: value for name, value in vars(message).items() if name != "unknown_fields"}


def _is_equal(ours: object, theirs: object) -> bool:
    """Whether two values are equal; as in betterproto, not a number is equal to itself."""
    both_floats = isinstance(ours, float) and isinstance(theirs, float)
    return ours == theirs or (both_floats and ours != ours and theirs != theirs)  # noqa: PLR0124 - only NaN differs from itself


@cache
def _table(module: str) -> CodecTable:
    table: CodecTable = import_module(f"{module.rpartition('.')[0]}.protobuf_codec").CODECS
    return table


def codec_of[M: ProtoMessage](cls: type[M]) -> MessageCodec[M]:
    """Return the protobuf codec of a class, which is beside the module of its messages.

    Raises EncodeError for a class that was not generated.
    """
    try:
        table = _table(cls.__module__)
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.endswith("protobuf_codec"):
            raise
        raise EncodeError(f"there is no codec for {cls.__name__}") from None
    return table.for_type(cls)
