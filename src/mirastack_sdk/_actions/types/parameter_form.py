"""The form that a Python value has as a parameter, the reverse of its conversion."""

import dataclasses
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from mirastack_sdk._core.model.secret import Secret


def parameter_form(value: object, *, reveal: bool) -> object:
    """A value with the names by which its fields are read, and its secrets if `reveal` is true.

    What is not converted here is written as in results.
    """
    if isinstance(value, Secret) or hasattr(type(value), "get_secret_value"):
        return parameter_form(_revealed(value), reveal=True) if reveal else value
    infos = _fields_of(value)
    if infos is not None:
        return {
            _name_read(name, info): parameter_form(getattr(value, name), reveal=reveal)
            for name, info in infos.items()
        }
    return _parts(value, reveal=reveal)


def _parts(value: object, *, reveal: bool) -> object:
    if isinstance(value, BaseModel):
        # A root model, whose only field is `root`.
        return parameter_form(getattr(value, "root", None), reveal=reveal)
    if isinstance(value, dict):
        return {key: parameter_form(inner, reveal=reveal) for key, inner in value.items()}
    if isinstance(value, list | tuple | AbstractSet):
        parts = [parameter_form(inner, reveal=reveal) for inner in value]
        return set(parts) if isinstance(value, AbstractSet) and _all_text(parts) else parts
    return value


def _fields_of(value: object) -> Mapping[str, FieldInfo | None] | None:
    if isinstance(value, BaseModel):
        is_root_model = type(value).__pydantic_root_model__
        return None if is_root_model else type(value).model_fields
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return None
    infos: Mapping[str, FieldInfo] = getattr(value, "__pydantic_fields__", {})
    names = [field.name for field in dataclasses.fields(value) if field.init]
    return {name: infos.get(name) for name in names}


def _name_read(name: str, info: FieldInfo | None) -> str:
    alias: object = info.validation_alias if info else None
    if isinstance(alias, AliasChoices):
        alias = next((choice for choice in alias.choices if isinstance(choice, str)), name)
    return alias if isinstance(alias, str) else name


def _revealed(secret: object) -> object:
    if isinstance(secret, Secret):
        return secret.reveal()
    reveal: Callable[[], object] = getattr(secret, "get_secret_value")  # noqa: B009 - pydantic's
    return reveal()


def _all_text(parts: list[object]) -> bool:
    return all(isinstance(part, str) for part in parts)
