"""pygrpc-native's asyncio server, which is installed in an environment of its own."""

import importlib
from collections.abc import Callable, Mapping
from typing import Protocol

import grpc


class Server(Protocol):
    """The methods of a server that are used; they are those of `grpc.aio.Server`."""

    def add_registered_method_handlers[Request, Response](
        self,
        service_name: str,
        method_handlers: "Mapping[str, grpc.RpcMethodHandler[Request, Response]]",
    ) -> None:
        """Add methods."""

    def add_insecure_port(self, address: str) -> int:
        """Return the port."""

    async def start(self) -> None:
        """Listen."""

    async def wait_for_termination(self) -> object:
        """Return when the server has ended."""


new_server: Callable[..., Server] = importlib.import_module("pygrpc_native.aio").server
