"""For each code an agent that has exactly this finding, and a neighbour that has none.

Each is the clean agent with a few texts replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

CLEAN = """
import os
from pathlib import Path

from mirastack_sdk.plugin import (
    Action, ConfigParam, ExecuteRequest, ExecuteResponse, IntentPattern, MirastackPlugin,
    ParamSchema, Permission, PluginInfo, PluginSchema, PromptTemplate, RoutingSemantics,
)

HERE = Path(__file__).resolve().parent


class Metrics(MirastackPlugin):
    def __init__(self) -> None:
        self.url = os.environ.get("METRICS_URL", "http://localhost:9090")

    def info(self) -> PluginInfo:
        return PluginInfo(
            name="metrics",
            version="1.0.0",
            description="Queries metrics",
            permission=Permission.READ,
            devops_stages=["observe"],
            prompt_templates=PromptTemplate.load(HERE / "templates"),
            config_params=[
                ConfigParam("backend", "Where the metrics are stored."),
                ConfigParam("api_token", "Sent to the backend as bearer token.", secret=True),
            ],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema([
            Action(
                "query_series",
                "Query the series of a metric. Use this when somebody asks how it developed.",
                {
                    "metric": ParamSchema("string", description="Such as http_requests_total."),
                    "limit": ParamSchema("integer", False, "How many series at most.", "10"),
                    "kind": ParamSchema("string", False, "Which values.", "raw", ["raw", "rate"]),
                },
                {
                    "series": ParamSchema("array", description="Each with labels and values."),
                    "total": ParamSchema("integer", description="How many series match."),
                },
                intents=["how did * develop"],
            ),
            Action(
                "restart_collector",
                "Restart what collects metrics. Use this when series end suddenly.",
                {},
                {"result": ParamSchema("string")},
                permission=Permission.MODIFY,
                intents=["restart the collector"],
            ),
        ])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(output={"result": "[]"})

    async def health_check(self) -> None:
        if not self.url:
            raise RuntimeError("no backend")
"""
"""An agent without findings."""

TEMPLATE = "{{/* For the step that explains a query. */}}\nExplain {{ .Series }} briefly.\n"

type Changes = Mapping[str, str]

_QUERY = "Query the series of a metric. Use this when somebody asks how it developed."
_RESTART = "Restart what collects metrics. Use this when series end suddenly."
_BACKEND = 'ConfigParam("backend", "Where the metrics are stored.")'
_LIMIT = '"limit": ParamSchema("integer", False, "How many series at most.", "10"),'
_KIND = '"kind": ParamSchema("string", False, "Which values.", "raw", ["raw", "rate"]),'
_TOTAL = '"total": ParamSchema("integer", description="How many series match."),'
_HEALTH = 'if not self.url:\n            raise RuntimeError("no backend")'
_LOADED = 'PromptTemplate.load(HERE / "templates")'
_MODIFY = "permission=Permission.MODIFY,"
_INFO = "    def info("
_INTENTS = 'intents=["how did * develop"],'


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The changes of the clean agent and its template that cause a finding, and those that do not.

    With `baseline`, the clean agent is the baseline of the changed one.
    """

    broken: Changes = field(default_factory=dict)
    near: Changes = field(default_factory=dict)
    broken_template: str = TEMPLATE
    near_template: str = TEMPLATE
    baseline: bool = False


def _input(text: str) -> Changes:
    return {_LIMIT: f"{_LIMIT}\n{text},"}


def _output(text: str) -> Changes:
    return {_TOTAL: f"{_TOTAL}\n{text},"}


def _templates(content: str) -> str:
    return f'[PromptTemplate("metrics_guide", {content})]'


CASES: Mapping[str, Case] = {
    "MA001": Case(
        broken={'version="1.0.0"': 'version=" "'},
        near={'version="1.0.0"': 'version="2.0.0-rc.1"'},
    ),
    "MA101": Case(
        broken={_QUERY: "Query values."},
        near={_QUERY: "メトリクスの値を調べる。障害の原因を知りたいときに使う。if you"},
    ),
    "MA102": Case(
        broken={_QUERY: "Queries the series."},
        near={_QUERY: "Queries the series. Use this for trends."},
    ),
    "MA103": Case(
        broken={_QUERY: "Query all the values of one metric."},
        near={_QUERY: "Query the values of one metric when a user wants to see a trend."},
    ),
    "MA104": Case(
        broken={_RESTART: _QUERY},
        near={_RESTART: _QUERY.replace("Query the", "Query the other")},
    ),
    "MA201": Case(
        broken=_input('"unit": ParamSchema("string", False)'),
        near=_input('"unit": ParamSchema("string", False, "Of the values.")'),
    ),
    "MA202": Case(
        broken=_output('"rows": ParamSchema("array")'),
        near={'{"result": ParamSchema("string")}': '{"result": ParamSchema("array")}'},
    ),
    "MA203": Case(
        broken={'{"result": ParamSchema("string")}': "{}"},
        near={'{"result": ParamSchema("string")}': '{"result": ParamSchema("json")}'},
    ),
    "MA204": Case(
        broken=_input('"timeout": ParamSchema("integer", False, "When to give up.")'),
        near=_input('"timeout": ParamSchema("integer", False, "Give up after these seconds.")'),
    ),
    "MA205": Case(
        broken=_input(
            '"start": ParamSchema("string", False, "In RFC 3339."), '
            '"end": ParamSchema("string", False, "In RFC 3339.")'
        ),
        near={
            **_input(
                '"start": ParamSchema("string", False, "In RFC 3339."), '
                '"end": ParamSchema("string", False, "In RFC 3339.")'
            ),
            'output={"result": "[]"}': 'output={"result": str(req.time_range)}',
        },
    ),
    "MA301": Case(
        broken={_MODIFY: ""},
        near={_MODIFY: "", "restart_collector": "plan_restart", "Restart what": "See what"},
    ),
    "MA302": Case(
        broken={_INTENTS: f"{_INTENTS} permission=Permission.ADMIN,"},
        near={
            _INTENTS: f"{_INTENTS} permission=Permission.ADMIN,",
            "query_series": "find_and_delete_series",
            _QUERY: "Find and delete series. Use this when a disk is full.",
        },
    ),
    "MA303": Case(
        broken={"restart_collector": "delete_series"},
        near={"restart_collector": "delete_series", _MODIFY: "permission=Permission.ADMIN,"},
    ),
    "MA401": Case(
        broken_template="Explain {{ Series }}.\n",
        near_template="Explain {{ .Series | printf `%v` }}.\n",
    ),
    "MA402": Case(broken_template="é" * 1025, near_template="é" * 1024),
    "MA403": Case(
        broken={_LOADED: _templates('"Explain " + "{{ .Series }} briefly."')},
        near={
            _LOADED: _templates('(HERE / "templates" / "metrics_guide.tmpl").read_text()'),
        },
    ),
    "MA404": Case(
        broken_template="You are an experienced engineer. Explain {{ .Series }}.\n",
        near_template="Say so if you are not sure. Explain {{ .Series }}.\n",
    ),
    "MA405": Case(
        broken={_LOADED: '[PromptTemplate("guide", HERE.name)]'},
        near={_LOADED: '[PromptTemplate("query-series-guide", HERE.name)]'},
    ),
    "MA406": Case(
        broken={_LOADED: f"{_LOADED} * 2"},
        near={_LOADED: f'{_LOADED} + [PromptTemplate("metrics_Guide", HERE.name)]'},
    ),
    "MA501": Case(
        broken={", secret=True": ""},
        near={", secret=True": "", '"api_token"': '"api_token_file"'},
    ),
    "MA601": Case(
        broken={"http://localhost:9090": "https://metrics.corp:9090/api"},
        near={"http://localhost:9090": "http://metrics.example.com"},
    ),
    "MA602": Case(
        broken={_INFO: f'    password = "hunter2"\n\n{_INFO}'},
        near={_INFO: f'    password = "METRICS_PASSWORD"\n\n{_INFO}'},
    ),
    "MA701": Case(
        broken={_HEALTH: '"""Add a ping."""\n        return None'},
        near={_HEALTH: "self.url.index(':')"},
    ),
    "MA702": Case(
        broken={_INTENTS: ""},
        near={
            _INTENTS: 'routing_semantics=RoutingSemantics(["a.b"], "a.b", ["See a trend"]),',
        },
    ),
    "MA703": Case(
        broken={_INTENTS: 'intents=["how did * develop", "Restart the  collector"],'},
        near={_INTENTS: 'intents=["how did * develop", "restart a collector"],'},
    ),
    "MA801": Case(
        broken={"restart_collector": "restart_all"},
        near={_QUERY: f"{_QUERY} It is fast."},
        baseline=True,
    ),
    "MA802": Case(
        broken={_LIMIT: _LIMIT.replace("False, ", "True, ")},
        near={'ParamSchema("string", description="Such': 'ParamSchema("string", True, "Such'},
        baseline=True,
    ),
    "MA803": Case(
        broken={_LIMIT: ""},
        near={_LIMIT: "", _KIND: f"{_KIND} {_LIMIT}"},
        baseline=True,
    ),
    "MA804": Case(
        broken={'["raw", "rate"]': '["raw"]'},
        near={'["raw", "rate"]': '["rate", "raw"]'},
        baseline=True,
    ),
    "MA805": Case(
        broken={_MODIFY: "permission=Permission.ADMIN,"},
        near={"permission=Permission.READ,": "permission=Permission.READ, metadata={'a': 'b'},"},
        baseline=True,
    ),
    "MA806": Case(
        broken={_TOTAL: ""},
        near={
            _TOTAL: "",
            '"series": ParamSchema("array"': f'{_TOTAL} "series": ParamSchema("array"',
        },
        baseline=True,
    ),
    "MA807": Case(
        broken={'"total": ParamSchema("integer"': '"total": ParamSchema("number"'},
        near={"How many series match.": "The number of matches."},
        baseline=True,
    ),
    "MA808": Case(
        broken={f"{_BACKEND},": ""},
        near={"Where the metrics are stored.": "Where all metrics are stored."},
        baseline=True,
    ),
    "MA809": Case(
        broken={_BACKEND: _BACKEND.replace(")", ", required=True)")},
        near={_BACKEND: _BACKEND.replace(")", ", default='local')")},
        baseline=True,
    ),
    "MA810": Case(
        broken={'name="metrics"': 'name="metrics_guide"'},
        near={'version="1.0.0"': 'version="2.0.0"'},
        baseline=True,
    ),
    "MA811": Case(
        broken_template=TEMPLATE.replace("briefly", "in detail"),
        near_template=TEMPLATE.replace("For the step", "For each step"),
        baseline=True,
    ),
    "MA890": Case(
        broken=_input('"unit": ParamSchema("string", False, "Of the values.")'),
        near={"Such as http_requests_total.": "PromQL, such as up."},
        baseline=True,
    ),
}
