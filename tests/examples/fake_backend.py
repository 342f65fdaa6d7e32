"""A metrics backend on 127.0.0.1 that responds as a test has scripted, or not at all."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

type Query = Mapping[str, str]


class FakeBackend:
    """A backend that responds to every path with `data`, or as `refuse` or `break_down` demand.

    `data_by_path` has the data of paths that respond with something else.

    `asked` lists each query with its path within the API. A query that gets no response sets
    `hanging`, and sets `left` when its client closes the connection. `authorization` is the header
    of the last query.
    """

    def __init__(self) -> None:
        self.url = ""
        self.data: object = None
        self.data_by_path: Mapping[str, object] = {}
        self.asked: list[tuple[str, Query]] = []
        self.authorization: str | None = None
        self.hanging, self.left = asyncio.Event(), asyncio.Event()
        self._error = ""
        self._broken = 0
        self._answers = math.inf

    def answer_only(self, count: int) -> None:
        """Answer so many more queries, and leave later ones without a response."""
        self._answers = count

    def answer_all(self) -> None:
        """Answer all queries again."""
        self._answers = math.inf

    def refuse(self, error: str) -> None:
        """Refuse every query as Prometheus does."""
        self._error = error

    def break_down(self, status: int) -> None:
        """Respond as a proxy does whose backend is down."""
        self._broken = status

    async def query(self, request: web.Request) -> web.Response:
        """The response to one query."""
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
        data = self.data_by_path.get(request.path.removeprefix("/api/v1/"), self.data)
        return web.json_response({"status": "success", "data": data})

    async def _hang(self) -> None:
        self.hanging.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()


@asynccontextmanager
async def running_backend() -> AsyncIterator[FakeBackend]:
    """Serve a backend on a free port during the block."""
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
