"""The engine chooses the action: no parameter of a call chooses another one."""

import itertools
import json

import pytest

from mirastack_sdk import Agent, TypedActions, action, compat
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.compat._adapter import PluginAdapter
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk.testing import Encoding, LocalEngine
from tests.testing.agents import serving

TIMEOUT = 10.0


class Documented(MirastackPlugin):
    """An agent that reads the action from the parameters, as it is documented."""

    def info(self) -> PluginInfo:
        return PluginInfo("chooser", "1.0.0", "Chooses.", Permission.READ, ["operate"])

    def schema(self) -> PluginSchema:
        return PluginSchema(
            [
                Action("read", "Read.", {}),
                Action("delete_all", "Delete.", {}, permission=Permission.ADMIN),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(output={"result": json.dumps(req.params["action"])})


class Mixed(Documented, TypedActions):
    """A documented agent with a typed action beside its own."""

    @action
    async def typed_read(self) -> str:
        """Read, typed."""
        return "typed_read"


typed = Agent(
    name="chooser",
    version="1.0.0",
    description="Chooses.",
    permission=Permission.READ,
    devops_stages=["operate"],
)


@typed.action
async def read() -> str:
    """Read."""
    return "read"


@typed.action(permission=Permission.ADMIN)
async def delete_all() -> str:
    """Delete."""
    return "delete_all"


@pytest.mark.contract("From the documented API to the wire: an action_id wins over the params")
@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize(
    ("plugin", "asked", "named"),
    [
        (Documented(), "read", "delete_all"),
        (typed, "read", "delete_all"),
        (Mixed(), "read", "delete_all"),
        (Mixed(), "read", "typed_read"),
        (Mixed(), "typed_read", "delete_all"),
    ],
    ids=["documented", "typed", "mixed", "mixed-to-typed", "mixed-from-typed"],
)
async def test_the_admitted_action_runs(
    plugin: MirastackPlugin,
    asked: str,
    named: str,
    encoding: Encoding,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A model that names another action in the parameters is overruled, and the log says so."""
    async with LocalEngine() as engine, serving(plugin, engine):
        agent = await engine.wait_registered("chooser")
        result = await agent.execute(asked, {"action": named}, encoding=encoding)
        assert json.loads(result.output["result"]) == asked
        [line] = [one.message for one in caplog.records if "parameters name" in one.message]
        assert repr(named) in line
        assert repr(asked) in line
        caplog.clear()
        await agent.execute(asked, {"action": asked}, encoding=encoding)
        assert "parameters name" not in caplog.text


@pytest.mark.contract(
    "From the documented API to the wire: only an empty action_id leaves the params' action"
)
@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("plugin", [Documented(), typed, Mixed()])
async def test_a_call_without_an_action_id_names_it_in_the_parameters(
    plugin: MirastackPlugin, encoding: Encoding
) -> None:
    """As callers that know only the documentation do."""
    async with LocalEngine() as engine, serving(plugin, engine):
        agent = await engine.wait_registered("chooser")
        result = await agent.execute("", {"action": "delete_all"}, encoding=encoding)
        assert json.loads(result.output["result"]) == "delete_all"


class Published(compat.Plugin):
    """An agent written for the published SDK."""

    def info(self) -> compat.PluginInfo:
        return compat.PluginInfo(
            name="chooser",
            version="1.0.0",
            description="Chooses.",
            permissions=[compat.Permission.READ],
            devops_stages=[compat.DevOpsStage.OPERATE],
            actions=[
                compat.Action(name, "Act.", compat.Permission.READ, [compat.DevOpsStage.OPERATE])
                for name in ("read", "delete_all")
            ],
        )

    def schema(self) -> compat.PluginSchema:
        return compat.PluginSchema()

    async def execute(self, req: compat.ExecuteRequest) -> compat.ExecuteResponse:
        [name] = {req.action_id, req.params.get("action")}
        return compat.ExecuteResponse(output={"result": json.dumps(name)})

    async def health_check(self) -> None: ...
    async def config_updated(self, config: dict[str, str]) -> None: ...


# Other ways to write "action" or the other action, as a model might.
SPELLINGS = [
    b'{"action":"delete_all"}',
    b'{"\\u0061ction":"delete_all"}',
    b'{"action":"read","action":"delete_all"}',
    b'{"action":"delete_all","action":"read"}',
    b'{"action":null}',
    b'{"action":["delete_all"]}',
    b'{"action":{"name":"delete_all"}}',
    b'{"Action":"delete_all"}',
    b'{" action":"delete_all"}',
    b'{"action\\u0000":"delete_all"}',
    b'{"action_id":"delete_all"}',
    b'{"params":{"action":"delete_all"}}',
    b'{"\\ud800":1,"action":"delete_all"}',
]

ASKED = ("read", " read", "Read", "\u200bread", "read\n", " ")


@pytest.mark.contract("From the documented API to the wire: an action_id wins over the params")
@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize(
    "plugin",
    [Documented(), typed, Mixed(), PluginAdapter(Published())],
    ids=["documented", "typed", "mixed", "published"],
)
async def test_no_spelling_of_the_parameters_chooses_another_action(
    plugin: MirastackPlugin, encoding: Encoding
) -> None:
    """Whatever JSON it is, the admitted action runs, and one that there is not runs nothing."""
    async with LocalEngine() as engine, serving(plugin, engine):
        agent = await engine.wait_registered("chooser")
        for params, asked in itertools.product(SPELLINGS, ASKED):
            request = wire.ExecuteRequest(action_id=asked, params_json=params)
            response = await agent.stub(encoding).execute(request, timeout=TIMEOUT)
            result = json.loads(response.result_json)
            if "result" in result:
                assert json.loads(result["result"]) == asked
            else:
                assert asked != "read"
                assert result["error"].startswith("unknown action")
