"""The errors of config classes that cannot be declared, each with what to write instead."""

from collections.abc import Iterator, Sequence

from mirastack_sdk._actions.convert.parameter_errors import expected_text
from mirastack_sdk._actions.types.adapters import TypedValue, UnusableTypeError
from mirastack_sdk._core.redaction.clean import describe_exception


def unreadable(error: Exception) -> str:
    """For a class that cannot be a config class."""
    return f"it cannot be a config class ({error}): write a dataclass or a pydantic model"


def unusable(name: str, kind: object, error: UnusableTypeError) -> str:
    """For a field whose type text cannot be converted to."""
    if error.is_limit:
        return unusable_limit(name, error)
    written = getattr(kind, "__name__", str(kind))
    return (
        f'"{name}" is of type {written}, to which text cannot be converted ({error}): use str, '
        "int, bool, timedelta, list, Literal or Secret[str], and open connections with Depends"
    )


def unusable_limit(name: str, error: Exception) -> str:
    """For a field with a limit that is wrong or without effect."""
    return f'"{name}" has a limit that cannot be checked: {error}'


def twice(key: str) -> str:
    """For two fields with the same key."""
    return f'two fields have the key "{key}"'


def path_alias(name: str) -> str:
    """For a field whose alias leads into another value."""
    return (
        f'the alias of "{name}" is a path, and the key of a config parameter is a name: '
        'write Field(validation_alias="name"), or add a name to AliasChoices'
    )


def of_field(name: str, text: str, variables: Sequence[str], value: TypedValue) -> Iterator[str]:
    """The errors of a field whose type can be converted."""
    if not text.strip():
        yield (
            f'"{name}" has no description for operators: write Annotated[..., "text"], or describe '
            "it under Attributes: in the docstring"
        )
    if len(variables) > 1 or not all(map(_can_be_set, variables)):
        yield f'Env of "{name}" must name one variable, such as Env("BACKEND_URL")'
    if value.shape.root.kind in {"any", "null"}:
        yield f'the type of "{name}" describes no value: use a specific type, such as str'


def wrong_default(name: str, value: TypedValue) -> str:
    """For a default that does not match the type."""
    return f'the default of "{name}" does not match its type: {expected_text(value.shape)}'


def failed_default(name: str, error: Exception) -> str:
    """For a default whose factory raises."""
    return f'the default of "{name}" cannot be made: {describe_exception(error)}'


def _can_be_set(variable: object) -> bool:
    return isinstance(variable, str) and variable.isprintable() and bool(variable.strip("= "))
