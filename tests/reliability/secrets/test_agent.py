"""An agent that puts its secrets into all of its texts."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from mirastack_sdk import (
    ConfigParam,
    Context,
    ExecuteRequest,
    ExecuteResponse,
    PluginInfo,
)
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceStub
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk.errors import DecodeError
from mirastack_sdk.testing import Encoding, LocalEngine
from mirastack_sdk.testing._local.registry import RegisteredAgent
from tests.e2e.in_process import served
from tests.runtime.telemetry_in_memory import Records, RunningAgent, recording, registered

SECRET = "hunter2-of-the-backend"
OLDER = "hunter1-of-the-backend"
URL = "https://admin:pa55word@10.0.0.1:9200/x?api_key=k3y"
ALL = (SECRET, OLDER, "pa55word", "k3y")


class Talkative(RunningAgent):
    """Puts every secret that it knows into every text that it produces."""

    def __init__(self) -> None:
        super().__init__(self._run_all)
        self.config: dict[str, str] = {}
        self.tokens: list[str] = []

    def info(self) -> PluginInfo:
        return replace(
            super().info(),
            config_params=[
                ConfigParam("token", "A secret.", secret=True, default="unset-token"),
                ConfigParam("region", "No secret."),
            ],
        )

    async def _run_all(self, req: ExecuteRequest) -> str:
        if not self.config:
            self.config = await req.engine_client.get_config(req.ctx)
        self._fail("execute")

    async def health_check(self) -> None:
        self._fail("health_check")

    async def config_updated(self, config: dict[str, str]) -> None:
        self.config = config
        self._fail("config_updated")

    def _fail(self, what: str) -> NoReturn:
        token = self.config.get("token", "no token")
        self.tokens.append(token)
        raise RuntimeError(f"{what}: {URL} refuses {self.tokens}") from KeyError(token)


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    with recording(monkeypatch) as records:
        yield records


async def texts_sent(agent: RegisteredAgent) -> list[str]:
    """All texts that an agent sends to an engine that gave it secrets."""
    older = await agent.push_config({"token": OLDER})
    pushed = await agent.push_config({"token": SECRET, "region": "eu-west"})
    health = await agent.health()
    execution = await agent.execute("run")
    accepted = [older.acknowledged, pushed.acknowledged, health.healthy, execution.success]
    assert not any(accepted)
    return [older.error, pushed.error, health.message, execution.error]


def require_none(text: str) -> None:
    """Fail if a text contains a secret."""
    assert [secret for secret in ALL if secret in text] == []


@pytest.mark.contract(
    "From the documented API to the wire: no address, credential, path or traceback leaves"
)
@pytest.mark.parametrize("encoding", list(Encoding))
async def test_no_response_contains_a_secret(encoding: Encoding) -> None:
    """Errors, health messages and refusals name the method and the failure, but no secret."""
    async with LocalEngine() as engine, served(Talkative(), engine=engine.address):
        agent = await engine.wait_registered("my_agent")
        agent.encoding = encoding
        texts = await texts_sent(agent)
    require_none("\n".join(texts))
    for text, method in zip(texts, ("config", "config", "health", "execute"), strict=True):
        assert text.startswith(method)
        assert "refuses" in text
        assert "[secret]" in text


async def test_no_log_line_contains_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """No log line contains a secret, even with the author's own handlers, tracebacks and fields."""
    caplog.set_level(logging.DEBUG)
    stream = io.StringIO()
    own = logging.StreamHandler(stream)
    own.setFormatter(logging.Formatter("%(name)s %(message)s"))
    logging.getLogger().addHandler(own)
    try:
        async with LocalEngine() as engine, served(Talkative(), engine=engine.address):
            await texts_sent(await engine.wait_registered("my_agent"))
    finally:
        logging.getLogger().removeHandler(own)
    require_none(caplog.text)
    require_none(stream.getvalue())
    for record in caplog.records:
        require_none(str(vars(record)))
    assert "health_check raised an exception" in stream.getvalue()
    assert "10.0.0.1:9200" in stream.getvalue()


