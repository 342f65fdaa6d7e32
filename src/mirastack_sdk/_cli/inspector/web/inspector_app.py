"""The inspector's routes: the page, and the HTTP API that it uses."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from mirastack_sdk._cli.inspector.approval_desk import AlreadyDecidedError, ApprovalRecord
from mirastack_sdk._cli.inspector.event_stream import server_sent_event
from mirastack_sdk._cli.inspector.execution_record import (
    ENCODINGS,
    ExecutionRecord,
    ExecutionRequest,
)
from mirastack_sdk._cli.inspector.inspector_desk import InspectorDesk
from mirastack_sdk._cli.inspector.json_text import json_text
from mirastack_sdk._cli.inspector.web.request_bodies import BadRequestError, body_of
from mirastack_sdk._cli.inspector.web.request_guard import RequestGuard
from mirastack_sdk.plugin import ExecutionMode
from mirastack_sdk.testing import AgentCallError, RegisteredAgent

_PAGE = Path(__file__).resolve().parent.parent / "page"
# The system's own table may say something else, and browsers insist on the type of a script.
_MEDIA_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_MODES = {
    mode.name.lower(): mode for mode in ExecutionMode if mode is not ExecutionMode.UNSPECIFIED
}
_MOST_SECONDS = 24 * 3600.0


class _KeyConvertor(PathConvertor):
    """The rest of the path, with any character: a cache key may contain a line break."""

    regex = r"(?s:.*)"


register_url_convertor("key", _KeyConvertor())


def inspector_app(desk: InspectorDesk, port: int) -> ASGIApp:
    """The page and the API over `desk`, guarded for `port`."""
    routes = InspectorRoutes(desk)
    app = Starlette(
        routes=[
            Route("/", _file),
            Route("/assets/{path:path}", _file),
            Route("/api/state", routes.state),
            Route("/api/stream", routes.stream),
            Route("/api/executions", routes.start_execution, methods=["POST"]),
            Route("/api/executions/{id}", routes.execution),
            Route("/api/executions/{id}", routes.cancel_execution, methods=["DELETE"]),
            Route("/api/approvals/{id}", routes.decide, methods=["POST"]),
            Route("/api/config", routes.push_config, methods=["POST"]),
            Route("/api/health", routes.check_health, methods=["POST"]),
            Route("/api/cache", routes.clear_cache, methods=["DELETE"]),
            Route("/api/cache/{key:key}", routes.set_cache, methods=["PUT"]),
            Route("/api/cache/{key:key}", routes.delete_cache, methods=["DELETE"]),
            Route("/api/reload", routes.reload, methods=["POST"]),
        ],
        exception_handlers={
            BadRequestError: _bad_request,
            AgentCallError: _no_response,
            HTTPException: _http_error,
            Exception: _internal_error,
        },
    )
    return RequestGuard(app, port)


class InspectorRoutes:
    """The endpoints of the API."""

    def __init__(self, desk: InspectorDesk) -> None:
        self._desk = desk

    async def state(self, _: Request) -> Response:
        """Everything that the page shows."""
        return _json(self._desk.state())

    async def stream(self, _: Request) -> Response:
        """Events as they happen; the first is the whole state."""
        if self._desk.stream.is_full:
            raise BadRequestError("too many streams are open: close one", status=503)
        first = server_sent_event("state", self._desk.state())
        return StreamingResponse(self._desk.stream.events(first), media_type="text/event-stream")

    async def start_execution(self, request: Request) -> Response:
        """Start an execution, and return it while it runs."""
        body = await body_of(request)
        wanted = ExecutionRequest(
            action=body.text("action"),
            params=body.values("params"),
            time_range=body.time_range("time_range"),
            encoding=ENCODINGS[body.choice("encoding", ENCODINGS, "json")],
            mode=_MODES[body.choice("mode", _MODES, "autonomous")],
            timeout=body.seconds("timeout_s", 30.0, least=0.001, most=_MOST_SECONDS),
        )
        record = self._desk.history.start(self._agent(), wanted)
        return _json(record.listed(), status=202)

    async def execution(self, request: Request) -> Response:
        """One execution with its messages."""
        return _json(self._execution(request).detailed())

    async def cancel_execution(self, request: Request) -> Response:
        """Cancel an execution, and return it."""
        await body_of(request)
        record = self._execution(request)
        await self._desk.history.cancel(record)
        return _json(record.listed())

    async def decide(self, request: Request) -> Response:
        """Grant or deny an approval."""
        body = await body_of(request)
        record = self._approval(request)
        try:
            self._desk.approvals.answer(
                record,
                approved=body.flag("approved"),
                comment=body.text("comment", ""),
                reviewer="inspector",
            )
        except AlreadyDecidedError as error:
            raise BadRequestError(str(error), status=409) from error
        return _json(record.shown())

    async def push_config(self, request: Request) -> Response:
        """Replace the agent's config."""
        body = await body_of(request)
        response = await self._desk.config.push(body.texts("values"), self._desk.agent)
        self._desk.publish_config()
        return _json(response)

    async def check_health(self, request: Request) -> Response:
        """Run the agent's health check."""
        await body_of(request)
        return _json(await self._desk.check_health(self._agent()))

    async def clear_cache(self, request: Request) -> Response:
        """Delete every cache entry."""
        await body_of(request)
        self._desk.cache.clear()
        return self._cache_changed()

    async def set_cache(self, request: Request) -> Response:
        """Store a cache entry."""
        body = await body_of(request)
        ttl = body.seconds("ttl_s", 0.0, least=0.0, most=10.0**9)
        key = request.path_params["key"]
        if not key:
            raise BadRequestError("the path needs a key: /api/cache/{key}")
        self._desk.cache.set(key, body.text("value"), ttl)
        return self._cache_changed()

    async def delete_cache(self, request: Request) -> Response:
        """Delete one cache entry."""
        await body_of(request)
        key = request.path_params["key"]
        if not self._desk.cache.delete(key):
            raise BadRequestError(f"the cache has no entry {key!r}", status=404)
        return self._cache_changed()

    async def reload(self, request: Request) -> Response:
        """Restart the agent."""
        await body_of(request)
        self._desk.on_reload()
        return _json(self._desk.reload.shown(), status=202)

    def _cache_changed(self) -> Response:
        self._desk.publish_cache()
        return _json(list(self._desk.cache.entries()))

    def _agent(self) -> RegisteredAgent:
        if self._desk.agent is not None:
            return self._desk.agent
        reload = self._desk.reload
        reason = reload.headline or f"it is {reload.status}"
        raise BadRequestError(f"the agent does not run: {reason}", status=409)

    def _execution(self, request: Request) -> ExecutionRecord:
        record = self._desk.history.find(request.path_params["id"])
        if record is None:
            raise BadRequestError("there is no such execution, or no longer", status=404)
        return record

    def _approval(self, request: Request) -> ApprovalRecord:
        record = self._desk.approvals.find(request.path_params["id"])
        if record is None:
            raise BadRequestError("there is no such request for approval", status=404)
        return record


async def _file(request: Request) -> Response:
    path = (_PAGE / request.path_params.get("path", "index.html")).resolve()
    media_type = _MEDIA_TYPES.get(path.suffix)
    if media_type is None or not path.is_relative_to(_PAGE) or not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, media_type=media_type)


async def _bad_request(_: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, BadRequestError) else 400
    return _json({"error": str(error)}, status=status)


async def _no_response(_: Request, error: Exception) -> Response:
    return _json({"error": str(error)}, status=502)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    sentences = {
        404: f"there is nothing at {request.url.path}",
        405: f"{request.method} is not possible at {request.url.path}",
    }
    return _json({"error": sentences.get(status, str(error))}, status=status)


async def _internal_error(_: Request, error: Exception) -> Response:
    return _json({"error": f"the inspector failed: {type(error).__name__}"}, status=500)


def _json(value: object, *, status: int = 200) -> Response:
    return Response(json_text(value), status_code=status, media_type="application/json")
