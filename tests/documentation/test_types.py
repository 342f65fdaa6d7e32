"""The documented dataclasses have the SDK's fields."""

import dataclasses
from typing import get_type_hints

import pytest

import mirastack_sdk.plugin
from mirastack_sdk._core.model.declarations import Intents
from tests.documentation.documentation import STAGES, load_program, program_path

DOCUMENTED = load_program(program_path("types_reference"))
NAMES = [
    "PluginInfo",
    "PluginSchema",
    "Action",
    "ParamSchema",
    "ExecuteRequest",
    "TimeRange",
    "ExecuteResponse",
]

# Fields that accept more than is documented: a list of the documented items is still one of them.
WIDER = {("Action", "intents"): Intents}
# Fields that the documentation requires and we do not: every documented call still works.
OPTIONAL = {("TimeRange", "timezone"): "UTC", ("TimeRange", "original_expression"): ""}


def documented_class(name: str) -> type:
    """Return the class that the documentation defines."""
    found: type = getattr(DOCUMENTED, name)
    return found


def sdk_class(name: str) -> type:
    """Return the class that authors import."""
    found: type = getattr(mirastack_sdk.plugin, name)
    return found


def fields_of(cls: type) -> list[dataclasses.Field[object]]:
    """Return the fields of a dataclass in order."""
    assert dataclasses.is_dataclass(cls)
    return list(dataclasses.fields(cls))


def test_every_documented_definition_is_compared() -> None:
    """Every documented class is compared."""
    defined = {
        name
        for name, value in vars(DOCUMENTED).items()
        if isinstance(value, type) and value.__module__ == DOCUMENTED.__name__
    }
    assert defined == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_documented_fields_come_first_in_the_documented_order(name: str) -> None:
    """The documented fields come first, so positional arguments work as documented."""
    documented = [field.name for field in fields_of(documented_class(name))]
    ours = [field.name for field in fields_of(sdk_class(name))]
    assert ours[: len(documented)] == documented


@pytest.mark.parametrize("name", NAMES)
def test_documented_fields_have_the_documented_types(name: str) -> None:
    """Each documented annotation is the SDK's annotation, or the SDK accepts more."""
    documented = get_type_hints(documented_class(name), vars(mirastack_sdk.plugin))
    ours = get_type_hints(sdk_class(name))
    expected = {field: WIDER.get((name, field), kind) for field, kind in documented.items()}
    assert {field: ours[field] for field in documented} == expected


@pytest.mark.parametrize("name", NAMES)
def test_documented_fields_have_the_documented_defaults(name: str) -> None:
    """Each field has the documented default, or is required as documented, or is `OPTIONAL`."""
    documented = fields_of(documented_class(name))
    ours = fields_of(sdk_class(name))[: len(documented)]
    expected = [
        (OPTIONAL.get((name, field.name), field.default), field.default_factory, field.kw_only)
        for field in documented
    ]
    assert [(field.default, field.default_factory, field.kw_only) for field in ours] == expected


@pytest.mark.parametrize("name", NAMES)
def test_further_fields_are_keyword_only_and_optional(name: str) -> None:
    """Further fields change nothing for a program written from the documentation."""
    further = fields_of(sdk_class(name))[len(fields_of(documented_class(name))) :]
    required = [
        field.name
        for field in further
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    assert [field.name for field in further if not field.kw_only] == []
    assert required == []


@pytest.mark.parametrize("name", NAMES)
def test_instances_behave_as_plain_dataclasses(name: str) -> None:
    """Instances can be compared, and their attributes can be set."""
    cls = sdk_class(name)
    required = [field for field in fields_of(documented_class(name)) if is_required(field)]
    arguments: list[dict[str, str]] = [{} for _ in required]
    first, second = cls(*arguments), cls(*arguments)
    assert first == second
    attribute = fields_of(cls)[0].name
    setattr(first, attribute, "another")
    assert first != second


def is_required(field: dataclasses.Field[object]) -> bool:
    """Whether the constructor requires the field."""
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def test_the_documented_permissions_exist() -> None:
    """The permissions are READ, MODIFY and ADMIN, in this order."""
    permission = load_program(program_path("permission")).Permission
    assert permission is mirastack_sdk.plugin.Permission
    assert [member.name for member in mirastack_sdk.plugin.Permission] == [
        "READ",
        "MODIFY",
        "ADMIN",
    ]


def test_the_base_class_takes_the_documented_methods() -> None:
    """A class with the five documented methods is an agent."""
    plugin_class = load_program(program_path("base_class")).MyPlugin
    assert isinstance(plugin_class(), mirastack_sdk.plugin.MirastackPlugin)


def test_documented_stages_are_the_eight_of_the_text() -> None:
    """The tests below use all eight documented stages."""
    assert [stage for stage, _ in STAGES] == [
        "observe",
        "operate",
        "deploy",
        "release",
        "plan",
        "build",
        "test",
        "code",
    ]
