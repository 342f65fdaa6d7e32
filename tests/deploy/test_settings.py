"""The settings in the files of deploy/: valid, and times that fit those of the SDK."""

from collections.abc import Callable

import pytest

from mirastack_sdk._core.settings.process_settings import VARIABLES, Settings
from mirastack_sdk._runtime.process import SPARE_SECONDS
from tests.deploy.manifests import (
    at,
    compose_variables,
    image_variables,
    number,
    pod,
    pod_variables,
    seconds,
    services,
    unit_settings,
)

type Variables = Callable[[], dict[str, str]]


def unit_variables() -> dict[str, str]:
    """The variables of the unit."""
    return dict(text.split("=", 1) for text in unit_settings()["Environment"])


# What the files leave to operators, or to the cluster.
FILLED_IN = {
    "${MIRASTACK_ENGINE_ADDR:?is the host:port of the engine}": "engine:9090",
    "${MIRASTACK_PLUGIN_TENANT_SLUG:?is the slug of the tenant}": "acme",
    "$(POD_NAMESPACE)": "mirastack-agents",
}
FILES: dict[str, Variables] = {
    "image": image_variables,
    "compose": compose_variables,
    "kubernetes": pod_variables,
    "systemd": unit_variables,
}


@pytest.mark.parametrize("variables", FILES.values(), ids=FILES)
def test_the_sdk_accepts_the_variables(variables: Variables) -> None:
    """Each exists, and has a value that can be used."""
    own = {name: text for name, text in variables().items() if name.startswith("MIRASTACK_")}
    for pattern, text in FILLED_IN.items():
        own = {name: value.replace(pattern, text) for name, value in own.items()}
    assert set(own) <= {variable.name for variable in VARIABLES}
    assert own
    Settings.from_mapping(own)


def longest_stop(variables: Variables) -> float:
    """The seconds from SIGTERM to the end of an agent with these variables."""
    own = {name: text for name, text in variables().items() if "_SHUTDOWN_" in name}
    settings = Settings.from_mapping(own)
    return settings.shutdown_delay + settings.shutdown_grace + SPARE_SECONDS


def test_kubernetes_waits_for_the_end() -> None:
    """The Pod's grace period is longer, and the agent serves while its Service forgets it."""
    assert number(pod(), "terminationGracePeriodSeconds") > longest_stop(pod_variables)
    assert float(pod_variables()["MIRASTACK_PLUGIN_SHUTDOWN_DELAY"]) >= 5


def test_docker_waits_for_the_end() -> None:
    """The compose file has a longer grace period than the agent."""
    assert seconds(at(services(), "my-agent/stop_grace_period")) > longest_stop(compose_variables)


def test_systemd_waits_for_the_end() -> None:
    """The unit has a longer timeout than the agent, and sends its signal to the agent alone."""
    (timeout,) = unit_settings()["TimeoutStopSec"]
    assert seconds(timeout) > longest_stop(unit_variables)
    assert unit_settings()["KillMode"] == ["mixed"]
