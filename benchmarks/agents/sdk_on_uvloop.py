"""The same agent on uvloop's event loop."""

import uvloop

from benchmarks.agents.sdk import main

if __name__ == "__main__":
    uvloop.install()
    main()
