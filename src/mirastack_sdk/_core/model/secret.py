"""The wrapper that keeps a secret out of text, logs and errors."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Never, Protocol, Self, final, get_args

_SHOWN = "**********"

type CoreSchema = Mapping[str, object]
type Convert = Callable[[object], object]


class _SchemaHandler(Protocol):
    """The handler that pydantic passes to a class that supplies its own schema."""

    mode: str

    @abstractmethod
    def generate_schema(self, source: object, /) -> CoreSchema:
        """The schema of another type."""

    @abstractmethod
    def __call__(self, schema: CoreSchema, /) -> Mapping[str, object]:
        """The JSON schema of a schema."""


@final
class Secret[Value]:
    """A value that only `reveal()` returns: `token: Secret[str]`.

    In text, logs, results and errors it appears as asterisks. Two secrets are equal if their values
    are. The secret of an empty value is false. Copying returns the same object; pickling raises
    `TypeError`, because it would write the value down.
    """

    __slots__ = ("_value",)

    def __init__(self, value: Value) -> None:
        self._value = value

    def reveal(self) -> Value:
        """Return the value itself."""
        return self._value

    def __str__(self) -> str:
        return _SHOWN if self else ""

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> Never:
        raise TypeError("a Secret cannot be pickled: that would write its value down")

    # pydantic asks a class for its schema, which is plain data, so pydantic is not imported here.

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: _SchemaHandler) -> CoreSchema:
        """Accept what the value's type accepts, wrapped in a secret or not."""
        inner = handler.generate_schema(next(iter(get_args(source)), str))
        return {
            "type": "function-wrap",
            "function": {"type": "no-info", "function": _enclosed},
            "schema": inner,
            "serialization": {
                "type": "function-plain",
                "function": _serialized,
                "info_arg": True,
                "return_schema": {"type": "any"},
            },
        }

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: _SchemaHandler
    ) -> dict[str, object]:
        """The JSON schema of the value, marked as write-only."""
        shown = {"type": "string"} if handler.mode == "serialization" else handler(schema)
        return {**shown, "writeOnly": True}


class _SerializationInfo(Protocol):
    mode: str


def _enclosed(value: object, convert: Convert) -> Secret[object]:
    if not isinstance(value, Secret):
        return Secret(convert(value))
    try:
        return Secret(convert(value.reveal()))
    except ValueError:
        # pydantic's own message contains the value.
        raise ValueError("what the secret holds is of another type") from None


def _serialized(secret: object, info: _SerializationInfo) -> object:
    return str(secret) if info.mode == "json" else secret
