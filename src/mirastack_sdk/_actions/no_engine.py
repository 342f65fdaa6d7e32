"""The engine client of a call that no engine has made."""

from collections.abc import Mapping, Sequence
from typing import Never

from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._core.model.engine_api import (
    KPI,
    Approval,
    BlastRadius,
    EngineClient,
    License,
    PluginResult,
)
from mirastack_sdk.errors import EngineError

__all__ = ["NoEngine"]


class NoEngine(EngineClient):
    """Takes partial results, and fails every other call with the reason `not_connected`."""

    async def cache_get(self, ctx: Context | None, key: str) -> str | None:
        _fail("cache_get")

    async def cache_get_batch(
        self, ctx: Context | None, keys: Sequence[str]
    ) -> dict[str, str | None]:
        _fail("cache_get_batch")

    async def cache_set(self, ctx: Context | None, key: str, value: str, ttl: int = 0) -> None:
        _fail("cache_set")

    async def log_event(self, ctx: Context | None, event: Mapping[str, str]) -> None:
        _fail("log_event")

    async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
        """Nobody is there to see it; the caller keeps what was published."""

    async def get_config(self, ctx: Context | None) -> dict[str, str]:
        _fail("get_config")

    async def request_approval(
        self,
        ctx: Context | None,
        description: str,
        *,
        permission: Permission = Permission.MODIFY,
        context: Mapping[str, object] | None = None,
        blast_radius: BlastRadius | None = None,
        timeout: float = 300.0,
    ) -> Approval:
        _fail("request_approval")

    async def call_plugin(
        self,
        ctx: Context | None,
        plugin: str,
        action: str,
        params: Mapping[str, str] | None = None,
        *,
        time_range: TimeRange | None = None,
        timeout: float = 30.0,
    ) -> PluginResult:
        _fail("call_plugin")

    async def list_kpis(self, ctx: Context | None, *, kind: str = "", layer: str = "") -> list[KPI]:
        _fail("list_kpis")

    async def get_kpi(self, ctx: Context | None, kpi_id: str) -> KPI | None:
        _fail("get_kpi")

    @property
    def license(self) -> License | None:
        return None


def _fail(method: str) -> Never:
    raise EngineError(
        f"{method}: there is no engine here; give the call one: engine_client=MockEngineClient()",
        reason="not_connected",
    )
