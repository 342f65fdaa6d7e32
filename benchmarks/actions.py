"""The actions that every compared agent has: the author's part of an Execute."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from functools import cache

type CacheGet = Callable[[str], Awaitable[str | None]]

CACHE_KEY = "benchmark:service_list"
CACHED = '["checkout","cart"]'

_ROW = '{"service":"checkout","value":12.5},'


async def run(action: str, params: Mapping[str, str], until: int, cache_get: CacheGet) -> str:
    """Return an action's result as JSON text; `until` is the end of the time range, or 0."""
    match action:
        case "get_status":
            result = {"service": params.get("service", ""), "status": "ok", "until": until}
            return json.dumps(result)
        case "wait":
            await asyncio.sleep(float(params["seconds"]))
            return "{}"
        case "produce":
            return rows(int(params["size"]))
        case "consume":
            return json.dumps({"received": len(params["rows"])})
        case "call_back":
            await _call_back(int(params["calls"]), int(params["at_once"]), cache_get)
            return "{}"
        case _:
            raise ValueError(f"unknown action: {action}")


@cache
def rows(size: int) -> str:
    """Return `size` characters of rows, made once, so that only their transport is measured."""
    return (_ROW * (size // len(_ROW) + 1))[:size]


async def _call_back(calls: int, at_once: int, cache_get: CacheGet) -> None:
    async def one_after_the_other(count: int) -> None:
        for _ in range(count):
            if await cache_get(CACHE_KEY) != CACHED:
                raise ValueError("the engine has answered something else")

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_the_other(calls // at_once))
