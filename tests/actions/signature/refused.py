"""Functions that cannot be declared, each with the sentence that refuses it."""

import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field

from mirastack_sdk.agent import ActionOptions
from mirastack_sdk.plugin import TimeRange

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")


class Client:
    """A class that pydantic does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A function and the one sentence, without its location, that refuses it."""

    function: Callable[..., object]
    sentence: str
    options: ActionOptions


REFUSALS: list[Refusal] = []


def refused[Function: Callable[..., object]](
    sentence: str, **options: typing.Unpack[ActionOptions]
) -> Callable[[Function], Function]:
    """Expect a function to be refused with a sentence."""

    def remembered(function: Function) -> Function:
        REFUSALS.append(Refusal(function=function, sentence=sentence, options=options))
        return function

    return remembered


@refused("*values cannot be passed by name: write values: list[str]")
def star(*values: str) -> None:
    """It."""


@refused("**more does not name its parameters: declare each of them, or write more: dict[str, str]")
def double_star(**more: str) -> None:
    """It."""


@refused(
    "it takes *args and **kwargs, probably because of a decorator: use "
    "@functools.wraps(function) in that decorator"
)
def wrapper(*args: object, **kwargs: object) -> None:
    """It."""


@refused('"value" is positional-only, and parameters are passed by name: remove the "/"')
def positional(value: str, /) -> None:
    """It."""


@refused('"value" has no type: write for example value: str')
def untyped(value) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - what it is for
    """It."""


@refused(
    "the type of \"value\" cannot be resolved (name 'Decimal' is not defined): import or define "
    "it at the top of the module, outside TYPE_CHECKING"
)
def only_checked(value: "Decimal") -> None:
    """It."""


@refused(
    "the type of \"return\" cannot be resolved (name 'Decimal' is not defined): import or define "
    "it at the top of the module, outside TYPE_CHECKING"
)
def result_only_checked() -> "Decimal":
    """It."""
    raise NotImplementedError


@refused(
    '"value" is of type Client, to which text cannot be converted (pydantic has no converter for '
    "Client): use str, int, list, dict, a dataclass or a pydantic model, or inject it: "
    "Annotated[Client, Depends(...)]"
)
def own_class(value: Client) -> None:
    """It."""


@refused(
    '"value" is of type Callable, to which text cannot be converted (JSON has nothing like it): '
    "use str, int, list, dict, a dataclass or a pydantic model, or inject it: "
    "Annotated[Callable, Depends(...)]"
)
def function(value: Callable[[], int]) -> None:
    """It."""


_SAYS_NOTHING = (
    'the type of "value" accepts anything: use a specific type, such as str, int, list[str], '
    "dict[str, str] or a dataclass"
)


@refused(_SAYS_NOTHING)
def anything(value: typing.Any) -> None:  # noqa: ANN401 - the mistake itself
    """It."""


@refused(_SAYS_NOTHING)
def any_object(value: object) -> None:
    """It."""


@refused(_SAYS_NOTHING)
def generic(value: T) -> None:  # noqa: UP047 - what it is for
    """It."""


@refused('"value" can only be None: remove it, or add the other types it may have')
def nothing(value: None) -> None:
    """It."""


@refused('"action" is reserved for the name of the action: choose another name')
def reserved(action: str) -> None:
    """It."""


@refused(
    'the default of "value" is a list that all calls would share: use None, or a tuple for a '
    "Sequence"
)
def shared_list(value: list[str] = []) -> None:  # noqa: B006 - what it is for
    """It."""


@refused(
    'the default of "value" is a dict that all calls would share: use None, or a tuple for a '
    "Sequence"
)
def shared_dict(value: dict[str, str] = {}) -> None:  # noqa: B006 - what it is for
    """It."""


@refused('the default of "value", None, does not match its type: integer')
def implicit_none(value: int = None) -> None:  # type: ignore[assignment] # noqa: RUF013 - the mistake
    """It."""


