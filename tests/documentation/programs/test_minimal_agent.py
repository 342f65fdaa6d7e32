from minimal_agent import MyPlugin

from mirastack_sdk.testing import MockEngineClient, make_execute_request


async def test_get_status():
    plugin = MyPlugin()
    req = make_execute_request(
        params={"action": "get_status", "service": "checkout"},
        engine_client=MockEngineClient(),
    )
    resp = await plugin.execute(req)
    assert "result" in resp.output
    assert "checkout" in resp.output["result"]
    assert not resp.logs # no errors
