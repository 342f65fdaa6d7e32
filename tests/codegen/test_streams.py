"""Methods with streams are typed asynchronous iterators, in the bases and in the stubs."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from tests.codegen.generated import Loopback, streams
from tests.typing.strict import mypy_strict, pyright_strict

type Made = Any  # Any: the classes did not exist when the types were checked

KINDS = {"GET": (False, False), "COUNT": (False, True), "COLLECT": (True, False)}
KINDS["ECHO"] = (True, True)

USAGE = """
from collections.abc import AsyncIterator
from typing import assert_type

from .messages import Item, Plan, Summary
from .services import StreamServiceBase, StreamServiceStub


class Service(StreamServiceBase):
    async def get(self, request: Item) -> Item:
        return request

    async def count(self, request: Plan) -> AsyncIterator[Item]:
        for number in range(request.items):
            yield Item(number=number)

    async def collect(self, requests: AsyncIterator[Item]) -> Summary:
        return Summary(sum=sum([item.number async for item in requests]))

    async def echo(self, requests: AsyncIterator[Item]) -> AsyncIterator[Item]:
        async for item in requests:
            yield item


async def use(stub: StreamServiceStub) -> None:
    async for item in stub.count(Plan(items=2), timeout=1.0):
        assert_type(item, Item)
    assert_type(await stub.collect([Item(number=1)]), Summary)
    assert_type(await stub.collect(stub.count(Plan())), Summary)
    async for item in stub.echo((Item(),), metadata={"a": "b"}):
        assert_type(item, Item)
    await stub.echo([]).aclose()
    await stub.collect([Plan()])  # wrong
    await stub.count(Plan())  # wrong
"""


def _service() -> Made:
    item, summary = streams().type("Item"), streams().type("Summary")
    closed: list[str] = []

    class Service(streams().services.StreamServiceBase):  # type: ignore[misc]  # a base that is generated
        left = closed

        async def count(self, request: Made) -> AsyncIterator[Made]:
            try:
                for number in range(request.items):
                    yield item(number=number)
            finally:
                closed.append("count")

        async def collect(self, requests: AsyncIterator[Made]) -> Made:
            numbers = [item.number async for item in requests]
            return summary(items=len(numbers), sum=sum(numbers))

        async def echo(self, requests: AsyncIterator[Made]) -> AsyncIterator[Made]:
            async for request in requests:
                yield request

    return Service()


def _stub(service: Made, **options: Made) -> Made:
    return streams().services.StreamServiceStub(Loopback(service), **options)


@pytest.mark.parametrize("constant", KINDS)
def test_a_method_says_what_it_streams(constant: str) -> None:
    """The wire path learns from the method which sides are streams."""
    method = getattr(streams().services, constant)
    assert (method.client_streaming, method.server_streaming) == KINDS[constant]


async def test_a_stream_of_responses() -> None:
    """The author writes an asynchronous generator, and the caller iterates."""
    plan = streams().type("Plan")(items=3)
    assert [item.number async for item in _stub(_service()).count(plan)] == [0, 1, 2]


async def test_a_stream_of_requests_is_any_iterable() -> None:
    """A list does as well as an asynchronous generator."""
    item = streams().type("Item")
    stub = _stub(_service())
    summary = streams().type("Summary")(items=3, sum=3)
    assert await stub.collect([item(number=number) for number in range(3)]) == summary
    assert await stub.collect(stub.count(streams().type("Plan")(items=3))) == summary


async def test_streams_in_both_directions() -> None:
    """Each request can be answered before the next one is sent."""
    item = streams().type("Item")
    received: list[object] = []

    async def requests() -> AsyncIterator[object]:
        for number in range(3):
            assert len(received) == number
            yield item(number=number)

    responses = _stub(_service()).echo(requests())
    async for response in responses:
        received += [response]
    assert received == [item(number=number) for number in range(3)]


async def test_leaving_a_stream_closes_the_authors_generator() -> None:
    """`aclosing` around the responses ends the call."""
    service = _service()
    async with aclosing(_stub(service).count(streams().type("Plan")(items=9))) as responses:
        assert (await anext(responses)).number == 0
    assert service.left == ["count"]


@pytest.mark.parametrize("name", ["get", "count", "collect", "echo"])
async def test_a_method_that_is_not_overridden_is_unimplemented(name: str) -> None:
    """Every kind ends with UNIMPLEMENTED and the name of the method."""
    stub = _stub(streams().services.StreamServiceBase())
    call = getattr(stub, name)
    request = [] if name in {"collect", "echo"} else streams().type("Item")()
    with pytest.raises(GRPCError) as error:
        await call(request) if name in {"get", "collect"} else await anext(call(request))
    assert error.value.status is Status.UNIMPLEMENTED
    assert error.value.message == f"StreamService.{name.title()} is not implemented"


async def test_the_stubs_options_hold_for_streams() -> None:
    """Timeout and metadata are those of the stub unless a call passes its own."""
    channel = Loopback(_service())
    stub = streams().services.StreamServiceStub(channel, timeout=1, metadata={"a": "b"})
    await stub.collect([])
    await stub.count(streams().type("Plan")(), timeout=0.5).aclose()
    await stub.echo([], metadata={}).aclose()
    assert channel.calls == [({"a": "b"}, 1), ({"a": "b"}, 0.5), ({}, 1)]


def test_streams_are_typed(tmp_path: Path) -> None:
    """The generated code is clean, and both checkers report exactly the wrong lines of its use."""
    folder = streams().folder
    usage = folder / "usage.py"
    usage.write_text(USAGE, encoding="utf-8")
    wrong = [number for number, line in enumerate(USAGE.splitlines(), 1) if "# wrong" in line]
    found = mypy_strict(folder)
    assert [(finding.file, finding.line) for finding in found] == [("usage.py", n) for n in wrong]
    assert pyright_strict(folder, folder=tmp_path) == [("usage.py", number) for number in wrong]
