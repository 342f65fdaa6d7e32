"""The server of a shop in this process, and both eras of the protocol."""

from collections.abc import AsyncIterator

import pytest

from mirastack_sdk._cli.mcp_server.agent_server import AgentServer
from tests.cli.mcp_server.clients import MODES, Mode, shop_server


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    """Either era of the protocol."""
    found: Mode = request.param
    return found


@pytest.fixture
async def server() -> AsyncIterator[AgentServer]:
    """The server of a shop."""
    async with shop_server() as found:
        yield found
