"""The engine clients that must keep every promise in this folder."""

from collections.abc import AsyncIterator

import pytest

from mirastack_sdk.testing import Encoding
from tests.contracts.bench import Bench, mock_bench, rpc_bench


@pytest.fixture(params=["mock", "rpc-json", "rpc-proto"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Each client in turn: the mock, and the real one in both encodings."""
    kind: object = request.param
    if kind == "mock":
        yield mock_bench()
        return
    encoding = Encoding.JSON if kind == "rpc-json" else Encoding.PROTOBUF
    async with rpc_bench(encoding) as running:
        yield running