async def test_secrets_from_get_config_are_hidden() -> None:
    """Secrets in the response of `get_config` are hidden as pushed ones are."""
    async with LocalEngine() as engine, served(Talkative(), engine=engine.address):
        agent = await engine.wait_registered("my_agent")
        agent._store_config("my_agent", {"token": SECRET})  # noqa: SLF001 - without a push
        reply = await agent.execute("run")
    assert not reply.success
    require_none(reply.error)
    assert "[secret]" in reply.error


class Refusing(Talkative):
    """Keeps its config while it refuses others."""

    async def config_updated(self, config: dict[str, str]) -> None:
        if config.get("region") == "nowhere":
            raise ValueError("there is no such region")
        self.config = config


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_a_secret_in_use_stays_hidden_while_others_are_refused(
    encoding: Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many configs the engine sends that the agent does not accept."""
    monkeypatch.setattr("mirastack_sdk._core.redaction.known_secrets._REMEMBERED", 2)
    async with LocalEngine() as engine, served(Refusing(), engine=engine.address):
        agent = await engine.wait_registered("my_agent")
        agent.encoding = encoding
        assert (await agent.push_config({"token": SECRET})).acknowledged
        for number in range(5):
            refused = {"token": f"refused-{number}", "region": "nowhere"}
            assert not (await agent.push_config(refused)).acknowledged
        reply = await agent.execute("run")
        require_none(reply.error)
        assert "[secret]" in reply.error
        assert (await agent.push_config({"token": OLDER})).acknowledged
        require_none((await agent.execute("run")).error)


@pytest.mark.parametrize("kept", ["variable", "file"])
async def test_the_token_of_the_calls_is_a_secret(
    kept: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The token of the calls is hidden, wherever the agent got it from."""
    file = tmp_path / "token"
    file.write_text(SECRET)
    environ = {
        "variable": {"MIRASTACK_AUTH_TOKEN": SECRET},
        "file": {"MIRASTACK_AUTH_TOKEN_FILE": str(file)},
    }[kept]

    class Leaking(Talkative):
        def _fail(self, what: str) -> NoReturn:
            raise RuntimeError(f"sent {SECRET}")

    async with served(Leaking(), **environ) as port:
        channel = Channel("127.0.0.1", port, CODECS, encoding=Encoding.JSON)
        metadata = {"authorization": f"Bearer {SECRET}"}
        stub = PluginServiceStub(channel, timeout=20, metadata=metadata)
        reply = await stub.health_check(wire.HealthCheckRequest())
        channel.close()
    assert reply.message == "sent [secret]"
    assert "sent [secret]" in caplog.text
    require_none(caplog.text)


async def test_what_is_not_declared_secret_is_shown() -> None:
    """Values of parameters that are not secret stay readable, and so do defaults."""

    class Plain(Talkative):
        def _fail(self, what: str) -> NoReturn:
            raise RuntimeError(f"{self.config['region']}: {self.config['token']} refused")

    async with LocalEngine() as engine, served(Plain(), engine=engine.address):
        agent = await engine.wait_registered("my_agent")
        answer = await agent.push_config({"token": "unset-token", "region": "eu-west"})
    assert answer.error == "eu-west: unset-token refused"


async def test_no_telemetry_contains_a_secret(records: Records) -> None:
    """Telemetry gets the cleaned texts, and no contents of messages."""
    async with LocalEngine() as engine, registered(Talkative(), engine) as agent:
        await texts_sent(agent)
    require_none(records.everything())
    assert "execution_failed" in records.everything()


async def test_an_engines_error_that_repeats_a_secret_reaches_no_span(records: Records) -> None:
    """An engine's error text is cleaned as any other."""

    class Asking(Talkative):
        async def config_updated(self, config: dict[str, str]) -> None:
            self.config = config

        async def _run_all(self, req: ExecuteRequest) -> str:
            return await req.engine_client.cache_get(req.ctx, "key") or ""

    async with LocalEngine() as engine, registered(Asking(), engine) as agent:
        await agent.push_config({"token": SECRET})
        engine.fail("cache_get", "INVALID_ARGUMENT", f"no entry {SECRET} here")
        reply = await agent.execute("run")
    assert "no entry [secret] here" in reply.error
    assert "no entry [secret] here" in records.everything()
    require_none(records.everything())


async def test_a_failed_task_reveals_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Asyncio's report on a failed task is cleaned as any other log line."""

    class Spawning(Talkative):
        async def config_updated(self, config: dict[str, str]) -> None:
            self.config = config

        def _fail(self, what: str) -> NoReturn:
            asyncio.get_running_loop().create_task(self._later())
            raise ValueError("spawned")

        async def _later(self) -> None:
            raise RuntimeError(f"refuses {self.config['token']}")

    async with LocalEngine() as engine, served(Spawning(), engine=engine.address):
        agent = await engine.wait_registered("my_agent")
        await agent.push_config({"token": SECRET})
        await agent.execute("run")
        async with asyncio.timeout(20):
            while "Task exception was never retrieved" not in caplog.text:
                await agent.health()
    require_none(caplog.text)


@pytest.mark.contract("What reaches the language model: secrets are taken out of result_json")
@pytest.mark.parametrize("encoding", list(Encoding))
async def test_results_contain_no_secrets(encoding: Encoding) -> None:
    """The rest of a result is the author's; logs and partial results are cleaned too."""

    class Answering(Talkative):
        async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
            result = json.dumps({"key": self.config["token"], "url": "http://10.0.0.1/x"})
            await req.engine_client.publish_result(req.ctx, result)
            return ExecuteResponse({"result": result}, [f"{URL} refuses {SECRET}"])

        async def config_updated(self, config: dict[str, str]) -> None:
            self.config = config

    cleaned = '{"key": "[secret]", "url": "http://10.0.0.1/x"}'
    async with LocalEngine() as engine, served(Answering(), engine=engine.address):
        agent = await engine.wait_registered("my_agent")
        await agent.push_config({"token": SECRET})
        response = await agent.execute("run", encoding=encoding)
    assert response.output == {"result": cleaned}
    assert response.logs == ["[address] refuses [secret]"]
    assert [partial.partial_json for partial in engine.published] == [cleaned]


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"token": 12345678}, id="number"),
        pytest.param({"token": ["12345678"]}, id="list"),
        pytest.param({"token": {"12345678": 1}}, id="object"),
        pytest.param(["12345678"], id="no-map"),
        pytest.param("12345678", id="text"),
    ],
)
def test_a_push_that_cannot_be_read_is_refused_without_its_values(config: object) -> None:
    """The error names the invalid field, but not its value."""
    body = json.dumps({"config": config}).encode()
    with pytest.raises(DecodeError) as caught:
        CODECS[Encoding.JSON].for_type(wire.ConfigUpdatedRequest).decode(body)
    assert "12345678" not in str(caught.value)


def test_no_repr_contains_a_secret() -> None:
    """The repr of an object that holds secrets does not show them."""
    param = ConfigParam("token", "A secret.", secret=True, default=SECRET)
    context = Context(execution_id="e-1", metadata={"authorization": f"Bearer {SECRET}"})
    request = ExecuteRequest({}, None, None, ctx=context)  # type: ignore[arg-type] # no client
    for text in (repr(param), str(param), repr(context), repr(request), f"{[param, context]}"):
        require_none(text)
    assert "ConfigParam(key='token'" in repr(param)
    assert "default='x'" in repr(ConfigParam("region", "d", default="x"))
    assert "execution_id='e-1'" in repr(context)
