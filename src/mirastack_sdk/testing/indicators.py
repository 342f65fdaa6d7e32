"""Which of a fake engine's performance indicators an agent asks for."""

from collections.abc import Sequence

from mirastack_sdk._core.model.engine_api import KPI


def kpis_of(kpis: Sequence[KPI], *, kind: str, layer: str) -> list[KPI]:
    """The indicators of one kind and layer; an empty text stands for all."""
    return [kpi for kpi in kpis if kind in {"", kpi.kind} and layer in {"", kpi.layer}]


def kpi_of(kpis: Sequence[KPI], kpi_id: str) -> KPI | None:
    """The indicator with that identifier, if there is one."""
    return next((kpi for kpi in kpis if kpi.id == kpi_id), None)


def kpis_of_tenant(kpis: Sequence[KPI], tenant_id: str) -> list[KPI]:
    """The tenant's indicators, and those that belong to no tenant."""
    return [kpi for kpi in kpis if kpi.tenant_id in {"", tenant_id}]
