"""A bearer token in both directions: required, sent, changed, and never shown."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import grpc.aio
import pytest

from mirastack_sdk import ExecuteRequest, ExecuteResponse
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk.security import Security
from mirastack_sdk.testing import AgentCallError, Encoding, LocalEngine
from tests.e2e.in_process import served
from tests.reliability.tls.peers import INFO, TIMEOUT, Keeper, caller, until
from tests.wire.raw_peer import RawPeer, frame

TOKEN = "correct-horse-battery-staple"
EXECUTE = "/mirastack.plugin.v1.PluginService/Execute"

MISSING = "the header authorization is missing, this server requires a bearer token"
NO_BEARER = "the header authorization has no bearer token, this server requires one"
WRONG = "the bearer token is wrong"
TWICE = "the header authorization is there more than once"


@pytest.fixture
def keeper() -> Keeper:
    """The agent's plugin."""
    return Keeper()


@pytest.fixture
async def port(keeper: Keeper) -> AsyncIterator[int]:
    """The port of an agent that requires the token."""
    async with served(keeper, MIRASTACK_AUTH_TOKEN=TOKEN) as number:
        yield number


async def refusal_of(port: int, token: str | None) -> AgentCallError:
    """Return the error of a call with a wrong token."""
    with (
        caller(port, Security(token=token)) as client,
        pytest.raises(AgentCallError) as refusal,
    ):
        await client.execute("echo")
    return refusal.value


@pytest.mark.parametrize("encoding", Encoding)
async def test_the_right_token_is_served(port: int, keeper: Keeper, encoding: Encoding) -> None:
    """A caller with the token is served, in either encoding, and the author does not see it."""
    with caller(port, Security(token=TOKEN)) as client:
        for _ in range(3):
            assert (await client.execute("echo", {"said": "1"}, encoding=encoding)).success
    assert keeper.metadata == [{}, {}, {}]


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        (None, MISSING),
        ("", NO_BEARER),
        ("Bearer", WRONG),
        ("Bearer wrong", WRONG),
        (f"Bearer {TOKEN[:-1]}", WRONG),
        (f"Bearer {TOKEN}x", WRONG),
        (f"Bearer {TOKEN.upper()}", WRONG),
        ("Bearer \u00e9", WRONG),
        (f"Basic {TOKEN}", NO_BEARER),
        (TOKEN, NO_BEARER),
    ],
    ids=[
        "none",
        "empty",
        "no token",
        "wrong",
        "shorter",
        "longer",
        "in capitals",
        "not ASCII",
        "other scheme",
        "no scheme",
    ],
)
async def test_anything_else_is_not(
    port: int, keeper: Keeper, authorization: str | None, reason: str
) -> None:
    """Any other header is UNAUTHENTICATED with a reason; the author is not called."""
    headers = {} if authorization is None else {"authorization": authorization}
    async with await RawPeer.connect(port) as peer:
        answer = await peer.answer(peer.request(EXECUTE, frame(b""), **headers))
    assert (answer.status, answer.message) == ("16", reason)
    assert answer.headers["content-type"] == "application/grpc+proto"
    assert keeper.metadata == []


@pytest.mark.parametrize(
    "authorization",
    [f"bearer {TOKEN}", f"BEARER {TOKEN}", f"Bearer  {TOKEN}"],
    ids=["small", "capital", "two spaces"],
)
async def test_the_scheme_is_read_as_http_has_it(port: int, authorization: str) -> None:
    """The word Bearer may be in any case, and followed by spaces."""
    async with await RawPeer.connect(port) as peer:
        answer = await peer.answer(peer.request(INFO, frame(b""), authorization=authorization))
    assert answer.status == "0"


async def test_two_headers_are_refused(port: int) -> None:
    """A second header, which a proxy may add, is refused: choosing one would be unsafe."""
    async with await RawPeer.connect(port) as peer:
        head = [(":method", "POST"), (":scheme", "http"), (":path", INFO), ("te", "trailers")]
        head += [("content-type", "application/grpc")]
        head += [("authorization", f"Bearer {TOKEN}"), ("authorization", "Bearer wrong")]
        answer = await peer.answer(peer.request_with(head, frame(b"")))
    assert (answer.status, answer.message) == ("16", TWICE)


async def test_a_call_is_refused_before_its_body_comes(port: int) -> None:
    """An unauthorized request is refused after its headers; its body is not read."""
    async with await RawPeer.connect(port) as peer:
        stream_id = peer.begin(EXECUTE, b"\0\0\x10\0\0")
        assert (await peer.answer(stream_id)).status == "16"


