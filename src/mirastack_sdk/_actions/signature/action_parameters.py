"""The parameters of actions: their declaration to the engine, and their converters."""

import inspect
import keyword

from pydantic.fields import FieldInfo

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.signature.annotations import Annotation
from mirastack_sdk._actions.signature.docstrings import DocText
from mirastack_sdk._actions.types.adapters import TypedValue
from mirastack_sdk._actions.types.annotated_texts import annotated_text
from mirastack_sdk._actions.types.in_words import in_words
from mirastack_sdk._actions.types.parameter_form import parameter_form
from mirastack_sdk._actions.types.shapes import TypeShape
from mirastack_sdk._core.model.declarations import ParamSchema
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._text import parameter_text
from mirastack_sdk.errors import ResultError

_ENDS = tuple(".!?\u2026:;,\u3002\uff01\uff1f\uff1a\uff1b\u3001\u061f\u0964")
"""What a sentence or a part of one ends with: also in Chinese, Japanese, Arabic and Hindi."""
_CLOSING = ")]}>\"'`*_\u00bb\u201d\u2019"
"""What may follow the end of a sentence."""
_SCALARS = frozenset({"string", "integer", "number"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter that a language model fills.

    `name` is its name in the declaration, `argument` its name in the function.
    """

    name: str
    argument: str
    value: TypedValue
    schema: ParamSchema


def declare_parameter(
    parameter: inspect.Parameter, annotation: Annotation, value: TypedValue, doc: DocText
) -> Parameter:
    """The declaration of a parameter, described by its annotation or by the docstring."""
    shape, root = value.shape, value.shape.root
    infos = field_infos(annotation)
    texts = [annotated_text(annotation.whole), *(info.description or "" for info in infos)]
    names = (parameter.name, exposed_name(parameter.name))
    texts += [doc.parameters.get(name, "") for name in names]
    required = parameter.default is parameter.empty
    return Parameter(
        name=exposed_name(parameter.name),
        argument=parameter.name,
        value=value,
        schema=ParamSchema(
            type=shape.wire_type(root),
            required=required,
            description=with_format(next(filter(None, texts), ""), shape),
            default="" if required else default_text(parameter.default),
            enum=choices_of(shape),
        ),
    )


def declare_result(shape: TypeShape, text: str) -> ParamSchema:
    """The declaration of the result, as an output parameter; `text` is the author's."""
    return ParamSchema(
        type=shape.wire_type(shape.root),
        description=with_format(text, shape),
        enum=choices_of(shape),
    )


def field_infos(annotation: Annotation) -> list[FieldInfo]:
    """Every `Field` of pydantic in an annotation."""
    return [found for found in annotation.metadata if isinstance(found, FieldInfo)]


def exposed_name(argument: str) -> str:
    """The name of an argument in the declaration: `from` for `from_`, which Python requires."""
    plain = argument.removesuffix("_")
    return plain if keyword.iskeyword(plain) else argument


def default_text(default: object) -> str:
    """A default as a language model would write it; `None` is an empty text."""
    try:
        return parameter_text(json_value(parameter_form(default, reveal=False)))
    except ResultError:
        return ""


def with_format(text: str, shape: TypeShape) -> str:
    """The author's text, with the format of the value if its type does not show it."""
    root, wire_type = shape.root, shape.wire_type(shape.root)
    written = in_words(root, shape).removesuffix(" or null")
    is_listed = choices_of(shape) and not (_names_say_more(shape) or root.limits)
    if written == wire_type or is_listed:
        return text
    if root.kind in _SCALARS:
        # The declaration has the type already.
        written = written.removeprefix(f"{wire_type} (").removesuffix(")")
    return " ".join([*filter(None, [full_sentence(text)]), f"Format: {written}"])


def full_sentence(text: str) -> str:
    """A text to which another sentence can be added: with a full stop, unless it has an end."""
    text = text.rstrip()
    said = text.rstrip(_CLOSING)
    return f"{text}." if text and not said.endswith(_ENDS) else text


def _names_say_more(shape: TypeShape) -> bool:
    """Whether a choice is not text but has a name in an enumeration that explains it."""
    choices = (choice for option in shape.options(shape.root) for choice in option.choices)
    return any(choice.name and not isinstance(choice.value, str) for choice in choices)


def choices_of(shape: TypeShape) -> list[str]:
    """The texts of all values, each once, if every option is a choice, else nothing."""
    options = list(shape.options(shape.root))
    if any(option.kind != "choice" for option in options):
        return []
    texts = (choice.text for option in options for choice in option.choices)
    return list(dict.fromkeys(texts))
