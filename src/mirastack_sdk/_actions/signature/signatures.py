"""The signature of an action's function: parameters, injected arguments and output."""

import functools
import inspect
import typing
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import replace

from pydantic import TypeAdapter

from mirastack_sdk._actions.result.declared_form import DeclaredForm
from mirastack_sdk._actions.signature import signature_errors
from mirastack_sdk._actions.signature.action_parameters import (
    Parameter,
    declare_parameter,
    declare_result,
    exposed_name,
)
from mirastack_sdk._actions.signature.annotations import (
    STREAMS,
    Annotation,
    UnresolvedError,
    annotation_of,
    location_of,
    raw_annotations,
)
from mirastack_sdk._actions.signature.dependencies import (
    Source,
    SourceFinder,
    holds_injected,
    misplaced,
)
from mirastack_sdk._actions.signature.docstrings import read_docstring
from mirastack_sdk._actions.types.adapters import (
    UnusableTypeError,
    output_type,
    typed_value,
)
from mirastack_sdk._actions.types.annotated_texts import annotated_text
from mirastack_sdk._core.model.declarations import ParamSchema
from mirastack_sdk._core.model.execution import ExecuteResponse
from mirastack_sdk._deferred.dataclasses import dataclass

# Types that tell a language model nothing about the result.
_NO_SHAPE = (None, type(None), ExecuteResponse, object, typing.Any)  # noqa: TID251 - to refuse it


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature; `parameters` are by exposed name, `injected` by the function's names.

    Results are written in the form `result_form`, and what a stream yields in `item_form`.
    `result_adapter` has the type of the whole result, if it is known, and `result_text` is what the
    author says of it.
    """

    description: str
    parameters: Mapping[str, Parameter]
    injected: Mapping[str, Source]
    output: Mapping[str, ParamSchema]
    result_form: DeclaredForm | None = None
    item_form: DeclaredForm | None = None
    result_adapter: TypeAdapter[object] | None = None
    result_text: str = ""


def read_signature(
    function: Callable[..., object], finder: SourceFinder, errors: list[str]
) -> Signature:
    """The signature of a function, with the texts of its docstring.

    Declaration errors are added to `errors`: one sentence each, with the function's file, line and
    name, and what to write instead.
    """
    return _SignatureReader(function, finder, errors).read()


class _SignatureReader:
    """Reads one function."""

    def __init__(
        self, function: Callable[..., object], finder: SourceFinder, errors: list[str]
    ) -> None:
        self._function = function
        self._location = location_of(function)
        self._finder = finder
        self._errors = errors
        doc = read_docstring(_docstring(function))
        # Whoever takes the heading of a class for that of a function means parameters.
        self._doc = replace(doc, parameters={**doc.attributes, **doc.parameters})
        self._parameters: dict[str, Parameter] = {}
        self._injected: dict[str, Source] = {}
        self._result_form: DeclaredForm | None = None
        self._item_form: DeclaredForm | None = None
        self._result_adapter: TypeAdapter[object] | None = None
        self._result_text = ""

    def read(self) -> Signature:
        try:
            parameters = [*inspect.signature(self._function).parameters.values()]
        except (TypeError, ValueError):
            self._error(signature_errors.UNREADABLE)
            parameters = []
        if signature_errors.takes_anything(parameters):
            self._error(signature_errors.WRAPPER)
            parameters = []
        if without_self := signature_errors.without_self(self._function):
            self._error(without_self)
        for parameter in parameters:
            self._add(parameter)
        output = self._output()
        return Signature(
            description=self._description([parameter.name for parameter in parameters]),
            parameters=self._parameters,
            injected=self._injected,
            output=output,
            result_form=self._result_form,
            item_form=self._item_form,
            result_adapter=self._result_adapter,
            result_text=self._result_text,
        )

    def _add(self, parameter: inspect.Parameter) -> None:
        if unnamed := signature_errors.of_kind(parameter):
            self._error(unnamed)
            return
        annotation = self._annotation(parameter)
        if annotation is None:
            return
        if sentence := misplaced(parameter, annotation):
            self._error(sentence)
            return
        has_default = parameter.default is not parameter.empty
        source = self._finder.find(annotation, self._location, has_default=has_default)
        if source is not None:
            self._injected[parameter.name] = source
        elif not self._finder.is_hidden(annotation):
            self._add_visible(parameter, annotation)

    def _annotation(self, parameter: inspect.Parameter) -> Annotation | None:
        if parameter.name not in raw_annotations(self._function):
            self._error(signature_errors.without_type(parameter.name))
            return None
        try:
            return annotation_of(self._function, parameter.name)
        except UnresolvedError as error:
            self._error(signature_errors.unresolved(parameter.name, error))
            return None

    def _add_visible(self, parameter: inspect.Parameter, annotation: Annotation) -> None:
        if holds_injected(annotation.inner):
            self._error(signature_errors.half_injected(parameter.name))
            return
        if alias := signature_errors.aliased(parameter.name, annotation):
            self._error(alias)
            return
        try:
            value = typed_value(annotation.whole)
        except UnusableTypeError as error:
            if self._finder.is_complete or error.is_limit:
                self._error(signature_errors.unusable(parameter.name, annotation.inner, error))
            return
        found = list(signature_errors.of_parameter(parameter, annotation, value))
        for sentence in found:
            self._error(sentence)
        if found:
            return
        described = declare_parameter(parameter, annotation, value, self._doc)
        if described.name in self._parameters:
            self._error(signature_errors.twice(described.name))
        self._parameters[described.name] = described

    def _output(self) -> Mapping[str, ParamSchema]:
        if "return" not in raw_annotations(self._function):
            return {}
        try:
            annotation = annotation_of(self._function, "return")
            returned = _delivered(annotation.whole)
            if returned in _NO_SHAPE:
                return {}
            found = output_type(returned)
            self._result_form, self._result_adapter = found.form, found.adapter
            if returned is not annotation.whole and _is_stream(annotation.whole):
                self._item_form = output_type(typing.get_args(returned)[0]).form
        except UnresolvedError as error:
            self._error(signature_errors.unresolved("return", error))
        except UnusableTypeError as error:
            self._error(signature_errors.unusable_result(error))
        else:
            self._result_text = annotated_text(annotation.whole) or self._doc.returns
            return {"result": declare_result(found.shape, self._result_text)}
        return {}

    def _description(self, names: Iterable[str]) -> str:
        """The docstring's text, with its entries for what is no parameter of the function."""
        known = {form for name in names for form in (name, exposed_name(name))}
        others = [
            f"{name}: {text}" for name, text in self._doc.parameters.items() if name not in known
        ]
        return "\n".join(filter(None, [self._doc.description, *others]))

    def _error(self, sentence: str) -> None:
        self._errors.append(f"{self._location}: {sentence}")


def _docstring(function: Callable[..., object]) -> str | None:
    """The docstring of a function; a method inherits it from the method that it overrides."""
    documented: object = function
    while isinstance(documented, functools.partial):
        documented = documented.func
    if not inspect.isroutine(documented):
        documented = getattr(documented, "__call__", None)  # noqa: B004 - an instance's
    return inspect.getdoc(documented)


def _is_stream(annotation: object) -> bool:
    return typing.get_origin(annotation) in STREAMS


def _delivered(annotation: object) -> object:
    """The type of the whole result: a list for a stream, the value of an awaitable."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if _is_stream(annotation) and arguments:
        return list[arguments[0]]  # type: ignore[valid-type] # built at run time
    if origin in {Awaitable, Coroutine} and arguments:
        return _delivered(arguments[-1])
    return annotation
