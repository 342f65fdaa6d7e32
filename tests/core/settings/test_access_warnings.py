"""Operators are warned of an agent that anybody can call."""

import pytest

from mirastack_sdk._core.settings.access_warnings import (
    NO_METRICS,
    AccessWarnings,
    access_warnings,
)
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.metrics_variables import MetricsSettings
from mirastack_sdk._core.settings.security_variables import SecuritySettings
from mirastack_sdk.plugin import Action, Permission, PluginInfo, PluginSchema
from mirastack_sdk.security import ClientTls, Security, ServerTls

ENGINE = Address("engine", 9090)
MTLS = ServerTls(certificate="a", key="b", client_ca="c")
TLS = ServerTls(certificate="a", key="b")


def exposed(
    listen: str = "0.0.0.0:9000",
    permission: Permission = Permission.READ,
    action: Permission | None = None,
    security: Security | None = None,
    *,
    required: bool = False,
    engine: Address | None = None,
    metrics: MetricsSettings = NO_METRICS,
) -> AccessWarnings:
    return access_warnings(
        PluginInfo("agent", "1", "An agent", permission, ["test"]),
        PluginSchema([Action("do", "Do it.", {}, permission=action)]),
        SecuritySettings(security=security or Security(), required=required),
        listen=Address.parse(listen),
        engine=engine,
        metrics=metrics,
    )


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("LocalHost.", True),
        ("", False),
        ("0.0.0.0", False),  # noqa: S104 - nothing is bound
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_what_only_this_machine_reaches(host: str, expected: bool) -> None:
    """Loopback addresses and `localhost` count, and no others."""
    assert Address(host, 1).is_loopback is expected


@pytest.mark.parametrize(
    ("listen", "permission", "action", "security", "warned"),
    [
        (":9000", Permission.ADMIN, None, None, True),
        (":9000", Permission.MODIFY, None, None, True),
        ("10.0.0.1:9000", Permission.READ, Permission.MODIFY, None, True),
        (":9000", Permission.READ, Permission.ADMIN, None, True),
        (":9000", Permission.ADMIN, None, Security(server=TLS), True),
        (":9000", Permission.READ, None, None, False),
        ("127.0.0.1:9000", Permission.ADMIN, None, None, False),
        (":9000", Permission.ADMIN, None, Security(server=MTLS), False),
        (":9000", Permission.ADMIN, None, Security(server=TLS, token="t"), False),
    ],
    ids=[
        "admin",
        "modify",
        "an action modifies",
        "an action is admin",
        "TLS alone",
        "read",
        "loopback",
        "mTLS",
        "token",
    ],
)
def test_who_is_warned(
    listen: str,
    permission: Permission,
    action: Permission | None,
    security: Security | None,
    warned: bool,
) -> None:
    """The warning is for agents that can change things and that other machines can call."""
    found = exposed(listen, permission, action, security)
    assert found.refusal is None
    assert len(found.warnings) == int(warned)


@pytest.mark.parametrize(
    ("listen", "security", "engine", "ways"),
    [
        (":9000", Security(token="t"), ENGINE, 2),
        (":9000", Security(token="t", server=TLS), ENGINE, 1),
        (":9000", Security(token="t", client=ClientTls()), ENGINE, 1),
        (":9000", Security(token="t", server=TLS, client=ClientTls()), ENGINE, 0),
        ("127.0.0.1:9000", Security(token="t"), Address("localhost", 9090), 0),
        ("127.0.0.1:9000", Security(token_file="t"), None, 0),
        (":9000", Security(token_file="t"), None, 1),
    ],
    ids=["both", "to the engine", "to the agent", "TLS", "loopback", "no engine", "file"],
)
def test_where_a_token_can_be_read(
    listen: str, security: Security, engine: Address | None, ways: int
) -> None:
    """One warning names each way on which the token leaves this machine unencrypted."""
    warnings = exposed(listen, security=security, engine=engine).warnings
    assert len(warnings) == min(ways, 1)
    assert sum(warning.count("set MIRASTACK") for warning in warnings) == ways


@pytest.mark.parametrize("listen", [":9000", "127.0.0.1:9000"])
def test_a_demand_is_refused_without_means(listen: str) -> None:
    """With MIRASTACK_REQUIRE_AUTH, an agent that only reads on loopback is refused as well."""
    assert exposed(listen, required=True).refusal is not None
    assert exposed(listen, security=Security(server=TLS), required=True).refusal is not None
    assert exposed(listen, security=Security(server=MTLS), required=True).refusal is None
    assert exposed(listen, security=Security(token="t"), required=True).refusal is None


def metrics_at(text: str, token: str | None = None) -> MetricsSettings:
    return MetricsSettings(addr=Address.parse(text), token=token)


@pytest.mark.parametrize(
    ("addr", "security", "warned"),
    [
        (":9464", Security(token="t"), True),
        ("10.0.0.1:9464", Security(server=MTLS), True),
        ("127.0.0.1:9464", Security(server=MTLS), False),
        (":9464", None, False),
        (":9464", Security(server=TLS), False),
    ],
    ids=["token", "mTLS", "loopback", "open agent", "TLS alone"],
)
def test_open_metrics_of_a_protected_agent(
    addr: str, security: Security | None, warned: bool
) -> None:
    """Who protects the calls hears that the metrics are not protected."""
    found = exposed("127.0.0.1:9000", security=security, metrics=metrics_at(addr))
    assert found.refusal is None
    assert any("can read this agent's metrics on" in text for text in found.warnings) is warned


def test_where_authentication_is_required_metrics_are_no_exception() -> None:
    """They need a token then, or the loopback interface."""
    refusal = exposed(security=Security(server=MTLS), required=True, metrics=metrics_at(":9464"))
    assert refusal.refusal == (
        "MIRASTACK_REQUIRE_AUTH is set, and anybody can read this agent's metrics on all "
        "interfaces: set MIRASTACK_METRICS_TOKEN_FILE, or serve them on 127.0.0.1"
    )
    for metrics in (metrics_at("[::1]:9464"), metrics_at(":9464", token="t")):
        found = exposed(security=Security(server=MTLS), required=True, metrics=metrics)
        assert found.refusal is None


@pytest.mark.parametrize(("addr", "warned"), [(":9464", True), ("127.0.0.1:9464", False)])
def test_the_metrics_token_in_plain_text(addr: str, warned: bool) -> None:
    """Beyond this machine, others may read it."""
    found = exposed(metrics=metrics_at(addr, token="t"))
    assert any("Prometheus sends the metrics token" in text for text in found.warnings) is warned
