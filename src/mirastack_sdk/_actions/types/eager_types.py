"""The types of parameters with checks that pydantic would make late or not at all."""

import collections.abc
import typing
from collections.abc import Mapping
from types import UnionType

from pydantic import AfterValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from mirastack_sdk._actions.types.annotated_texts import unit_of
from mirastack_sdk._actions.types.from_json_schema import LIMITS
from mirastack_sdk._actions.types.time_zones import zoned


class _Limit:
    """Metadata that adds words to the JSON schema of a type."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Mapping[str, object]:
        """The schema with the words."""
        described = handler(schema)
        return {**described, LIMITS: [*described.get(LIMITS, ()), self._words]}


_LAZY: Mapping[object, tuple[object, ...]] = {
    collections.abc.Iterable: (),
    collections.abc.Iterator: (AfterValidator(iter),),
    collections.abc.Generator: (AfterValidator(iter),),
}
"""The lazy types, and what makes a value of them of a list."""


def eager_type(annotation: object) -> object:
    """The annotation with lists in place of lazy collections, so that wrong items are reported."""
    annotation = _without_alias(annotation)
    origin = typing.get_origin(annotation) or annotation
    arguments = typing.get_args(annotation)
    if _is_lazy(origin):
        items = eager_type(arguments[0]) if arguments else object
        return _annotated(list[items], *_LAZY[origin])  # type: ignore[valid-type] # of run time
    if origin is typing.Annotated:
        inner, metadata = zoned(arguments[0], arguments[1:])
        if words := unit_of(metadata):
            metadata = (*metadata, _Limit(words))
        return _annotated(eager_type(inner), *metadata)
    eager = tuple(map(eager_type, arguments))
    if all(new is old for new, old in zip(eager, arguments, strict=True)):
        return annotation
    if origin in {typing.Union, UnionType}:
        return typing.Union[eager]  # noqa: UP007 - of run time
    return origin[eager]  # type: ignore[index] # a generic type, since it has arguments


def _without_alias(annotation: object) -> object:
    """What a `type` statement names, if that is lazy."""
    if not isinstance(annotation, typing.TypeAliasType):
        return annotation
    value: object = annotation.__value__
    return value if _is_lazy(typing.get_origin(value) or value) else annotation


def _is_lazy(origin: object) -> bool:
    # The parameters of a Callable are a list, which has no hash.
    return not isinstance(origin, list) and origin in _LAZY


def _annotated(inner: object, *metadata: object) -> object:
    return typing.Annotated[(inner, *metadata)] if metadata else inner
