"""(d) The stream of responses by hand: pygrpc-native's asyncio server and google protobuf.

Streams of requests are missing: it leaves them to a server of grpcio's, which is measured as (a).
"""

import asyncio

from benchmarks.agents.by_hand import HOST, print_port
from benchmarks.agents.pygrpc_native_server import new_server
from benchmarks.streams.grpcio_aio import send_method
from benchmarks.streams.methods import SERVICE


async def main() -> None:
    """Serve until the process is ended."""
    server = new_server()
    server.add_registered_method_handlers(SERVICE, {"Send": send_method()})
    port = server.add_insecure_port(f"{HOST}:0")
    await server.start()
    print_port(port)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
