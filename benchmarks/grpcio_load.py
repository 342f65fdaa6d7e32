"""The program that makes calls with grpcio's asyncio client, as standard input orders."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import grpc.aio

_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)
_PREFIX_BYTES = 5

type _Method = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]


async def _run(
    address: str, path: str, message: bytes, calls: int, connections: int, in_flight: int
) -> dict[str, float]:
    async with AsyncExitStack() as stack:
        methods: list[_Method] = []
        for _ in range(connections):
            channel = grpc.aio.insecure_channel(address, options=_OPTIONS)
            await stack.enter_async_context(channel)
            await channel.channel_ready()
            methods.append(channel.unary_unary(path))
        left = iter(range(calls))
        started = time.perf_counter()
        workers = [_work(method, message, left) for method in methods for _ in range(in_flight)]
        received = sum(await asyncio.gather(*workers))
        return {"seconds": time.perf_counter() - started, "data_bytes": received}


async def _work(method: _Method, message: bytes, left: Iterator[int]) -> int:
    received = 0
    for _ in left:
        received += len(await method(message)) + _PREFIX_BYTES
    return received


async def main() -> None:
    """Print one line for each line of input."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        body = await asyncio.to_thread(Path(order.pop("body")).read_bytes)
        try:
            report: object = await _run(message=body[_PREFIX_BYTES:], **order)
        except grpc.aio.AioRpcError as error:
            report = {"error": f"{error.code().name}: {error.details()}"}
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
