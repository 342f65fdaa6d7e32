"""The engine clients that must keep every promise in this folder."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk.testing import Encoding
from mirastack_sdk.testing._allowances import Allowance
from tests.contracts.bench import Bench, in_process_bench, mock_bench, rpc_bench

CLIENTS = ["mock", "in-process-json", "in-process-proto", "rpc-json", "rpc-proto"]


@pytest.fixture(params=CLIENTS)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Each client in turn: the mock, and the real one in both encodings, beside either engine."""
    async with _running(request.param, ()) as bench:
        yield bench


@pytest.fixture(params=CLIENTS)
async def lenient_bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """As `bench`, with engines that allow everything."""
    async with _running(request.param, ("foreign_cache_keys", "read_approvals")) as bench:
        yield bench


@asynccontextmanager
async def _running(kind: object, allow: Collection[Allowance]) -> AsyncIterator[Bench]:
    if kind == "mock":
        with mock_bench(allow) as mock:
            yield mock
        return
    if str(kind).startswith("in-process"):
        async with in_process_bench(str(kind).rpartition("-")[2], allow) as in_process:
            yield in_process
        return
    encoding = Encoding.JSON if kind == "rpc-json" else Encoding.PROTOBUF
    async with rpc_bench(encoding, allow) as rpc:
        yield rpc
