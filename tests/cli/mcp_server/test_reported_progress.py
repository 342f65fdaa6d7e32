"""The progress that an action reports, as an MCP client hears it."""

import pytest

from tests.cli.mcp_server.clients import MODES, Heard, Mode, client_of, shop_server


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("done", "heard_progress"),
    [(0.5, (0.5, 1.0, "counting")), (None, (1.0, None, "counting"))],
)
async def test_progress_is_progress(
    mode: Mode,
    done: float | None,
    heard_progress: tuple[float, float | None, str],
) -> None:
    """Its fraction is of a total of one; without one, it counts on."""
    heard = Heard()
    async with shop_server() as server, client_of(server, mode) as client:
        result = await client.call_tool(
            "stocktake", {"done": done}, progress_callback=heard.on_progress
        )
    assert heard.progress == [heard_progress]
    assert result.structured_content == {"result": 3}
