"""A metrics backend on 127.0.0.1 that answers what a test has scripted."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web


class FakeBackend:
    """Answers `/health` and `/api/v1/*`; `asked` holds each query as it arrived."""

    def __init__(self) -> None:
        self.url = ""
        self.healthy = True
        self.answers: dict[str, object] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    async def health(self, request: web.Request) -> web.Response:
        """200 while healthy, else 503."""
        return web.Response(status=200 if self.healthy else 503)

    async def query(self, request: web.Request) -> web.Response:
        """The scripted data, or Prometheus's answer to a query it does not understand."""
        path = request.match_info["path"]
        self.asked.append((path, dict(request.query)))
        if path not in self.answers:
            return web.json_response({"status": "error", "error": "parse error"}, status=400)
        return web.json_response({"status": "success", "data": self.answers[path]})


@asynccontextmanager
async def running_backend() -> AsyncIterator[FakeBackend]:
    """Serve a backend on a free port until the block ends."""
    backend = FakeBackend()
    application = web.Application()
    application.router.add_get("/health", backend.health)
    application.router.add_get("/api/v1/{path:.+}", backend.query)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    backend.url = f"http://{host}:{port}"
    try:
        yield backend
    finally:
        await runner.cleanup()
