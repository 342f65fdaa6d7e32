"""The arguments of an action's function, converted from the parameters of a request."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import TypeAdapter, ValidationError

from mirastack_sdk._actions.convert.error_places import errors_of
from mirastack_sdk._actions.convert.parameter_errors import (
    closest,
    missing_error,
    parameter_errors,
    path_text,
    preview,
    wrong_value_error,
)
from mirastack_sdk._actions.convert.scalars import UNREAD
from mirastack_sdk._actions.convert.value_reader import read
from mirastack_sdk._actions.signature.action_parameters import Parameter
from mirastack_sdk._actions.signature.dependencies import RangeOf
from mirastack_sdk._actions.signature.signatures import Signature
from mirastack_sdk._actions.types.adapters import is_strict
from mirastack_sdk._actions.types.shapes import TypeShape
from mirastack_sdk._core.model.execution import ACTION_PARAM

_MOST_SENTENCES = 10
# No whole number with so few digits needs a check before it is converted.
_FEW_DIGITS = 18
_BLANK_FORMATS = frozenset({"", "binary", "path", "password"})


class Arguments:
    """The arguments of one call, by the function's names for them.

    With `errors` the function must not be called; `notes` only tell the model something.
    """

    __slots__ = ("errors", "notes", "values")

    def __init__(
        self, *, values: Mapping[str, object], errors: tuple[str, ...], notes: tuple[str, ...]
    ) -> None:
        self.values = values
        self.errors = errors
        self.notes = notes


def convert_parameters(
    params: Mapping[str, str], signature: Signature, *, exact_names: bool
) -> Arguments:
    """The arguments for a request's parameters, and all errors in the parameters.

    A parameter that the action does not have is an error if it looks like a misspelling of one that
    is missing. With `exact_names` it is always an error, because an action that changes something
    must not run differently from what was meant. Otherwise it is ignored with a note.

    Raises only what the author's own validators raise, except `ValueError`.
    """
    values: dict[str, object] = {}
    found: list[str] = []
    for parameter in signature.parameters.values():
        found += _fill(values, parameter, params.get(parameter.name))
    notes: list[str] = []
    known = [name for name in signature.parameters if name not in params]
    for name in params:
        if name in signature.parameters or name == ACTION_PARAM or _is_expected(name, signature):
            continue
        meant = closest(name, known)
        if exact_names or meant:
            hint = f"did you mean {meant}?" if meant else _existing(signature)
            found.append(f"{path_text(_short(name), ())} is not a parameter of this action: {hint}")
        else:
            notes.append(
                f"{_short(name)} was ignored because it is not a parameter of this action: "
                f"{_existing(signature)}"
            )
    return Arguments(values=values, errors=tuple(found), notes=tuple(notes))


def _bounded(sentences: Iterable[str]) -> list[str]:
    """The errors of one parameter, without duplicates and at most ten."""
    found = list(dict.fromkeys(sentences))
    more = len(found) - _MOST_SENTENCES
    return found if more <= 0 else [*found[:_MOST_SENTENCES], f"and {more} more of the kind"]


def _fill(values: dict[str, object], parameter: Parameter, text: str | None) -> Iterable[str]:
    """Convert one parameter, and return the errors in it."""
    root = parameter.value.shape.root
    value: object = UNREAD
    # Most parameters are texts and whole numbers, which need no reader.
    if text is not None and not (root.format or root.nullable or root.choices):
        if root.kind == "string":
            value = text
        elif root.kind == "integer" and len(text) <= _FEW_DIGITS and text.isdecimal():
            value = int(text)
    if value is UNREAD:
        return _bounded(_fill_by_shape(values, parameter, text))
    try:
        try:
            values[parameter.argument] = parameter.value.adapter.validate_python(value)
        except ValidationError as error:
            return _bounded(_fill_leniently(values, parameter, value, error))
    except RecursionError:
        return (_too_deep(parameter),)
    return ()


def _fill_by_shape(
    values: dict[str, object], parameter: Parameter, text: str | None
) -> Iterator[str]:
    shape = parameter.value.shape
    # The engine sends null as an empty text.
    if text is None or (not text.strip() and not _takes_blank(shape)):
        if parameter.schema.required:
            yield missing_error(parameter.name, shape)
        return
    try:
        reading = read(text, shape)
        try:
            if not reading.endless:
                adapter = parameter.value.adapter
                values[parameter.argument] = adapter.validate_python(reading.value)
        except ValidationError as error:
            yield from _fill_leniently(values, parameter, reading.value, error)
    except RecursionError:
        yield _too_deep(parameter)
        return
    for path in reading.wrong:
        yield wrong_value_error(parameter.name, path, reading.value, shape)
    for path in reading.unknown:
        yield f"{path_text(parameter.name, path)} is not allowed here"


def _too_deep(parameter: Parameter) -> str:
    return f"{parameter.name} is nested too deeply"


def _fill_leniently(
    values: dict[str, object], parameter: Parameter, value: object, error: ValidationError
) -> Iterator[str]:
    """Convert what a strict type has refused, as `validated` does; else report the error."""
    adapter = parameter.value.adapter
    if is_strict(adapter):
        try:
            values[parameter.argument] = adapter.validate_python(value, strict=False)
        except ValidationError as lenient_error:
            error = lenient_error
        else:
            return
    yield from parameter_errors(parameter.name, value, parameter.value.shape, errors_of(error))


def validated[Value](adapter: TypeAdapter[Value], value: object) -> Value:
    """A value that was read from JSON, as the adapter converts it; raises `ValidationError`.

    Strict types also accept what JSON can express: a list as a tuple, text as a UUID.
    """
    try:
        return adapter.validate_python(value)
    except ValidationError:
        if not is_strict(adapter):
            raise
    return adapter.validate_python(value, strict=False)


def _takes_blank(shape: TypeShape) -> bool:
    """Whether an empty text is a value or means None."""
    return shape.is_nullable(shape.root) or takes_empty_text(shape)


def takes_empty_text(shape: TypeShape) -> bool:
    """Whether an empty text is a value."""
    return any(
        (option.kind == "string" and option.format in _BLANK_FORMATS)
        or any(not choice.text for choice in option.choices)
        for option in shape.options(shape.root)
    )


def _is_expected(name: str, signature: Signature) -> bool:
    """Whether a parameter that the signature does not have may still be in the request."""
    if name in {"start", "end"}:
        return any(isinstance(source, RangeOf) for source in signature.injected.values())
    return name in signature.injected


def _existing(signature: Signature) -> str:
    names = ", ".join(signature.parameters)
    return f"its parameters are {names}" if names else "it has no parameters"


def _short(name: str) -> str:
    return preview(name)[1:-1]
