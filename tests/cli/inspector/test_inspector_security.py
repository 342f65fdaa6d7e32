"""Pages of others can neither read the inspector nor change anything through it."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
import pytest_asyncio

from mirastack_sdk._cli.inspector import event_stream
from mirastack_sdk._cli.inspector.web import request_bodies
from mirastack_sdk._cli.inspector.web.request_bodies import BadRequestError
from tests.cli.dev.dev_process import until
from tests.cli.inspector.stage import Stage, inspected, open_page

# One server for all: none of these requests changes anything.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with inspected(with_agent=False) as running:
        yield running


def port_of(stage: Stage) -> str:
    """The inspector's port."""
    return stage.url.rpartition(":")[2]


async def post(stage: Stage, headers: Mapping[str, str], body: bytes = b"{}") -> httpx.Response:
    """Send a change with some headers."""
    return await stage.page.post("/api/reload", content=body, headers=headers)


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
async def test_the_names_of_the_loopback_interface_are_accepted(stage: Stage, host: str) -> None:
    """The page may be opened under any of them."""
    headers = {"Host": f"{host}:{port_of(stage)}"}
    assert (await stage.page.get("/api/state", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""]
)
@pytest.mark.parametrize("path", ["/", "/api/state", "/api/stream", "/assets/x.js"])
async def test_other_hosts_are_refused(stage: Stage, host: str, path: str) -> None:
    """A name of somebody else that leads to this machine reads nothing (DNS rebinding)."""
    headers = {"Host": host.format(port=port_of(stage))}
    response = await stage.page.get(path, headers=headers)
    assert response.status_code == 403
    assert response.json()["error"].startswith("the Host must be one of 127.0.0.1:")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
)
async def test_pages_of_others_are_refused(stage: Stage, origin: str) -> None:
    """A request that a foreign page sends carries its Origin."""
    headers = {"Origin": origin.format(port=port_of(stage))}
    assert (await post(stage, {**JSON, **headers})).status_code == 403
    assert (await stage.page.get("/api/state", headers=headers)).status_code == 403
    assert "refused" in (await post(stage, {**JSON, **headers})).json()["error"]


async def test_the_own_page_is_accepted(stage: Stage) -> None:
    """The Origin of the inspector's page is no reason to refuse."""
    response = await post(stage, {**JSON, "Origin": stage.url})
    assert response.status_code == 202


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_changes_need_json(stage: Stage, method: str, content_type: str | None) -> None:
    """A form of a foreign page cannot send JSON, so nothing else is accepted."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = await stage.page.request(method, "/api/cache/k", content=b"{}", headers=headers)
    assert response.status_code == 415
    assert "application/json" in response.json()["error"]


async def test_every_response_forbids_foreign_scripts(stage: Stage) -> None:
    """Results, refusals and missing files carry the same protective headers."""
    for path in ("/api/state", "/assets/none.js", "/nothing"):
        headers = (await stage.page.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


async def test_files_outside_the_page_are_not_served(stage: Stage) -> None:
    """No path leads out of the page's folder."""
    for path in ("/assets/../inspector_app.py", "/assets/%2e%2e/inspector_app.py", "/assets//etc"):
        assert (await stage.page.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "the body is not JSON: "),
        (b"[1]", "the body must be a JSON object, and is [1]"),
        (b'{"action": NaN}', "the body is not JSON: "),
        (b"{}", "the body has no action"),
        (b'{"action": 1}', "action must be a text, and is 1"),
        (b'{"action":"a","params":[]}', "params must be a JSON object, and is []"),
        (b'{"action":"a","encoding":"xml"}', "encoding must be one of json, protobuf, and is"),
        (b'{"action":"a","mode":"x"}', "mode must be one of manual, guided, autonomous, and is"),
        (b'{"action":"a","timeout_s":0}', "timeout_s must be a number of seconds from 0.001 to"),
        (b'{"action":"a","timeout_s":true}', "timeout_s must be a number of seconds from"),
        (b'{"action":"a","time_range":{}}', "time_range must be an object with start_epoch_ms"),
        (
            b'{"action":"a","time_range":{"start_epoch_ms":2,"end_epoch_ms":1}}',
            "time_range must be an object with start_epoch_ms and a later end_epoch_ms",
        ),
        (b"\xff", "the body is not JSON: "),
        (b"[" * 100_000, "the body is nested too deeply"),
        (
            b'{"action":"a","params":{"n":1e400}}',
            "the body is not JSON: 1e400 is too large a number",
        ),
    ],
)
async def test_a_body_that_does_not_fit_is_one_sentence(
    stage: Stage, body: bytes, sentence: str
) -> None:
    """The sentence names the member, what was expected and what came."""
    response = await stage.page.post("/api/executions", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"].startswith(sentence)
    assert "\n" not in response.json()["error"]


async def test_an_announced_body_that_is_huge_is_refused(stage: Stage) -> None:
    """The response does not wait for the body."""
    port = port_of(stage)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(
        f"POST /api/reload HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000000000000\r\n\r\n".encode()
    )
    async with asyncio.timeout(60):
        assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_streamed_body_that_is_huge_is_refused(stage: Stage) -> None:
    """A body whose size is not announced cannot exhaust the memory either."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 1024 * 1024

    streamed = await stage.page.post("/api/reload", content=endless(), headers=JSON)
    assert streamed.status_code == 413


async def test_a_body_that_does_not_arrive_is_given_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that sends no more does not hold a connection for ever."""
    monkeypatch.setattr(request_bodies, "_BODY_SECONDS", 0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port_of(stage)))
    writer.write(half_a_request(stage))
    async with asyncio.timeout(60):
        assert b" 408 " in await reader.readline()
    writer.close()


async def test_a_body_that_breaks_off_is_no_failure_of_the_inspector(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who presses Ctrl-C in a script does not fill the terminal of `dev`."""
    refused = asyncio.Event()

    def note(sentence: str) -> BadRequestError:
        refused.set()
        return BadRequestError(sentence)

    monkeypatch.setattr(request_bodies, "BadRequestError", note)
    _, writer = await asyncio.open_connection("127.0.0.1", int(port_of(stage)))
    writer.write(half_a_request(stage))
    await writer.drain()
    writer.close()
    async with asyncio.timeout(60):
        await refused.wait()
    assert (await post(stage, JSON)).status_code == 202
    assert caplog.records == []


def half_a_request(stage: Stage) -> bytes:
    """The start of a request that announces more."""
    return (
        f"POST /api/reload HTTP/1.1\r\nHost: 127.0.0.1:{port_of(stage)}\r\n"
        "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
    ).encode()


async def test_only_so_many_streams_are_open(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each begins with the whole state, so a client that opens thousands would need gigabytes."""
    monkeypatch.setattr(event_stream, "_MOST_PAGES", 1)
    async with open_page(stage) as page:
        await page.next("state")
        refused = await stage.page.get("/api/stream")
        assert refused.status_code == 503
        assert refused.json() == {"error": "too many streams are open: close one"}
    await until(lambda: not stage.desk.stream.is_full)
    async with open_page(stage) as page:
        await page.next("state")


async def test_unknown_paths_and_methods_are_one_sentence(stage: Stage) -> None:
    """What is not there is said, without a page of HTML."""
    assert (await stage.page.get("/api/x")).json() == {"error": "there is nothing at /api/x"}
    response = await stage.page.post("/api/state", headers=JSON, content=b"{}")
    assert response.status_code == 405
    assert response.json() == {"error": "POST is not possible at /api/state"}
