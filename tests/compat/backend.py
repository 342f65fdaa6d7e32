"""A fake HTTP backend for the published agents: answers from a table, and records what it hears."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Heard:
    """One request: its path, and its query as the backend reads it."""

    path: str
    query: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Backend:
    """Answers each path with the JSON in `answers`, lists of lines as lines; others with 404."""

    answers: Mapping[str, object]
    url: str = ""
    heard: list[Heard] = field(default_factory=list)

    def last(self) -> Heard:
        """The newest request."""
        return self.heard[-1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                target = urlsplit(head.split(b" ", 2)[1].decode())
                self.heard.append(Heard(target.path, tuple(parse_qsl(target.query))))
                writer.write(self._answer(target.path))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str) -> bytes:
        answer = self.answers.get(path)
        status = "404 Not Found" if answer is None else "200 OK"
        body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@asynccontextmanager
async def backend(answers: Mapping[str, object]) -> AsyncIterator[Backend]:
    """Serve a backend on 127.0.0.1."""
    fake = Backend(answers)
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        server.close()
