"""Searches weeks of metrics window by window, and publishes each window as soon as it is read.

Run it beside an engine, with aiohttp installed:
METRICS_BACKEND_URL=http://prometheus:9090 MIRASTACK_ENGINE_ADDR=engine:9090 python history_agent.py
"""

import logging
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from aiohttp import ClientSession, ClientTimeout
from pydantic import BaseModel, Field

from mirastack_sdk import ActionError, Agent, Depends, Env, OrLast, Permission, Secret, serve
from mirastack_sdk.plugin import TimeRange

LOG = logging.getLogger("history_agent")
POINTS = 60  # per window


@dataclass(frozen=True)
class HistoryConfig:
    url: Annotated[str, "The URL, such as http://prometheus:9090.", Env("METRICS_BACKEND_URL")]
    token: Annotated[Secret[str], "A bearer token.", Env("METRICS_BACKEND_TOKEN")] = Secret("")


agent = Agent(
    name="history_agent",
    version="1.0.0",
    description="Searches the history of metrics",
    permission=Permission.READ,
    devops_stages=["observe"],
    config=HistoryConfig,
)


@dataclass
class Window:
    start: datetime
    highest: Annotated[float | None, "None if there is no value"]
    above: bool


class Series(BaseModel):
    values: list[tuple[float, float]]


class Found(BaseModel):
    result: list[Series] = []


class Response(BaseModel):
    data: Found = Found()
    error: str = ""


async def open_session(config: HistoryConfig) -> AsyncIterator[ClientSession]:
    url, timeout = f"{config.url.rstrip('/')}/", ClientTimeout(total=60)
    headers = {"Authorization": f"Bearer {config.token.reveal()}"} if config.token else {}
    async with ClientSession(url, headers=headers, timeout=timeout) as session:
        yield session


Session = Annotated[ClientSession, Depends(open_session, lifetime="agent")]
LastWeek = Annotated[TimeRange, OrLast(days=7)]
Query = Annotated[str, "PromQL, such as sum(rate(http_requests_total{code='500'}[5m]))."]
Length = Annotated[timedelta, Field(ge=timedelta(minutes=1)), "The length of each window."]


async def highest_value(
    session: Session, query: str, start: float, end: float, step: float
) -> float | None:
    """Return the highest value of all series. Cancelling it stops the query in the backend, too."""
    given: dict[str, str | float] = {"query": query, "start": start, "end": end, "step": step}
    async with session.get("api/v1/query_range", params=given) as response:
        if not response.content_type.endswith("json"):
            raise RuntimeError(f"the metrics backend returned HTTP {response.status}")
        body = Response.model_validate_json(await response.read())
    if body.error:
        raise ActionError(f"the metrics backend refused: {body.error}")
    values = [value for series in body.data.result for _, value in series.values]
    return max(filter(math.isfinite, values), default=None)


@agent.health
async def check(session: Session) -> None:
    await highest_value(session, "vector(1)", 0, 0, 1)


@agent.action(timeout=300, max_concurrency=2, intents=["when was * above *", "find spikes of *"])
async def find_spikes(
    query: Query,
    above: Annotated[float, "The value that the metric should not exceed."],
    session: Session,
    time_range: LastWeek,
    window: Length = timedelta(hours=6),
) -> AsyncIterator[Window]:
    """Find when a metric exceeded a limit, window by window. Use this for long time ranges."""
    first, last = time_range.start_epoch_ms // 1000, time_range.end_epoch_ms // 1000
    step = window.total_seconds() / POINTS
    starts, done = range(first, last, round(window.total_seconds())), 0
    try:
        for start in starts:
            # The point where a window ends belongs to the next one.
            end = min(start + window.total_seconds() - step, last)
            highest = await highest_value(session, query, start, end, step)
            above_it = highest is not None and highest > above
            yield Window(datetime.fromtimestamp(start, UTC), highest, above_it)
            done += 1
    finally:  # also runs if the call is cancelled or times out
        LOG.info("%d of %d windows were read", done, len(starts))


if __name__ == "__main__":
    serve(agent)
