"""An engine client that belongs to no served agent."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, replace

from mirastack_sdk._core.contract.engine_messages import license_snapshot
from mirastack_sdk._core.model.context import Context
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import DEREGISTER_PLUGIN, HEARTBEAT, REGISTER_PLUGIN
from mirastack_sdk._runtime.calls.executions import ExecutionScope
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.connection_security.protection import protection
from mirastack_sdk._runtime.engine_access.engine_client import RpcEngineClient
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink

_CALL_SECONDS = 10.0


class StandaloneEngine:
    """A connection to an engine, on an event loop in a thread of its own.

    `client` may be used on any event loop. The other methods block, for at most ten seconds, and
    raise `EngineError`. Raises `ValueError` for an empty address, `ConfigurationError` for an
    invalid one and for invalid settings in `environ`.
    """

    def __init__(
        self, address: str, plugin_name: str, tenant_id: str, *, environ: Mapping[str, str]
    ) -> None:
        if not address.strip():
            raise ValueError("the engine's address must be host:port, got an empty one")
        settings = replace(
            Settings.from_mapping({**environ, "MIRASTACK_ENGINE_ADDR": address}),
            tenant_id=tenant_id,
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="mirastack-engine", daemon=True
        )
        self._thread.start()
        self._plugin_name = plugin_name
        self._tenant_id = tenant_id
        try:
            self._link, self.client = self._run(self._open(settings))
        except BaseException:
            self._end_thread()
            raise

    def register(
        self, grpc_addr: str, plugin_type: int, version: str, instance_id: str
    ) -> dict[str, object]:
        """Register an agent; returns `success`, `plugin_id`, `error` and `license`."""
        request = wire.RegisterPluginRequest(
            name=self._plugin_name,
            version=version,
            grpc_addr=grpc_addr,
            plugin_type=wire.PluginType(plugin_type),
            instance_id=instance_id,
            tenant_id=self._tenant_id,
        )
        response = self._run(self._link.call(REGISTER_PLUGIN, request, _CALL_SECONDS))
        return {
            "success": response.success,
            "plugin_id": response.plugin_id,
            "error": response.error,
            "license": _license(response.license),
        }

    def deregister(self, instance_id: str) -> dict[str, object]:
        """Deregister it; returns `acknowledged`."""
        request = wire.DeregisterPluginRequest(name=self._plugin_name, instance_id=instance_id)
        response = self._run(self._link.call(DEREGISTER_PLUGIN, request, _CALL_SECONDS))
        return {"acknowledged": response.acknowledged}

    def heartbeat(self, instance_id: str) -> dict[str, object]:
        """Send a heartbeat for it; returns the fields of the response."""
        request = wire.HeartbeatRequest(name=self._plugin_name, instance_id=instance_id)
        response = self._run(self._link.call(HEARTBEAT, request, _CALL_SECONDS))
        return {
            "acknowledged": response.acknowledged,
            "re_register_required": response.re_register_required,
            "heartbeat_interval_seconds": response.heartbeat_interval_seconds,
            "license": _license(response.license),
        }

    def close(self) -> None:
        """End the connection and the thread; calls that still run fail."""
        if not self._thread.is_alive():
            return
        self._run(self._close())
        self._end_thread()

    async def _open(self, settings: Settings) -> tuple[EngineLink, EngineClient]:
        clock = SystemClock()
        security = settings.security
        link = EngineLink(
            settings,
            self._plugin_name,
            protection=protection(security.security, security.names),
            clock=clock,
        )
        config = ConfigCache(settings.config_cache_ttl, clock)
        ctx = Context(tenant_id=self._tenant_id)
        return link, RpcEngineClient(link, config, clock, ctx=ctx, scope=ExecutionScope())

    async def _close(self) -> None:
        self._link.close()
        # What failed with the connection ends before the loop does.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=1.0)

    def _run[Result](self, call: Coroutine[None, None, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _license(message: wire.LicenseContext | None) -> dict[str, object] | None:
    return None if message is None else asdict(license_snapshot(message))
