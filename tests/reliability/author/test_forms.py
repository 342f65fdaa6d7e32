"""Every form of method that Python allows, and attributes that are no methods."""

import functools
from collections.abc import Callable
from typing import NoReturn

import pytest

from mirastack_sdk.plugin import ExecuteRequest, ExecuteResponse
from tests.reliability.author.bench import HARMLESS, Agent, calling, errors_in


async def answer(req: ExecuteRequest) -> ExecuteResponse:
    return ExecuteResponse(output={"result": req.action})


def answer_blocking(req: ExecuteRequest) -> ExecuteResponse:
    return ExecuteResponse(output={"result": req.action})


async def answer_with(prefix: str, req: ExecuteRequest) -> ExecuteResponse:
    return ExecuteResponse(output={"result": prefix + req.action})


@functools.wraps(answer)
def decorated(req: ExecuteRequest) -> object:
    return answer(req)


class Callable1:
    """A callable instance that cannot be hashed."""

    __hash__ = None  # type: ignore[assignment] # wrong on purpose

    async def __call__(self, req: ExecuteRequest) -> ExecuteResponse:
        return await answer(req)


class BlockingCallable:
    """The same, blocking."""

    def __call__(self, req: ExecuteRequest) -> ExecuteResponse:
        return answer_blocking(req)


class OwnAwaitable:
    """An awaitable that is not a coroutine."""

    def __init__(self, req: ExecuteRequest) -> None:
        self._req = req

    def __await__(self) -> object:
        return answer(self._req).__await__()


FORMS: dict[str, object] = {
    "staticmethod": staticmethod(answer),
    "blocking-staticmethod": staticmethod(answer_blocking),
    "classmethod": classmethod(lambda _, req: answer(req)),
    "partial": staticmethod(functools.partial(answer)),
    "partial-of-partial": staticmethod(functools.partial(functools.partial(answer_with, ""))),
    "callable": Callable1(),
    "blocking-callable": BlockingCallable(),
    "decorated": staticmethod(decorated),
    "awaitable": staticmethod(OwnAwaitable),
    "lambda": lambda _, req: answer(req),
    "property": property(lambda _: answer),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
async def test_every_form_of_a_method_works(form: object) -> None:
    """Any callable that takes a request and returns a response works as a method."""
    agent_type = type("Formed", (Agent,), {"execute": form})
    async with calling(agent_type()) as caller:
        for _ in range(2):
            reply = await caller.answer()
            assert reply.result_json == b'{"result":"answer"}'


def unavailable(_: object) -> NoReturn:
    raise ConnectionError("the attribute has to be fetched, and cannot")


BROKEN: dict[str, tuple[object, str]] = {
    "none": (None, "'NoneType' object is not callable"),
    "text": ("execute", "'str' object is not callable"),
    "without-parameters": (lambda: HARMLESS, "positional argument"),
    "with-too-many": (lambda _, __, ___: HARMLESS, "missing 1 required positional argument"),
    "property-raises": (property(unavailable), "has to be fetched"),
    "slots-unset": (property(lambda agent: agent.missing), "has no attribute 'missing'"),
    "awaits-junk": (
        staticmethod(type("Junk", (), {"__init__": lambda *_: None, "__await__": lambda _: 3})),
        "iterator",
    ),
    "yields-junk": (
        staticmethod(
            type("Junk", (), {"__init__": lambda *_: None, "__await__": lambda _: iter([3])})
        ),
        "got bad yield",
    ),
}


@pytest.mark.parametrize(("form", "words"), BROKEN.values(), ids=BROKEN)
async def test_an_invalid_method_fails_its_execution(
    form: object, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The engine and the log get the reason, and all other calls work."""
    agent_type = type("Broken", (Agent,), {"execute": form})
    async with calling(agent_type()) as caller:
        for _ in range(2):
            reply = await caller.answer()
            assert not reply.success
            assert words in reply.error
        assert (await caller.health()).healthy
    assert len(errors_in(caplog)) == 2


def odd_getattr(agent: Agent, name: str) -> NoReturn:
    raise RuntimeError(f"no {name}")


def refuse(*_: object) -> NoReturn:
    raise RuntimeError("compared, hashed or printed")


ODD: dict[str, dict[str, object]] = {
    "no-state-at-all": {"__init__": lambda _: None, "execute": staticmethod(answer)},
    "getattr-raises": {"__getattr__": odd_getattr},
    "cannot-be-compared": {"__eq__": refuse, "__hash__": refuse},
    "cannot-be-printed": {"__repr__": refuse, "__str__": refuse},
    "is-false": {"__bool__": lambda _: False, "__len__": lambda _: 0},
    "truth-raises": {"__bool__": refuse},
    "has-slots": {"__slots__": ("own",)},
}


@pytest.mark.parametrize("members", ODD.values(), ids=ODD)
async def test_an_odd_plugin_object_is_served(members: dict[str, object]) -> None:
    """The SDK uses a plugin's methods and nothing else of it."""
    agent_type: Callable[[], Agent] = type("Odd", (Agent,), members)
    async with calling(agent_type()) as caller:
        assert (await caller.answer()).success
        assert (await caller.health()).healthy
        assert (await caller.push(region="eu")).acknowledged
