"""The agent as the SDK's documentation has it written."""

from benchmarks import actions
from mirastack_sdk import serve
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
)

_ACTIONS = {
    "get_status": "Get the status of a service.",
    "wait": "Answer after a while.",
    "produce": "Answer many rows.",
    "consume": "Take many rows.",
    "call_back": "Read from the engine's cache many times.",
}


class BenchmarkAgent(MirastackPlugin):
    """Runs the actions that every compared agent runs."""

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="benchmark",
            version="1.0.0",
            description="Runs the actions that are measured.",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

    def schema(self) -> PluginSchema:
        params = {"service": ParamSchema(type="string", required=False)}
        return PluginSchema([Action(name, text, params) for name, text in _ACTIONS.items()])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        async def cache_get(key: str) -> str | None:
            return await req.engine_client.cache_get(req.ctx, key)

        until = req.time_range.end_epoch_ms if req.time_range else 0
        result = await actions.run(req.params.get("action", ""), req.params, until, cache_get)
        return ExecuteResponse(output={"result": result})

    async def health_check(self) -> None:
        return

    async def config_updated(self, config: dict[str, str]) -> None:  # noqa: ARG002 - it has none
        return


def main() -> None:
    """Serve until the process is ended."""
    serve(BenchmarkAgent())


if __name__ == "__main__":
    main()