async def test_methods_are_hidden_from_unauthorized_callers(port: int) -> None:
    """Unauthorized callers cannot find out which methods exist."""
    async with await RawPeer.connect(port) as peer:
        unknown = await peer.answer(peer.request("/any.Service/Method", frame(b"")))
        known = await peer.answer(
            peer.request("/any.Service/Method", frame(b""), authorization=f"Bearer {TOKEN}")
        )
    assert (unknown.status, known.status) == ("16", "12")


async def test_a_request_that_is_not_grpc_is_reported_first(port: int) -> None:
    """A browser or a probe gets its HTTP status even without a token."""
    async with await RawPeer.connect(port) as peer:
        answer = await peer.answer(peer.request(INFO, None, method="GET"))
    assert answer.headers[":status"] == "405"


async def test_grpcio_brings_the_token(port: int) -> None:
    """An independent client is served with the token, and gets the reason without it."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(INFO)
        metadata = (("authorization", f"Bearer {TOKEN}"),)
        assert b"keeper" in await method(b"", metadata=metadata, timeout=TIMEOUT)
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await method(b"", timeout=TIMEOUT)
    assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert refusal.value.details() == MISSING


async def test_an_engine_that_demands_the_token_gets_it() -> None:
    """Every call to the engine carries the token: registration, heartbeats and callbacks."""
    keeper = Keeper()
    async with (
        LocalEngine(security=Security(token=TOKEN)) as engine,
        served(keeper, engine=engine.address, MIRASTACK_AUTH_TOKEN=TOKEN),
    ):
        agent = await engine.wait_registered("keeper")
        assert (await agent.execute("echo", {"said": "1", "remember": "yes"})).success
        assert engine.calls_of("cache_set")
    assert engine.violations == []


async def test_an_engine_that_demands_another_token(caplog: pytest.LogCaptureFixture) -> None:
    """The registration fails with the engine's reason, and the log calls for an operator."""
    async with (
        LocalEngine(security=Security(token="another")) as engine,
        served(Keeper(), engine=engine.address, MIRASTACK_AUTH_TOKEN=TOKEN),
    ):
        await until(lambda: "registration failed" in caplog.text)
    line = next(record for record in caplog.records if "registration failed" in record.message)
    assert f"the engine answered UNAUTHENTICATED: {WRONG}; this needs an operator" in line.message
    assert vars(line)["reason"] == "permission_denied"
    assert TOKEN not in caplog.text


async def test_a_new_token_counts_at_once(keeper: Keeper, tmp_path: Path) -> None:
    """When the file changes, the new token is served without a restart, and the old one is not."""
    file = tmp_path / "token"
    file.write_text("first\n")
    async with served(keeper, MIRASTACK_AUTH_TOKEN_FILE=str(file)) as port:
        with (
            caller(port, Security(token="first")) as old,
            caller(port, Security(token="second")) as new,
        ):
            assert (await old.execute("echo")).success
            replace_with(file, "second\n")
            assert (await new.execute("echo")).success
            with pytest.raises(AgentCallError, match=WRONG):
                await old.execute("echo")


