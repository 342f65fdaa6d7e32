"""The number of generated examples: a daily default, or as many as requested."""

import os

from hypothesis import HealthCheck, Phase, settings

# `MIRASTACK_TEST_EXAMPLES=10000` for the thorough run.
EXAMPLES = int(os.environ.get("MIRASTACK_TEST_EXAMPLES", "200"))

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    # Not `explain`: it runs a slow program a hundred times more to say little.
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
