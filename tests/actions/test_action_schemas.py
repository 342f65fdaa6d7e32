"""The JSON schemas of actions, for programs that offer them to language models."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from fractions import Fraction
from typing import Annotated, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ByteSize, Field

from mirastack_sdk.agent import Agent, Depends, OrLast, Secret, TypedActions, action_schemas
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    TimeRange,
)


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Filter(BaseModel):
    field: Annotated[str, Field(description="The name of a field", max_length=20)]
    minimum: int = 3
    colour: Colour = Colour.RED


@dataclass
class Row:
    at: datetime
    share: Fraction
    tags: Annotated[list[str], Field(max_length=2)]
    parent: "Row | None" = None


async def window(time_range: TimeRange) -> TimeRange:
    return time_range


agent = Agent(
    name="rows", version="1.0.0", description="Rows.", permission=Permission.READ,
    devops_stages=["observe"],
)  # fmt: skip


@agent.action
async def find_rows(
    where: list[Filter],
    from_: Annotated[int, Field(ge=1, le=5)] = 2,
    step: timedelta = timedelta(minutes=5),
    level: Literal["debug", "error"] | None = None,
    *,
    time_range: Annotated[TimeRange, OrLast(hours=1, minutes=30)],
) -> list[Row]:
    """Find rows.

    Args:
        where: What the rows have to match.
        from_: The first page.
        step: The distance of two rows.
        level: The level of the rows.
        time_range: Not for the model.

    Returns:
        The rows, the newest first.
    """
    return []


@agent.action
async def stream_rows(*, found: Annotated[TimeRange, Depends(window)]) -> AsyncIterator[Row]:
    """Stream the rows of a time range."""
    yield Row(datetime.now().astimezone(), Fraction(1), [])


@agent.action
async def count(most: ByteSize, token: Secret[str], *, at: TimeRange | None) -> None:
    """Count."""


@agent.action
async def answer(request: ExecuteRequest) -> ExecuteResponse:
    """Build the response itself."""
    return ExecuteResponse()


class Untyped(MirastackPlugin):
    def info(self) -> PluginInfo:
        return PluginInfo("untyped", "1.0.0", "Untyped.", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        params = {
            "text": ParamSchema("string", description="A text", default="5"),
            "number": ParamSchema("integer", required=False, default="5", enum=["5", "6"]),
            "flag": ParamSchema("boolean", required=False, default="maybe"),
            "any": ParamSchema("json", required=False),
        }
        return PluginSchema([Action("run", "Run.", params), Action("bare", "Nothing.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()


class Mixed(Untyped, TypedActions):
    pass


SCHEMAS = action_schemas(agent)
DEFINITIONS = {
    "Colour": {"enum": ["red", "green"], "title": "Colour", "type": "string"},
    "Filter": {
        "type": "object",
        "title": "Filter",
        "properties": {
            "field": {
                "type": "string",
                "maxLength": 20,
                "description": "The name of a field",
            },
            "minimum": {"type": "integer", "default": 3},
            "colour": {"$ref": "#/$defs/Colour", "default": "red"},
        },
        "required": ["field"],
    },
}


def test_typed_parameters_are_described_completely() -> None:
    """Nested types, limits, choices, defaults and texts are in the schema of the parameters."""
    assert SCHEMAS["find_rows"].parameters == {
        "type": "object",
        "properties": {
            "where": {
                "type": "array",
                "items": {"$ref": "#/$defs/Filter"},
                "description": "What the rows have to match. Format: array of object "
                "{field: string (at most 20 characters) (The name of a field), "
                'minimum?: integer = 3, colour?: "red" | "green" = "red"}',
            },
            "from": {
                "type": "integer",
                "minimum": 1,
                "maximum": 5,
                "default": 2,
                "description": "The first page. Format: >= 1, <= 5",
            },
            "step": {
                "type": "string",
                "format": "duration",
                "default": "PT5M",
                "description": "The distance of two rows. "
                "Format: duration such as 5m, 1h30m or PT5M",
            },
            "level": {
                "anyOf": [{"enum": ["debug", "error"], "type": "string"}, {"type": "null"}],
                "description": "The level of the rows.",
            },
        },
        "required": ["where"],
        "$defs": DEFINITIONS,
    }


def test_results_are_described_without_limits() -> None:
    """A truncated result is valid, names that look like limits stay, and streams are arrays."""
    result = SCHEMAS["find_rows"].result
    assert result is not None
    assert result["items"] == {"$ref": "#/$defs/Row"}
    assert result["description"] == "The rows, the newest first."
    definitions = result["$defs"]
    assert isinstance(definitions, dict)
    assert definitions["Row"]["properties"]["tags"] == {
        "items": {"type": "string"},
        "type": "array",
    }
    streamed = SCHEMAS["stream_rows"].result
    assert streamed is not None
    assert streamed["type"] == "array"


async def test_results_match_their_schema() -> None:
    """What an action returns is valid under the schema of its result."""
    result = await agent.call("stream_rows", time_range=TimeRange(1, 2))
    schema = SCHEMAS["stream_rows"].result
    assert schema is not None
    Draft202012Validator(schema).validate(result.value)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_valid(name: str) -> None:
    """Every schema is JSON Schema 2020-12."""
    Draft202012Validator.check_schema(SCHEMAS[name].parameters)
    Draft202012Validator.check_schema(SCHEMAS[name].result or {})


def test_unknown_results_have_no_schema() -> None:
    """An action that builds its response, or declares no result, promises nothing."""
    assert SCHEMAS["answer"].result is None
    assert SCHEMAS["count"].result is None


@pytest.mark.parametrize(
    ("name", "use", "default"),
    [
        ("find_rows", "optional", "last 1 hour 30 minutes"),
        ("stream_rows", "required", ""),
        ("count", "optional", ""),
        ("answer", "never", ""),
    ],
)
def test_the_use_of_the_time_range(name: str, use: str, default: str) -> None:
    """The schema says whether the action takes a time range, also through a dependency."""
    assert (SCHEMAS[name].time_range, SCHEMAS[name].default_range) == (use, default)


@pytest.mark.parametrize("plugin", [Untyped(), Mixed()], ids=["untyped", "mixed"])
def test_untyped_actions_have_what_they_declare(plugin: MirastackPlugin) -> None:
    """Texts of the declaration become JSON values of the declared type where they can."""
    schemas = action_schemas(plugin)
    assert schemas["run"].parameters == {
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "A text", "default": "5"},
            "number": {"type": "integer", "enum": [5, 6], "default": 5},
            "flag": {"type": "boolean", "default": "maybe"},
            "any": {},
        },
        "required": ["text"],
    }
    assert schemas["run"].time_range == "optional"
    assert schemas["bare"].parameters == {"type": "object", "properties": {}}
