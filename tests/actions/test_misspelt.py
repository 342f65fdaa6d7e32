"""What authors write without a type checker is refused, and never without an effect."""

from typing import Annotated, Any

import pytest

from mirastack_sdk.agent import Agent, Depends, OrLast
from mirastack_sdk.plugin import Permission, TimeRange
from tests.actions.agents import RANGE, new_agent

OPTIONS = (
    "name, version, description, permission, devops_stages, intent_patterns, prompt_templates, "
    "metadata, config, lifespan"
)

WRONG: dict[str, tuple[dict[str, object], str]] = {
    "confg": ({"confg": object}, 'Agent: "confg" is not an option: did you mean config?'),
    "conf": ({"lifespans": 1}, 'Agent: "lifespans" is not an option: did you mean lifespan?'),
    "stage": ({"stages": []}, 'Agent: "stages" is not an option: did you mean devops_stages?'),
    "plural": ({"permissions": 1}, 'Agent: "permissions" is not an option: did you mean permi'),
    "pattern": ({"intents": []}, 'Agent: "intents" is not an option: did you mean intent_pat'),
    "prompts": ({"prompts": []}, 'Agent: "prompts" is not an option: did you mean prompt_temp'),
    "other": ({"timeout": 5}, f'Agent: "timeout" is not an option: the options are {OPTIONS}'),
    "no-stages": ({"devops_stages": None}, "devops_stages must be a list, got None"),
    "no-patterns": ({"intent_patterns": None}, "intent_patterns must be a list, got None"),
    "number": ({"prompt_templates": 5}, "prompt_templates must be a list, got 5"),
    "no-metadata": ({"metadata": None}, "metadata must be a dict of text to text, got None"),
    "text": ({"metadata": "ab"}, "metadata must be a dict of text to text, got 'ab'"),
}


@pytest.mark.parametrize(("options", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_option_of_the_agent_is_refused(options: dict[str, Any], sentence: str) -> None:
    """The sentence says what was meant, or what there is."""
    required: dict[str, Any] = {
        "name": "logs",
        "version": "1.0.0",
        "description": "Searches.",
        "permission": Permission.READ,
        "devops_stages": ["observe"],
    }
    with pytest.raises(TypeError) as raised:
        Agent(**(required | options))
    assert str(raised.value).startswith(sentence)


def one() -> int:
    return 1


type Given = Annotated[int, Depends(one)]
type Described = Annotated[Given, "A number"]
type Window = Annotated[TimeRange, OrLast(minutes=30)]
type Range = TimeRange
type Perhaps = TimeRange | None


async def test_an_alias_is_what_it_stands_for() -> None:
    """`Depends`, `OrLast` and what is injected by its type, behind `type` statements."""
    agent = new_agent()

    @agent.action
    async def use(
        given: Given, described: Described, window: Window, asked: Range, perhaps: Perhaps
    ) -> list[bool]:
        """Use them."""
        return [given == described == 1, window == asked == perhaps]

    (found,) = agent.schema().actions
    assert found.input_params == {}
    assert (await agent.call("use", time_range=RANGE)).value == [True, True]


class NumpyBool:
    """A truth value as NumPy has it."""

    def __init__(self, *, value: bool) -> None:
        self._value = value

    def __bool__(self) -> bool:
        return self._value


NumpyBool.__name__ = "bool"


async def test_false_of_numpy_fails_a_check() -> None:
    """`(values > 0).all()` is what a check may end with."""
    agent, values = new_agent(), [NumpyBool(value=True)]
    agent.health(lambda: values[-1])  # type: ignore[type-var] # the mistake
    await agent.health_check()
    values.append(NumpyBool(value=False))
    with pytest.raises(RuntimeError, match="returned False"):
        await agent.health_check()
