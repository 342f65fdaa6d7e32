# What the generated code and its tests use of betterproto 2.0.0b7. See stubs/README.md.

from collections.abc import Callable, Mapping
from dataclasses import Field
from typing import Any, Protocol, Self

TYPE_BOOL: str
TYPE_BYTES: str
TYPE_DOUBLE: str
TYPE_ENUM: str
TYPE_FIXED32: str
TYPE_FIXED64: str
TYPE_FLOAT: str
TYPE_INT32: str
TYPE_INT64: str
TYPE_MESSAGE: str
TYPE_SFIXED32: str
TYPE_SFIXED64: str
TYPE_SINT32: str
TYPE_SINT64: str
TYPE_STRING: str
TYPE_UINT32: str
TYPE_UINT64: str

PLACEHOLDER: object

class FieldMetadata:
    number: int
    optional: bool
    group: str | None
    map_types: tuple[str, str] | None
    proto_type: str
    wraps: str | None

class Casing:
    CAMEL: Callable[[str], str]
    SNAKE: Callable[[str], str]

class ProtoClassMetadata:
    meta_by_field_name: Mapping[str, FieldMetadata]

class Message:
    _serialized_on_wire: bool
    _unknown_fields: bytes
    _group_current: dict[str, str | None]
    @property
    def _betterproto(self) -> ProtoClassMetadata: ...
    @classmethod
    def _type_hint(cls, field_name: str) -> object: ...
    @classmethod
    def _get_field_default_gen(cls, field: Field[object]) -> Callable[[], object]: ...
    def _get_field_default(self, field_name: str) -> object: ...
    def __bool__(self) -> bool: ...
    def __bytes__(self) -> bytes: ...
    def __len__(self) -> int: ...
    def SerializeToString(self) -> bytes: ...  # noqa: N802 - its name
    @classmethod
    def FromString(cls, data: bytes) -> Self: ...  # noqa: N802 - its name
    def parse(self, data: bytes) -> Self: ...
    def is_set(self, name: str) -> bool: ...
    def to_dict(
        self, casing: Callable[[str], str] = ..., include_default_values: bool = ...
    ) -> dict[str, Any]: ...
    def to_json(self, indent: int | None = ..., include_default_values: bool = ...) -> str: ...
    def to_pydict(
        self, casing: Callable[[str], str] = ..., include_default_values: bool = ...
    ) -> dict[str, Any]: ...

class _Field(Protocol):
    # Any: a declaration stands for the field's default, whatever the field's type.
    def __call__(self, number: int, *, group: str | None = ..., optional: bool = ...) -> Any: ...  # noqa: ANN401 - as above

class _MessageField(Protocol):
    def __call__(
        self,
        number: int,
        *,
        group: str | None = ...,
        wraps: str | None = ...,
        optional: bool = ...,
    ) -> Any: ...  # noqa: ANN401 - as above

class _MapField(Protocol):
    def __call__(self, number: int, key_type: str, value_type: str) -> Any: ...  # noqa: ANN401 - as above

bool_field: _Field
bytes_field: _Field
double_field: _Field
enum_field: _Field
fixed32_field: _Field
fixed64_field: _Field
float_field: _Field
int32_field: _Field
int64_field: _Field
map_field: _MapField
message_field: _MessageField
sfixed32_field: _Field
sfixed64_field: _Field
sint32_field: _Field
sint64_field: _Field
string_field: _Field
uint32_field: _Field
uint64_field: _Field

def serialized_on_wire(message: Message) -> bool: ...
def which_one_of(message: Message, group_name: str) -> tuple[str, object]: ...
