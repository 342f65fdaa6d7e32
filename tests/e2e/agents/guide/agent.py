"""An agent in the style of the platform's guide: several actions, and prompts in files."""

import json
from pathlib import Path

from mirastack_sdk import serve
from mirastack_sdk.plugin import (
    Action,
    ConfigParam,
    ExecuteRequest,
    ExecuteResponse,
    IntentPattern,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
)

PROMPTS = Path(__file__).parent / "prompts"


class GuideAgent(MirastackPlugin):
    """Queries a backend that it does not need to reach."""

    def __init__(self) -> None:
        self.backend_url = ""

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="mirastack-plugin-my-agent",
            version="0.1.0",
            description="Queries the platform's backend.",
            permission=Permission.READ,
            devops_stages=["observe", "operate"],
            intent_patterns=[
                IntentPattern("query * of *", "query"),
                IntentPattern("restart *", "restart_service", priority=8),
            ],
            prompt_templates=[
                PromptTemplate(name=file.stem, content=file.read_text(encoding="utf-8"))
                for file in sorted(PROMPTS.glob("*.md"))
            ],
            config_params=[
                ConfigParam("backend_url", "The URL of the backend.", required=True),
                ConfigParam("timeout", "How long a query may take.", "duration", default="30s"),
                ConfigParam("rows", "How many rows to return.", "integer", default="100"),
            ],
        )

    def schema(self) -> PluginSchema:
        service = ParamSchema("string", description="The service's name")
        result = {"result": ParamSchema("json", description="The rows")}
        return PluginSchema(
            [
                Action("query", "Query rows. Use it for questions.", {"service": service}, result),
                Action("list_services", "List all services.", {}, result, intents=["services"]),
                Action(
                    "restart_service",
                    "Restart a service.",
                    {"service": service},
                    permission=Permission.MODIFY,
                    stages=["operate"],
                ),
            ]
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        handlers = {"query": self.query, "list_services": self.list_services}
        handler = handlers.get(req.params.get("action", ""))
        if handler is None:
            return ExecuteResponse(logs=[f"unknown action: {req.params.get('action', '')}"])
        return await handler(req.params)

    async def query(self, params: dict[str, str]) -> ExecuteResponse:
        """Return one row."""
        return ExecuteResponse(output={"result": json.dumps([params["service"]])})

    async def list_services(self, params: dict[str, str]) -> ExecuteResponse:
        """Return no rows."""
        del params
        return ExecuteResponse(output={"result": "[]"})

    async def config_updated(self, config: dict[str, str]) -> None:
        self.backend_url = config.get("backend_url", self.backend_url)


def main() -> None:
    """Serve the agent."""
    serve(GuideAgent())


if __name__ == "__main__":
    main()
