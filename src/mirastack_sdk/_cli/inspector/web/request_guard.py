"""The guard of the inspector: it refuses what other web pages make a browser send."""

from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_READING = frozenset({"GET", "HEAD"})
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
MOST_BYTES = 16 * 1024 * 1024
"""How many bytes the body of a request may have."""

_RESPONSE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class RequestGuard:
    """Passes requests on to `app` if they come from the inspector's own page or from a tool.

    The Host must be a name of the loopback interface with the inspector's port: otherwise a page on
    the web could reach the inspector through a name of its own (DNS rebinding). A request that
    changes something needs the JSON content type, which a foreign page cannot send without asking,
    and no foreign Origin. Every response forbids scripts of others and framing.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = frozenset(f"{name}:{port}" for name in _LOOPBACK_NAMES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def protected_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_RESPONSE_HEADERS)
            await send(message)

        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal is not None:
            status, sentence = refusal
            response = JSONResponse({"error": sentence}, status_code=status)
            await response(scope, receive, protected_send)
            return
        await self._app(scope, receive, protected_send)

    def _refusal(self, method: str, headers: Headers) -> tuple[int, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            named = ", ".join(hosts) or "none"
            return 403, f"the Host must be one of {_names(self._hosts)}, and is {named}"
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in {f"http://{host}" for host in self._hosts}:
            return 403, f"requests from pages of {origin} are refused"
        if method in _READING:
            return None
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "application/json":
            shown = content_type or "none"
            return 415, f"the Content-Type must be application/json, and is {shown}"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return 413, f"the body must have at most {MOST_BYTES} bytes, and has {length}"
        return None


def _names(hosts: Iterable[str]) -> str:
    return ", ".join(sorted(hosts))
