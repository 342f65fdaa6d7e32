"""The programs that are compared: one agent, written in five ways.

The modules that BENCHMARK_HIDDEN names are hidden from them, as if they were not installed.
"""

import os
import sys

for _name in os.environ.get("BENCHMARK_HIDDEN", "").split():
    sys.modules[_name] = None  # type: ignore[assignment] # documented: importing it then fails
