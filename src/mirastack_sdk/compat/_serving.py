"""serve() for agents written for the published SDK."""

from mirastack_sdk._runtime.serve import serve as serve_plugin
from mirastack_sdk.compat._adapter import PluginAdapter
from mirastack_sdk.compat.plugin import Plugin
from mirastack_sdk.plugin import MirastackPlugin
from mirastack_sdk.security import Security


def serve(
    plugin: Plugin | MirastackPlugin, *, max_workers: int = 10, security: Security | None = None
) -> None:
    """Serve an agent until SIGINT or SIGTERM, as `mirastack_sdk.serve()` does; blocks.

    `max_workers` has no effect, because executions share an event loop.
    MIRASTACK_PLUGIN_MAX_EXECUTIONS limits how many run at once.
    """
    del max_workers
    served = plugin if isinstance(plugin, MirastackPlugin) else PluginAdapter(plugin)
    serve_plugin(served, security=security)
