"""Texts in annotations describe parameters, fields and results."""

from dataclasses import dataclass
from typing import Annotated, NamedTuple, Required, TypedDict

import pydantic.dataclasses
import pytest
from pydantic import BaseModel, Field
from typing_extensions import Doc

from mirastack_sdk._actions.config.config_fields import read_config
from mirastack_sdk._actions.types.adapters import typed_value
from mirastack_sdk._actions.types.annotated_texts import annotated_text
from mirastack_sdk._actions.types.in_words import in_words
from mirastack_sdk.agent import Depends, Env
from tests.actions.agents import new_agent


class _OtherDoc:
    """Another package's `Doc`, which has the same attribute."""

    def __init__(self, documentation: str, /) -> None:
        self.documentation = documentation


_OtherDoc.__name__ = "Doc"

type Rows = Annotated[int, Doc("How many rows.")]

TEXTS: dict[str, tuple[object, str]] = {
    "text": (Annotated[int, "How many."], "How many."),
    "doc": (Annotated[int, Doc("How many.")], "How many."),
    "other-doc": (Annotated[int, _OtherDoc("How many.")], "How many."),
    "first-of-two": (Annotated[int, Doc("First."), "Second."], "First."),
    "outermost": (Annotated[Annotated[int, Doc("Inner.")], Field(ge=1)], "Inner."),
    "optional": (Annotated[int, Doc("How many.")] | None, "How many."),
    "alias": (Rows, "How many rows."),
    "annotated-alias": (Annotated[Rows, Field(ge=1)], "How many rows."),
    "optional-text": (Annotated[int, "How many."] | None, "How many."),
    "optional-alias": (Rows | None, "How many rows."),
    "indented": (
        Annotated[
            int,
            Doc("""How many.

        At most."""),
        ],
        "How many.\n\nAt most.",
    ),
    "of-an-item": (list[Annotated[int, Doc("An item.")]], ""),
    "of-two-options": (Annotated[int, Doc("One.")] | Annotated[str, Doc("Two.")], ""),
    "empty": (Annotated[int, Doc("")], ""),
    "class": (Annotated[int, Doc], ""),
    "none": (int, ""),
}


@pytest.mark.parametrize(("kind", "text"), TEXTS.values(), ids=TEXTS)
async def test_a_text_describes_a_parameter(kind: object, text: str) -> None:
    """A string and a `Doc` of PEP 727 do, whatever is around the annotation."""
    assert annotated_text(kind) == text


def test_parameters_and_results_have_their_texts() -> None:
    """An action is declared with them; those of injected parameters are not shown."""
    agent = new_agent()

    def client() -> object:
        return object()

    @agent.action
    async def search(
        query: Annotated[str, Doc("What to find.")],
        rows: Rows = 5,
        *,
        backend: Annotated[object, Depends(client), Doc("Where to search.")],
    ) -> Annotated[list[str], Doc("What was found.")]:
        """Search."""
        return [query] * rows

    (action,) = agent.schema().actions
    texts = {name: found.description for name, found in action.input_params.items()}
    assert texts == {"query": "What to find.", "rows": "How many rows."}
    assert action.output_params["result"].description == ("What was found. Format: array of string")


@dataclass
class Plain:
    """A dataclass."""

    rows: Annotated[int, Doc("How many.")]
    name: Annotated[str, "Its name."]


class Model(BaseModel):
    """A model."""

    rows: Annotated[int, Doc("How many.")]
    name: Annotated[str, "Its name."]


class Aliased(BaseModel):
    """A model whose fields have other names in JSON."""

    rows_: Annotated[int, Doc("How many."), Field(alias="rows")]
    name_: Annotated[str, "Its name."] = Field(validation_alias="name")


class Child(Model):
    """A model that inherits its fields."""


@pydantic.dataclasses.dataclass
class Converted:
    """A dataclass of pydantic's."""

    rows: Annotated[int, Doc("How many.")]
    name: Annotated[str, "Its name."]


class Typed(TypedDict):
    """A dictionary."""

    rows: Annotated[int, Doc("How many.")]
    name: Required[Annotated[str, "Its name."]]


class Named(NamedTuple):
    """A named tuple."""

    rows: Annotated[int, Doc("How many.")]
    name: Annotated[str, "Its name."]


@pytest.mark.parametrize("kind", [Plain, Model, Aliased, Child, Converted, Typed, Named])
def test_fields_have_their_texts(kind: type) -> None:
    """Each kind of class shows the texts of its fields."""
    shape = typed_value(kind).shape
    words = in_words(shape.root, shape)
    fields = words.removeprefix("array [").removeprefix("object {")[:-1]
    assert fields == "rows: integer (How many.), name: string (Its name.)"


def test_the_description_of_a_field_counts_more() -> None:
    """`Field(description=...)` is pydantic's own way."""

    class Described(BaseModel):
        rows: Annotated[int, Doc("One."), Field(description="Two.")]

    shape = typed_value(Described).shape
    assert in_words(shape.root, shape) == "object {rows: integer (Two.)}"


def test_config_fields_have_their_texts() -> None:
    """Operators read them."""

    @dataclass
    class Config:
        url: Annotated[str, Doc("Where it listens"), Env("BACKEND_URL")]

    plan = read_config(Config)
    assert plan.errors == ()
    assert plan.params[0].description == (
        "Where it listens. Required unless BACKEND_URL is set in the agent's environment."
    )
