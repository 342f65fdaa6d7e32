"""A metrics backend on 127.0.0.1 that answers what a test has scripted, or not at all."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

type Query = Mapping[str, str]


class FakeBackend:
    """Answers every path with `data`, or as `refuse` or `break_down` said last.

    `asked` holds each query as it arrived, its path within the API first. One that is left without
    an answer sets `hanging`, and `left` once whoever asked has closed the connection.
    `authorization` is that of the last one.
    """

    def __init__(self) -> None:
        self.url = ""
        self.data: object = None
        self.asked: list[tuple[str, Query]] = []
        self.authorization: str | None = None
        self.hanging, self.left = asyncio.Event(), asyncio.Event()
        self._error = ""
        self._broken = 0
        self._answers = math.inf

    def answer_only(self, count: int) -> None:
        """Answer so many more queries, and leave the next ones without an answer."""
        self._answers = count

    def answer_all(self) -> None:
        """Leave none without an answer any more."""
        self._answers = math.inf

    def refuse(self, error: str) -> None:
        """Refuse every query as Prometheus does."""
        self._error = error

    def break_down(self, status: int) -> None:
        """Answer as a proxy does whose backend has gone."""
        self._broken = status

    async def query(self, request: web.Request) -> web.Response:
        """The answer to one query."""
        self.asked.append((request.path.removeprefix("/api/v1/"), dict(request.query)))
        self.authorization = request.headers.get("Authorization")
        self._answers -= 1
        if self._answers < 0:
            await self._hang()
        if self._broken:
            return web.Response(text="<html>Bad Gateway</html>", status=self._broken)
        if self._error:
            refusal = {"status": "error", "errorType": "bad_data", "error": self._error}
            return web.json_response(refusal, status=400)
        return web.json_response({"status": "success", "data": self.data})

    async def _hang(self) -> None:
        self.hanging.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()


@asynccontextmanager
async def running_backend() -> AsyncIterator[FakeBackend]:
    """Serve a backend on a free port until the block ends."""
    backend = FakeBackend()
    application = web.Application()
    application.router.add_get("/{path:.+}", backend.query)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    backend.url = f"http://{host}:{port}"
    try:
        yield backend
    finally:
        await runner.cleanup()
