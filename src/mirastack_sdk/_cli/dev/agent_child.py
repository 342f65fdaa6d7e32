"""The agent's process under `mirastack-agent dev`.

It imports the SDK and waits for a byte on its control pipe before it loads the author's code, so
that a reload does not wait for imports. When the pipe is closed, the parent is gone, and it ends.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import NoReturn

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.inspector.json_text import json_text
from mirastack_sdk._cli.loading.author_code import is_authors
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._runtime import lifecycle  # noqa: F401 - loaded before it is needed
from mirastack_sdk._runtime.serve import serve
from mirastack_sdk.agent import action_schemas

# For the agent to deregister and to leave its lifespans, after its parent has gone.
_LAST_SECONDS = 2.0


def main(control: int, report: int, target: str) -> None:
    """Wait for the start, load the target, report what was loaded, and serve the agent."""
    for descriptor in (control, report):
        os.set_inheritable(descriptor, False)
    if not os.read(control, 1):
        return
    threading.Thread(target=_end_with_parent, args=(control,), daemon=True).start()
    sys.argv = [target]
    try:
        plugin = load_target(target).plugin
    except CommandError as error:
        _report(report, {})
        _fail(error)
    _report(report, _schemas(plugin))
    serve(plugin)


def _end_with_parent(control: int) -> None:
    os.read(control, 1)
    # The author's own processes are of the same group.
    os.killpg(0, signal.SIGTERM)
    threading.Event().wait(_LAST_SECONDS)
    os.killpg(0, signal.SIGKILL)


def _fail(error: CommandError) -> NoReturn:
    lines = [line for line in (error.details, str(error)) if line]
    sys.stderr.write("\n".join([*lines, ""]))
    sys.exit(error.status)


def _report(descriptor: int, schemas: Mapping[str, object]) -> None:
    """Tell the parent which files to watch, and what the engine is not told of the actions."""
    with os.fdopen(descriptor, "w") as pipe:
        pipe.write(json_text({"files": sorted(set(_files())), "schemas": schemas}))


def _files() -> Iterator[str]:
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py") and is_authors(file):
            yield os.path.realpath(file)


def _schemas(plugin: MirastackPlugin) -> Mapping[str, object]:
    try:
        return {name: asdict(schema) for name, schema in action_schemas(plugin).items()}
    except Exception:  # noqa: BLE001 - what fails here fails when it is served, too
        return {}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
