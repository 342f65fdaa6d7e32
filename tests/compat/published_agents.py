"""The three agents in the published style, and what each of them asks of its backend."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mirastack_sdk import TimeRange

FOLDER = Path(__file__).parent / "agents"
RANGE = TimeRange(1774973400000, 1774977000000, "UTC", "last hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An execution, what the backend hears of it, and what the model reads."""

    action: str
    params: Mapping[str, str]
    path: str
    query: Mapping[str, str]
    output: Mapping[str, str]
    time_range: TimeRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAgent:
    """One agent: where its config and its environment keep the URL, and its backend's answers."""

    name: str
    config_key: str
    variable: str
    actions: tuple[str, ...]
    first_intent: str
    answers: Mapping[str, object]
    health_path: str
    questions: tuple[Question, ...]

    @property
    def program(self) -> Path:
        """The program to run."""
        return FOLDER / self.name / "plugin.py"


_MATRIX = {"status": "success", "data": {"result": [{"metric": {}, "values": []}]}}
_LINES = '{"_msg":"a"}\n{"_msg":"ü"}\n'
_TRACES = {"data": [{"traceID": "7"}], "total": 1}

METRICS = PublishedAgent(
    name="query_metrics",
    config_key="metrics_url",
    variable="MIRASTACK_METRICS_URL",
    actions=(
        *("instant_query", "range_query", "label_names"),
        *("label_values", "series", "metadata"),
    ),
    first_intent="query metrics",
    answers={
        "/api/v1/query_range": _MATRIX,
        "/api/v1/labels": {"status": "success", "data": ["job"]},
        "/api/v1/series": {"status": "success", "data": [{"job": "x"}, {"job": "y"}]},
    },
    health_path="/api/v1/labels",
    questions=(
        Question(
            action="range_query",
            params={"query": "up", "step": "1m"},
            time_range=RANGE,
            path="/api/v1/query_range",
            query={"query": "up", "start": "1774973400.000", "end": "1774977000.000", "step": "1m"},
            output={"result_count": "1", "status": "success", "truncated": "false"},
        ),
        Question(
            action="series",
            params={"match": "up, down", "start": "1", "end": "2"},
            path="/api/v1/series",
            query={"start": "1", "end": "2", "match[]": "down"},
            output={"action": "series", "result_count": "2"},
        ),
        Question(
            action="label_names",
            params={},
            path="/api/v1/labels",
            query={},
            output={"action": "label_names", "result": '["job"]', "truncated": "false"},
        ),
    ),
)
LOGS = PublishedAgent(
    name="query_logs",
    config_key="logs_url",
    variable="MIRASTACK_LOGS_URL",
    actions=("query", "tail", "stats", "field_names", "field_values"),
    first_intent="search logs",
    answers={
        "/select/logsql/query": _LINES,
        "/select/logsql/field_names": {"values": [{"value": "_msg", "hits": 2}]},
    },
    health_path="/select/logsql/field_names",
    questions=(
        Question(
            action="query",
            params={"logsql": "error"},
            time_range=RANGE,
            path="/select/logsql/query",
            query={
                "query": "error",
                "limit": "100",
                "start": "2026-03-31T16:10:00Z",
                "end": "2026-03-31T17:10:00Z",
            },
            output={"action": "query", "result_count": "2", "truncated": "false"},
        ),
        Question(
            action="query",
            params={"logsql": "error", "start": "-", "end": " 5 ", "limit": "7"},
            path="/select/logsql/query",
            query={"query": "error", "limit": "7", "end": "5"},
            output={"result": '[{"_msg": "a"}, {"_msg": "\\u00fc"}]'},
        ),
    ),
)
TRACES = PublishedAgent(
    name="query_traces",
    config_key="traces_url",
    variable="MIRASTACK_TRACES_URL",
    actions=("search", "trace_by_id", "services", "operations", "dependencies"),
    first_intent="find traces",
    answers={
        "/api/traces": _TRACES,
        "/api/services": {"data": ["checkout"]},
        "/api/dependencies": {"data": []},
    },
    health_path="/api/services",
    questions=(
        Question(
            action="search",
            params={"service": "checkout", "tags": '{"error":"true"}'},
            time_range=RANGE,
            path="/api/traces",
            query={
                "service": "checkout",
                "limit": "20",
                "start": "1774973400000000",
                "end": "1774977000000000",
                "tags": '{"error": "true"}',
            },
            output={"action": "search", "result": '[{"traceID": "7"}]'},
        ),
        Question(
            action="dependencies",
            params={},
            time_range=RANGE,
            path="/api/dependencies",
            query={"endTs": "1774977000000", "lookback": "3600000"},
            output={"result": "[]"},
        ),
    ),
)
AGENTS = (METRICS, LOGS, TRACES)
