"""What is loaded of gRPC's own services, and when."""

import subprocess
import sys

PROGRAM = """
import asyncio, sys
from mirastack_sdk import serve_async
from tests.runtime.standard_services.agents import Patient, channel_to

PARTS = ("_gen.grpc", "_gen.proto_files", "health_service", "reflection_service", "stream_call",
         "streamed_call", "response_stream")

def loaded():
    return sorted(part for part in PARTS if any(part in name for name in sys.modules))

async def main():
    stop, listening = asyncio.Event(), asyncio.get_running_loop().create_future()
    environ = {"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0"}
    serving = asyncio.create_task(
        serve_async(Patient(), environ=environ, stop=stop, on_listening=listening.set_result)
    )
    port = await listening
    print(loaded())
    async with channel_to(port) as channel:
        await channel.unary_unary("/mirastack.plugin.v1.PluginService/Info")(b"")
        print(loaded())
        await channel.unary_unary("/grpc.health.v1.Health/Check")(b"")
        print(loaded())
    stop.set()
    await serving

asyncio.run(main())
"""


def test_standard_services_are_loaded_when_they_are_called() -> None:
    """An agent that nobody probes has no part of them, nor of streams, in memory."""
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.splitlines() == ["[]", "[]", "['_gen.grpc', 'health_service']"]
