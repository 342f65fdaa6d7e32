"""What of a class of settings no operator could set, each in a sentence that says what to write."""

from collections.abc import Iterator, Sequence

from mirastack_sdk._actions.convert.parameter_errors import expected_text
from mirastack_sdk._actions.types.adapters import TypedValue

__all__ = ["of_field", "twice", "unreadable", "unusable", "wrong_default"]


def unreadable(error: Exception) -> str:
    """Of a class that is no class of settings."""
    return (
        f"a configuration cannot be read from it ({error}): write a dataclass or a pydantic model"
    )


def unusable(name: str, kind: object, error: Exception) -> str:
    """Of a field that no text can be converted to."""
    written = getattr(kind, "__name__", str(kind))
    return (
        f'"{name}" is of type {written}, which no text can be converted to ({error}): use str, '
        "int, bool, timedelta, list, Literal or Secret[str], and open what it leads to with Depends"
    )


def twice(key: str) -> str:
    """Of two fields that have one key."""
    return f'two fields are called "{key}"'


def of_field(name: str, text: str, variables: Sequence[str], value: TypedValue) -> Iterator[str]:
    """What is wrong with a field whose type itself can be converted."""
    if not text.strip():
        yield (
            f'nothing tells an operator what "{name}" is: write Annotated[..., "text"], or name it '
            "under Attributes: in the docstring"
        )
    if len(variables) > 1 or not all(map(_can_be_set, variables)):
        yield f'Env of "{name}" names one variable, such as Env("BACKEND_URL")'
    if value.shape.root.kind in {"any", "null"}:
        yield f'the type of "{name}" says nothing to an operator: write what it is, such as str'


def wrong_default(name: str, value: TypedValue) -> str:
    """Of a default that its own type does not admit."""
    return f'the default of "{name}" is not what its type says: {expected_text(value.shape)}'


def _can_be_set(variable: object) -> bool:
    return isinstance(variable, str) and variable.isprintable() and bool(variable.strip("= "))
