"""Queries Prometheus, VictoriaMetrics, Thanos or Mimir for current values, series and labels.

Run it beside an engine, with aiohttp installed:
METRICS_BACKEND_URL=http://prometheus:9090 MIRASTACK_ENGINE_ADDR=engine:9090 python metrics_agent.py
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from aiohttp import ClientSession, ClientTimeout
from pydantic import AliasChoices, AliasPath, BaseModel, Field

from mirastack_sdk import ActionError, Agent, Depends, Env, OrLast, Permission, TimeRange, serve
from mirastack_sdk.datetimeutils import format_epoch_seconds


@dataclass(frozen=True)
class MetricsConfig:
    url: Annotated[str, "The URL, such as http://prometheus:9090.", Env("METRICS_BACKEND_URL")]


agent = Agent(
    name="metrics_agent",
    version="1.0.0",
    description="Queries metrics with PromQL",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=MetricsConfig,
)

MOST_POINTS = 200  # per series: more tell a language model nothing new
STEPS = [timedelta(seconds=s) for s in (15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 86400)]
type Point = tuple[datetime, str]  # the value is text, because it may be NaN
type Value = list[Sample] | list[Series] | Point


@dataclass
class Sample:
    metric: dict[str, str]
    value: Point


@dataclass
class Series:
    metric: dict[str, str]
    values: list[Point]


class Response[T](BaseModel):
    data: T | None = Field(None, validation_alias=AliasChoices(AliasPath("data", "result"), "data"))
    error: str = "no data"


async def open_session(config: MetricsConfig) -> AsyncIterator[ClientSession]:
    async with ClientSession(f"{config.url.rstrip('/')}/", timeout=ClientTimeout(30)) as session:
        yield session


Session = Annotated[ClientSession, Depends(open_session, lifetime="agent")]
LastHour = Annotated[TimeRange, OrLast(hours=1)]
Query = Annotated[str, "PromQL, such as sum by (job) (rate(http_requests_total[5m]))."]
Step = Annotated[timedelta | None, "The time between two points; by default it fits the range."]
Label = Annotated[str | None, Field(pattern=r"^\w+$"), "Such as job; __name__ lists metrics."]
Match = Annotated[str | None, 'Only these series, such as up{job="checkout"}.']


async def ask[T](session: Session, path: str, kind: type[Response[T]], **query: str | None) -> T:
    """Return the backend's data. The model reads the error if the backend rejects the query."""
    given = {name: text for name, text in query.items() if text is not None}
    async with session.get(f"api/v1/{path}", params=given) as response:
        if not response.content_type.endswith("json"):
            raise RuntimeError(f"the metrics backend returned HTTP {response.status}")
        body = kind.model_validate_json(await response.read())
    if body.data is None:
        raise ActionError(f"the metrics backend refused: {body.error}")
    return body.data


def bounds(time_range: TimeRange) -> dict[str, str]:
    start, end = time_range.start_epoch_ms, time_range.end_epoch_ms
    return {"start": format_epoch_seconds(start), "end": format_epoch_seconds(end)}


@agent.health
async def check(session: Session) -> None:
    await ask(session, "query", Response[object], query="1")


@agent.action(intents=["what is the current * of *"])
async def instant_query(query: Query, session: Session, time_range: TimeRange | None) -> Value:
    """Evaluate a PromQL expression now, or at the range's end. Use this for current values."""
    at = format_epoch_seconds(time_range.end_epoch_ms) if time_range else None
    return await ask(session, "query", Response[Value], query=query, time=at)


@agent.action(timeout=60, intents=["query metrics for *", "how did * develop"])
async def range_query(
    query: Query, session: Session, time_range: LastHour, step: Step = None
) -> list[Series]:
    """Evaluate a PromQL expression over the time range. Use this for trends and comparisons."""
    length = timedelta(milliseconds=time_range.end_epoch_ms - time_range.start_epoch_ms)
    step = step or next((step for step in STEPS if length / step <= MOST_POINTS), STEPS[-1])
    given = {"query": query, "step": str(step.total_seconds()), **bounds(time_range)}
    return await ask(session, "query_range", Response[list[Series]], **given)


@agent.action(intents=["which metrics are there"])
async def labels(
    session: Session, time_range: LastHour, label: Label = None, match: Match = None
) -> list[str]:
    """List a label's values, or the names of all labels. Use this before you write a query."""
    path = f"label/{label}/values" if label else "labels"
    return await ask(session, path, Response[list[str]], **{"match[]": match}, **bounds(time_range))


if __name__ == "__main__":
    serve(agent)
