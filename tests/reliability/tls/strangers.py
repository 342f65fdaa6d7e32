"""Strangers that hold connections without finishing a handshake, and come again when closed.

Its arguments are the port, how many there are, and the first bytes of each in hexadecimal. It
prints a line once all have connected, and goes on until it is killed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

_REPOSITORY = Path(__file__).parents[3]
_TIMEOUT = 60.0


@asynccontextmanager
async def strangers(port: int, count: int, first_bytes: bytes) -> AsyncIterator[None]:
    """Run them in a process of their own, which shares no event loop with the client."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        str(port),
        str(count),
        first_bytes.hex(),
        cwd=_REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_TIMEOUT):
            assert await process.stdout.readline() == b"connected\n"
        yield
    finally:
        process.kill()
        await process.wait()


async def _stay(port: int, first_bytes: bytes, connected: asyncio.Semaphore) -> None:
    first = True
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(first_bytes)
            if first:
                connected.release()
                first = False
            try:
                await reader.read()
            finally:
                writer.close()
        await asyncio.sleep(0)


async def _main(port: int, count: int, first_bytes: bytes) -> None:
    connected = asyncio.Semaphore(0)
    staying = [asyncio.create_task(_stay(port, first_bytes, connected)) for _ in range(count)]
    for _ in range(count):
        await connected.acquire()
    sys.stdout.write("connected\n")
    sys.stdout.flush()
    await asyncio.wait(staying)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])))
