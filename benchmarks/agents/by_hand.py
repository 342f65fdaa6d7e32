"""What the agents without the SDK have in common: an Execute handled by hand."""

import json
import os
from collections.abc import Mapping
from typing import Protocol

from benchmarks import actions
from benchmarks.actions import CacheGet

SERVICE = "mirastack.plugin.v1.PluginService"
CACHE_GET = "/mirastack.plugin.v1.EngineService/CacheGet"
PLUGIN_NAME = "benchmark"
METADATA = (("x-plugin-name", PLUGIN_NAME),)
CALL_SECONDS = 30.0
MAX_MESSAGE_BYTES = 64 << 20
HOST = "127.0.0.1"
ENGINE = os.environ.get("MIRASTACK_ENGINE_ADDR", "")
JSON_DIALECT = os.environ.get("BENCHMARK_ENCODING") == "json"


class TimeRangeMessage(Protocol):
    """The field of a TimeRange that is read, in any generated class."""

    @property
    def end_epoch_ms(self) -> int:
        """UTC epoch in milliseconds."""


class ExecuteRequestMessage(Protocol):
    """The fields of an ExecuteRequest that are read, in any generated class."""

    @property
    def action_id(self) -> str:
        """The action to run."""

    @property
    def params_json(self) -> bytes:
        """A JSON object."""

    @property
    def time_range(self) -> TimeRangeMessage | None:
        """In Google's class it is empty if there is none."""


class CacheGetResponseMessage(Protocol):
    """The fields of a CacheGetResponse that are read, in any generated class."""

    @property
    def found(self) -> bool:
        """Whether there is a value."""

    @property
    def value(self) -> bytes:
        """The value."""


async def result_json(request: ExecuteRequestMessage, cache_get: CacheGet) -> bytes:
    """Run the requested action, and return its result as the contract requires."""
    params: Mapping[str, str] = json.loads(request.params_json or b"{}")
    until = request.time_range.end_epoch_ms if request.time_range else 0
    result = await actions.run(request.action_id, params, until, cache_get)
    return json.dumps({"result": result}).encode()


def cached_text(response: CacheGetResponseMessage) -> str | None:
    """Return the cached text, if there is one."""
    return response.value.decode() if response.found else None


def print_port(port: int) -> None:
    """Print where the agent listens, as the contract requires."""
    print(f"MIRASTACK_PLUGIN_PORT={port}", flush=True)  # noqa: T201 - the contract's line
