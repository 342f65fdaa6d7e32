"""(d) The agent by hand: pygrpc-native's asyncio server and google protobuf."""

import asyncio

from benchmarks.agents.by_hand import HOST, SERVICE, print_port
from benchmarks.agents.grpcio_aio import OPTIONS, execute_method
from benchmarks.agents.pygrpc_native_server import new_server


async def main() -> None:
    """Serve until the process is ended."""
    server = new_server(options=OPTIONS)
    # Methods that are added in another way are left to a server of grpcio's.
    server.add_registered_method_handlers(SERVICE, {"Execute": execute_method()})
    port = server.add_insecure_port(f"{HOST}:0")
    await server.start()
    print_port(port)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
