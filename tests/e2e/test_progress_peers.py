"""Progress, as engines that share no code with the agent get it."""

import asyncio
import base64
import json

from mirastack_sdk import ExecuteRequest
from tests.e2e.grpcio_engine import (
    GOOGLE,
    JSON_REPLIES,
    REPLIES,
    CallingAgent,
    GrpcioEngine,
    call,
)
from tests.e2e.in_process import served
from tests.e2e.raw_engine import Request, raw_engine

PROGRESS = b'{"schema_version":"mirastack.progress/v1","progress":0.4,"message":"window 3 of 7"}'


async def report(req: ExecuteRequest) -> str:
    """Report progress, and return at once."""
    await req.ctx.progress(0.4, "window 3 of 7")
    return "done"


async def test_grpcio_engine_gets_progress_before_the_result() -> None:
    """It is a PublishResult of the execution; the result stays as it is."""
    engine = GrpcioEngine(REPLIES)
    async with (
        engine.serving() as address,
        served(CallingAgent(report), engine=address, MIRASTACK_PLUGIN_TENANT_ID="t-1") as port,
    ):
        async with asyncio.timeout(20):
            await engine.registered.wait()
        reply = await call(port, "Execute", execution_id="e-1", step_id="s-1", action_id="run")
        assert engine.asked["PublishResult"] == GOOGLE["PublishResultRequest"](
            execution_id="e-1",
            step_id="s-1",
            result_json=PROGRESS,
            success=True,
            tenant_id="t-1",
        )
    assert json.loads(reply.result_json) == {"result": "done", "logs": ["ran"]}  # type: ignore[attr-defined] # google's classes are made at run time


async def test_json_engine_gets_progress_in_gos_dialect() -> None:
    """The engines of today show the object as they show partial results."""
    registered = asyncio.Event()

    def answer(request: Request) -> bytes:
        if request.method == "RegisterPlugin":
            registered.set()
        return JSON_REPLIES[request.method]

    async with (
        raw_engine(answer) as (engine, address),
        served(CallingAgent(report), engine=address, MIRASTACK_PLUGIN_TENANT_ID="t-1") as port,
    ):
        async with asyncio.timeout(20):
            await registered.wait()
        await call(port, "Execute", execution_id="e-1", step_id="s-1", action_id="run")
        published = [one.json for one in engine.requests if one.method == "PublishResult"]
    assert published == [
        {
            "execution_id": "e-1",
            "step_id": "s-1",
            "result_json": base64.b64encode(PROGRESS).decode(),
            "success": True,
            "tenant_id": "t-1",
        }
    ]
