"""The variables that say how an agent stops."""

from mirastack_sdk._core.settings.variable import (
    SWITCHES,
    Variable,
    one_of,
    seconds,
    seconds_expected,
)

SHUTDOWN_GRACE = Variable(
    name="MIRASTACK_PLUGIN_SHUTDOWN_GRACE",
    meaning="seconds that running calls have to finish when the agent stops",
    default="10",
    expected=seconds_expected(0, "10"),
    parse=seconds(0),
    fallback=10.0,
)
SHUTDOWN_DELAY = Variable(
    name="MIRASTACK_PLUGIN_SHUTDOWN_DELAY",
    meaning="seconds that a stopping agent still serves before the grace period, but says "
    "NOT_SERVING",
    default="0",
    expected=seconds_expected(0, "5"),
    parse=seconds(0),
    fallback=0.0,
)
DEREGISTER = Variable(
    name="MIRASTACK_PLUGIN_DEREGISTER",
    meaning="whether the agent deregisters when it stops; false for engines that then forget its "
    "other replicas",
    default="true",
    expected="true or false",
    parse=one_of(SWITCHES),
    fallback=True,
)

SHUTDOWN_VARIABLES: tuple[Variable[object], ...] = (SHUTDOWN_GRACE, SHUTDOWN_DELAY, DEREGISTER)