@refused('the default of "value", 0, does not match its type: integer (>= 1)')
def default_out_of_limits(value: Annotated[int, Field(ge=1)] = 0) -> None:
    """It."""


@refused(
    '"value" has Field(...) as its default, which a direct call would use as the value: write '
    "value: Annotated[..., Field(...)] = ..."
)
def field_as_default(value: int = Field(ge=1)) -> None:
    """It."""


@refused(
    'the default of "value" is in Field, where a direct call does not find it: write it after '
    "the annotation, value: ... = ..."
)
def default_in_field(value: Annotated[int, Field(default=1)]) -> None:
    """It."""


@refused(
    'the alias of "value" has no effect: parameters keep the names that they have in the '
    "function, and from_ is exposed as from"
)
def alias(value: Annotated[int, Field(alias="from")]) -> None:
    """It."""


@refused(
    'nothing fills "self": to make a method an action, derive its class from Agent or '
    "TypedActions, and use @action from mirastack_sdk"
)
def method(self) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - what it is for
    """It."""


@refused("the default of \"value\" stays the text '5', because defaults are not converted: write 5")
def text_as_default(value: int = "5") -> None:  # type: ignore[assignment] # the mistake
    """It."""


@refused(
    'the default of "value" stays 5, because defaults are not converted: write '
    "datetime.timedelta(seconds=5)"
)
def seconds_as_default(value: timedelta = 5) -> None:  # type: ignore[assignment] # the mistake
    """It."""


@dataclass
class Holder:
    """A dataclass of what pydantic does not know."""

    client: Client


@refused(
    '"value" is of type Holder, to which text cannot be converted (pydantic has no converter for '
    "Client): use str, int, list, dict, a dataclass or a pydantic model, or inject it: "
    "Annotated[Holder, Depends(...)]"
)
def holds_client(value: Holder) -> None:
    """It."""


@refused('"value" combines a type that is injected with another type: only None is allowed')
def half_injected(value: TimeRange | str) -> None:
    """It."""


@refused(
    "its result cannot be described as JSON (pydantic has no converter for Client): return a "
    "dataclass, a pydantic model, a TypedDict, a list or a dict"
)
def own_result() -> Client:
    """It."""
    return Client()


@refused(
    "it has no description, by which language models choose actions: write a docstring that says "
    "what it does and when to use it"
)
def undescribed(value: str) -> None:
    pass


@refused("timeout must be a number of seconds above 0, got 0", timeout=0)
def no_time() -> None:
    """It."""


@refused("timeout must be a number of seconds above 0, got True", timeout=True)
def true_as_time() -> None:
    """It."""


@refused("description must be text, got 5", description=5)  # type: ignore[arg-type] # the mistake
def described_by_a_number() -> None:
    """It."""


@refused("name must be text, got 5", name=5)  # type: ignore[arg-type] # the mistake
def named_by_a_number() -> None:
    """It."""


@refused("max_concurrency must be at least 1, got 0", max_concurrency=0)
def no_turns() -> None:
    """It."""


@refused('"timout" is not an option: did you mean timeout?', timout=30)  # type: ignore[call-arg] # the mistake
def slip_of_an_option() -> None:
    """It."""


@refused("routing must be a RoutingSemantics object, got 'logs'", routing="logs")  # type: ignore[arg-type] # the mistake
def routed_by_text() -> None:
    """It."""


@refused('intents must be a list: write ["find errors"]', intents="find errors")  # type: ignore[arg-type] # the mistake
def one_text() -> None:
    """It."""


@refused("timeout must be a number of seconds above 0, got '30'", timeout="30")  # type: ignore[arg-type] # the mistake
def time_as_text() -> None:
    """It."""


@refused("permission must be a value such as Permission.READ, got 'modify'", permission="modify")  # type: ignore[arg-type] # the mistake
def permission_as_text() -> None:
    """It."""


@refused("result_limit must be at least 100 characters, got 10", result_limit=10)
def no_room() -> None:
    """It."""
