"""The environment of an agent that is served within the test's process."""

import os
from collections.abc import Mapping

# They say how a process is deployed; the process of a test is not.
_OF_DEPLOYMENTS = ("MIRASTACK_", "OTEL_")
# Nothing is dialled: these addresses only show in logs. They are of this host, so that nobody is
# warned of calls without TLS.
_AGENT, _ENGINE = "127.0.0.1:2", "127.0.0.1:1"
_DEFAULTS: Mapping[str, str] = {
    "MIRASTACK_PLUGIN_TENANT_ID": "test-tenant",
    # A config that the test changes is the next one that the agent reads.
    "MIRASTACK_SDK_CONFIG_CACHE_TTL": "0",
}
_FIXED: Mapping[str, str] = {
    "MIRASTACK_ENGINE_ADDR": _ENGINE,
    "MIRASTACK_PLUGIN_ADDR": _AGENT,
    "MIRASTACK_PLUGIN_ADVERTISE_ADDR": _AGENT,
}


def agent_environment(given: Mapping[str, str] | None) -> Mapping[str, str]:
    """The environment that the agent reads: `given`, or that of this process without deployments.

    Its addresses are replaced.
    """
    if given is None:
        names = [name for name in os.environ if not name.startswith(_OF_DEPLOYMENTS)]
        given = {name: os.environ[name] for name in names}
    return {**_DEFAULTS, **given, **_FIXED}
