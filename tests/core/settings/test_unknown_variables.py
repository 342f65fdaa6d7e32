"""A variable that is misspelled, and so has no effect, is noticed."""

import pytest

from mirastack_sdk._core.settings.process_settings import VARIABLES
from mirastack_sdk._core.settings.variable import unknown_variables


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MIRASTACK_METRIC_ADDR", "MIRASTACK_METRICS_ADDR"),
        ("MIRASTACK_METRICS_ADDRESS", "MIRASTACK_METRICS_ADDR"),
        ("MIRASTACK_AUTH_TOKN_FILE", "MIRASTACK_AUTH_TOKEN_FILE"),
        ("MIRASTACK_ENGINE_ADRR", "MIRASTACK_ENGINE_ADDR"),
        ("MIRASTACK_PLUGIN_TENANT", "MIRASTACK_PLUGIN_TENANT_ID"),
        ("MIRASTACK_PLUGIN_MAX_CONECTION_AGE", "MIRASTACK_PLUGIN_MAX_CONNECTION_AGE"),
        ("MIRASTACK_REQUIRES_AUTH", "MIRASTACK_REQUIRE_AUTH"),
    ],
)
def test_a_misspelled_name_gets_a_suggestion(name: str, meant: str) -> None:
    """The operator reads which variable was probably meant."""
    expected = f"{name} is not a variable of the SDK: did you mean {meant}?"
    assert list(unknown_variables({name: "x"}, VARIABLES)) == [expected]


@pytest.mark.parametrize("name", ["MIRASTACK_ENGINE_ADDR", "MIRASTACK_PLUGIN_TLS_KEY"])
def test_a_file_for_what_is_no_secret_is_noticed(name: str) -> None:
    """Only secrets have a variable with `_FILE` at its end."""
    expected = f"{name}_FILE has no effect, because only secrets are read from files: set {name}"
    assert list(unknown_variables({f"{name}_FILE": "/x"}, VARIABLES)) == [expected]


@pytest.mark.parametrize(
    "name",
    [
        "MIRASTACK_ENGINE_PORT",
        "MIRASTACK_ENGINE_PORT_9090_TCP_ADDR",
        "MIRASTACK_ENGINE_SERVICE_HOST",
        "MIRASTACK_METRICS_URL",
        "MIRASTACK_PLUGIN_PORT",
        "METRICS_ADDR",
        "mirastack_metric_addr",
    ],
)
def test_variables_of_others_are_left_alone(name: str) -> None:
    """What agents and Kubernetes set is not mistaken for a misspelled name."""
    assert list(unknown_variables({name: "x"}, VARIABLES)) == []


def test_no_variable_of_the_sdk_is_unknown() -> None:
    """Each variable in the documentation is known."""
    assert list(unknown_variables({variable.name: "x" for variable in VARIABLES}, VARIABLES)) == []
