"""The protocol of what measures an agent, and what stands for it by default."""

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol

from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.engine_access.registration_state import RegistrationState
from mirastack_sdk._runtime.serving_status import ServingStatus
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry
from mirastack_sdk._wire.server.grpc_server import Server


class Metrics(Protocol):
    """Measures one agent. `recorder` counts and times its calls."""

    recorder: Telemetry | None

    @abstractmethod
    def served(self) -> AbstractAsyncContextManager[None]:
        """Serve the metrics while this is entered."""

    @abstractmethod
    def watch(self, service: AgentService, server: Server, status: ServingStatus) -> None:
        """Show the state of these from now on."""

    @abstractmethod
    def watch_registration(self, state: RegistrationState) -> None:
        """Show whether the agent is registered from now on."""


class Unmeasured(Metrics):
    """Measures nothing."""

    def __init__(self) -> None:
        self.recorder = None

    def served(self) -> AbstractAsyncContextManager[None]:
        """Serve nothing."""
        return nullcontext()

    def watch(self, service: AgentService, server: Server, status: ServingStatus) -> None:
        """Do nothing."""

    def watch_registration(self, state: RegistrationState) -> None:
        """Do nothing."""