@pytest.mark.parametrize(
    "text",
    ["", "two words", "\u00e9", "right\n\u00e9", "\n".join("abcdefghijk")],
    ids=["empty", "words", "not ASCII", "second line", "eleven"],
)
async def test_a_broken_file_keeps_the_token(
    keeper: Keeper, tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A file without a token causes one warning, and the previous token stays in use."""
    file = tmp_path / "token"
    file.write_text("first")
    async with served(keeper, MIRASTACK_AUTH_TOKEN_FILE=str(file)) as port:
        with caller(port, Security(token="first")) as client:
            replace_with(file, text)
            for _ in range(3):
                assert (await refusal_of(port, "second")).status == "UNAUTHENTICATED"
            assert (await client.execute("echo")).success
    assert caplog.text.count("the previous content stays in use") == 1
    assert "MIRASTACK_AUTH_TOKEN_FILE: " in caplog.text
    assert str(file) in caplog.text


async def test_both_tokens_count_while_they_are_exchanged(keeper: Keeper, tmp_path: Path) -> None:
    """A file may hold several: callers may send each of them, and the agent sends the first."""
    file = tmp_path / "token"
    file.write_text("first\n")
    async with (
        LocalEngine(security=Security(token="first")) as engine,
        served(keeper, engine=engine.address, MIRASTACK_AUTH_TOKEN_FILE=str(file)) as port,
    ):
        await engine.wait_registered("keeper")
        with (
            caller(port, Security(token="first")) as old,
            caller(port, Security(token="second")) as new,
        ):
            replace_with(file, "first\n\nsecond\n")
            assert (await new.execute("echo")).success
            assert (await old.execute("echo")).success
            replace_with(file, "second\n")
            # A wrong token makes the agent look at once.
            assert (await refusal_of(port, "third")).status == "UNAUTHENTICATED"
            assert (await new.execute("echo")).success
            with pytest.raises(AgentCallError, match=WRONG):
                await old.execute("echo")


async def test_the_next_call_to_the_engine_carries_the_new_token(
    tmp_path: Path,
) -> None:
    """Both sides read the new token, and the agent stays on the connection that it has."""
    file = tmp_path / "token"
    file.write_text("first\n")
    security = Security(token_file=file)

    class Asking(Keeper):
        async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
            value = await req.engine_client.cache_get(req.ctx, "keeper:key")
            return ExecuteResponse(output={"value": value or "none"})

    async with (
        LocalEngine(security=security) as engine,
        served(Asking(), engine=engine.address, MIRASTACK_AUTH_TOKEN_FILE=str(file)),
    ):
        agent = await engine.wait_registered("keeper")
        assert (await agent.execute("echo")).success
        replace_with(file, "second\n")
        assert (await agent.execute("echo")).success
        assert (await agent.execute("echo")).success
        assert engine.violations == []


async def test_a_file_that_is_gone_keeps_the_token(keeper: Keeper, tmp_path: Path) -> None:
    """A file that is missing for a while changes nothing."""
    file = tmp_path / "token"
    file.write_text("first")
    async with served(keeper, MIRASTACK_AUTH_TOKEN_FILE=str(file)) as port:
        file.unlink()
        assert (await refusal_of(port, None)).status == "UNAUTHENTICATED"
        with caller(port, Security(token="first")) as client:
            assert (await client.execute("echo")).success


async def test_no_log_shows_a_token(keeper: Keeper, caplog: pytest.LogCaptureFixture) -> None:
    """Neither right nor wrong tokens are logged, even at DEBUG in every library."""
    caplog.set_level(logging.DEBUG)
    async with (
        LocalEngine(security=Security(token=TOKEN)) as engine,
        served(keeper, engine=engine.address, MIRASTACK_AUTH_TOKEN=TOKEN) as port,
    ):
        agent = await engine.wait_registered("keeper")
        assert (await agent.execute("echo")).success
        assert (await refusal_of(port, "guessed-by-somebody")).status == "UNAUTHENTICATED"
    assert f"refused a call: {WRONG}" in caplog.text
    assert TOKEN not in caplog.text
    assert "guessed-by-somebody" not in caplog.text


async def test_wrong_tokens_are_not_remembered(port: int) -> None:
    """Each guess of a flood is refused, and none is remembered."""
    async with await RawPeer.connect(port) as peer:
        answers = [
            await peer.answer(peer.request(INFO, frame(b""), authorization=f"Bearer {number}"))
            for number in range(200)
        ]
        right = await peer.answer(peer.request(INFO, frame(b""), authorization=f"Bearer {TOKEN}"))
    assert {answer.status for answer in answers} == {"16"}
    assert right.status == "0"


def test_no_repr_shows_a_token() -> None:
    """The repr of settings, in code or from the environment, does not contain it."""
    settings = Settings.from_mapping({"MIRASTACK_AUTH_TOKEN": TOKEN})
    assert settings.security.security.token == TOKEN
    assert TOKEN not in repr(settings)
    assert TOKEN not in repr(Security(token=TOKEN))


def replace_with(file: Path, text: str) -> None:
    """Change a file as operators' tools do: a new one takes its place."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


async def test_calls_in_flight_do_not_mind_a_change(tmp_path: Path) -> None:
    """A call that was accepted is completed although the token has changed."""
    file = tmp_path / "token"
    file.write_text("first")
    started, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Keeper):
        async def health_check(self) -> None:
            started.set()
            await go_on.wait()

    async with served(Slow(), MIRASTACK_AUTH_TOKEN_FILE=str(file)) as port:
        with caller(port, Security(token="first")) as client:
            call = asyncio.create_task(client.health())
            async with asyncio.timeout(TIMEOUT):
                await started.wait()
            replace_with(file, "second")
            assert (await refusal_of(port, None)).status == "UNAUTHENTICATED"
            go_on.set()
            assert (await call).healthy
