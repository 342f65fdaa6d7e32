"""The promises of `get_config`, `list_kpis`, `get_kpi` and `license`."""

import pytest

from mirastack_sdk.engine import KPI
from tests.contracts.bench import LICENSE, Bench

FULL = KPI(
    id="k1",
    name="Checkout latency",
    query="histogram_quantile(0.99, x)",
    integration_id="i1",
    kind="slo",
    layer="service",
    sentiment="lower_is_better",
    classifier="latency",
    definition="p99 é",
    created_at=2**53 + 1,
    updated_at=1_700_000_000_000,
    created_by="ana",
    updated_by="bo",
)
KPIS = [FULL, KPI(id="k2", kind="slo", layer="host"), KPI(id="k3", kind="raw", layer="host")]


async def test_there_may_be_no_config(bench: Bench) -> None:
    """The config is empty until operators set it."""
    assert await bench.client.get_config(bench.ctx) == {}


async def test_the_config_is_the_engines(bench: Bench) -> None:
    """What operators have set arrives whole, and changes when they change it."""
    bench.script.config = {"url": "x", "empty": ""}
    assert await bench.client.get_config(bench.ctx) == {"url": "x", "empty": ""}
    bench.script.config = {"url": "y"}
    assert await bench.client.get_config(None) == {"url": "y"}


async def test_the_config_is_a_copy(bench: Bench) -> None:
    """Changing the returned config does not change the next one."""
    bench.script.config = {"url": "x"}
    (await bench.client.get_config(bench.ctx))["url"] = "changed"
    assert await bench.client.get_config(bench.ctx) == {"url": "x"}


async def test_there_may_be_no_kpis(bench: Bench) -> None:
    """A tenant may have none."""
    assert await bench.client.list_kpis(bench.ctx) == []


@pytest.mark.contract("The messages: KPIs are listed by kind and layer, and read by id")
@pytest.mark.parametrize(
    ("kind", "layer", "ids"),
    [
        ("", "", ["k1", "k2", "k3"]),
        ("slo", "", ["k1", "k2"]),
        ("", "host", ["k2", "k3"]),
        ("slo", "host", ["k2"]),
        ("none", "", []),
    ],
)
async def test_kpis_are_listed_by_kind_and_layer(
    bench: Bench, kind: str, layer: str, ids: list[str]
) -> None:
    """An empty kind or layer means any."""
    bench.script.kpis = list(KPIS)
    found = await bench.client.list_kpis(bench.ctx, kind=kind, layer=layer)
    assert [kpi.id for kpi in found] == ids


@pytest.mark.contract("The messages: KPIs are listed by kind and layer, and read by id")
async def test_a_kpi_arrives_whole(bench: Bench) -> None:
    """Every field arrives, listed or requested by id."""
    bench.script.kpis = list(KPIS)
    assert (await bench.client.list_kpis(bench.ctx))[0] == FULL
    assert await bench.client.get_kpi(bench.ctx, "k1") == FULL


@pytest.mark.contract("The messages: optional messages may be absent")
async def test_an_unknown_kpi_is_none(bench: Bench) -> None:
    """An id that does not exist is not an error."""
    bench.script.kpis = list(KPIS)
    assert await bench.client.get_kpi(bench.ctx, "k9") is None


@pytest.mark.contract("The messages: a license has quotas, -1 is unlimited")
async def test_the_license_is_the_last_one_received(bench: Bench) -> None:
    """The whole license is available, quotas included, after the first response of the engine."""
    await bench.client.get_config(bench.ctx)
    assert bench.client.license == LICENSE
