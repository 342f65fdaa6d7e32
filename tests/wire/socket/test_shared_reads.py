"""The buffer that all connections read into: no data reaches another connection."""

import asyncio
import threading

from mirastack_sdk._wire.socket.shared_reads import SharedReads


class _Collector(SharedReads):
    def __init__(self, size: int) -> None:
        self._size = size
        self._pieces: list[bytes] = []
        self.whole: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self._pieces.append(data)
        if sum(map(len, self._pieces)) == self._size and not self.whole.done():
            self.whole.set_result(b"".join(self._pieces))


async def _collected(contents: list[bytes]) -> list[bytes]:
    """The data that each collector has received; all clients send at once."""
    loop = asyncio.get_running_loop()
    collectors: list[_Collector] = []

    def collector() -> _Collector:
        collectors.append(_Collector(len(contents[0])))
        return collectors[-1]

    server = await loop.create_server(collector, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, asyncio.timeout(20):
        clients = [await asyncio.open_connection("127.0.0.1", port) for _ in contents]
        await asyncio.gather(
            *(
                _send(writer, content)
                for (_, writer), content in zip(clients, contents, strict=True)
            )
        )
        heard = [await one.whole for one in collectors]
        for _, writer in clients:
            writer.close()
    return heard


async def _send(writer: asyncio.StreamWriter, content: bytes) -> None:
    for start in range(0, len(content), 50_000):
        writer.write(content[start : start + 50_000])
        await writer.drain()


async def test_what_connections_hear_stays_apart() -> None:
    """Received data is not overwritten by other connections."""
    contents = [bytes([number]) * 1_000_000 for number in range(8)]
    assert sorted(await _collected(contents)) == contents


def test_loops_of_two_threads_share_nothing() -> None:
    """Reading releases the GIL, so each thread needs a buffer of its own."""
    heard: dict[int, list[bytes]] = {}
    contents = {
        thread: [bytes([thread * 8 + one]) * 2_000_000 for one in range(4)] for thread in range(2)
    }

    def run(thread: int) -> None:
        heard[thread] = sorted(asyncio.run(_collected(contents[thread])))

    threads = [threading.Thread(target=run, args=(thread,)) for thread in contents]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert heard == contents
