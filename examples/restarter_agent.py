"""Restarts services from a list, at most every five minutes; a human approves each restart.

Run it where the services run, beside an engine; RESTARTER_COMMAND replaces systemctl:
RESTARTER_SERVICES=cart,checkout MIRASTACK_ENGINE_ADDR=engine:9090 python restarter_agent.py
"""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from mirastack_sdk import ActionError, Agent, Context, Depends, EngineClient, Permission, serve
from mirastack_sdk.engine import BlastRadius

COMMAND_SECONDS, COOLDOWN_SECONDS, CHECKS, CHECK_SECONDS = 60, 300, 20, 0.5

agent = Agent(
    name="restarter_agent",
    version="1.0.0",
    description="Restarts services",
    permission=Permission.MODIFY,
    devops_stages=["operate"],
)


class Services(NamedTuple):
    allowed: Sequence[str]
    command: str

    async def run(self, *arguments: str) -> tuple[int, str]:  # no shell, no process left behind
        process = await asyncio.create_subprocess_exec(
            self.command, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
        except TimeoutError as error:
            raise ActionError(f"{' '.join(arguments)} took over {COMMAND_SECONDS} s") from error
        finally:  # also runs if the call is cancelled
            if process.returncode is None:
                process.kill()
            status = await process.wait()
        return status, output.decode(errors="replace").strip()

    async def state(self, service: str) -> str:
        return (await self.run("is-active", service))[1]

    async def state_after_start(self, service: str) -> str:
        for _ in range(CHECKS):
            await asyncio.sleep(CHECK_SECONDS)
            if (state := await self.state(service)) != "activating":
                return state
        return "activating"


def open_services() -> Services:  # from its environment: no engine may extend the list
    names = os.environ.get("RESTARTER_SERVICES", "").replace(",", " ").split()
    return Services(names, os.environ.get("RESTARTER_COMMAND", "systemctl"))


Allowed = Annotated[Services, Depends(open_services, lifetime="agent")]


async def ensure_cooled_down(engine: EngineClient, ctx: Context, service: str) -> None:
    if await engine.cache_get(ctx, f"restarter_agent:{service}"):
        raise ActionError(f"a restart of {service} was tried less than {COOLDOWN_SECONDS} s ago")


async def ensure_approved(engine: EngineClient, ctx: Context, service: str, reason: str) -> None:
    radius = BlastRadius(resource_type="service", resources=[service], estimated_count=1)
    text = f"Restart {service}, which is active: {reason}"
    approval = await engine.request_approval(ctx, text, blast_radius=radius, timeout=600)
    if not approval:
        why = "nobody answered in time" if approval.timed_out else approval.comment or "refused"
        raise ActionError(f"{service} was not restarted: {why}")


@agent.action(permission=Permission.READ, intents=["which services run"])
async def service_states(services: Allowed) -> dict[str, str]:
    """List the services that can be restarted, with their states. Use this before a restart."""
    return {name: await services.state(name) for name in services.allowed}


@agent.health
async def check(services: Allowed) -> None:
    await service_states(services)


@agent.action(intents=["restart *"])
async def restart_service(
    service: Annotated[str, "One of those that service_states lists."],
    reason: Annotated[str, "Why a restart should help; the human who approves it reads this."],
    services: Allowed,
    engine: EngineClient,
    ctx: Context,
    dry_run: Annotated[bool, "Only report what would be done."] = False,
) -> str:
    """Restart a service that fails. Use this after service_states; a human may have to approve."""
    if service not in services.allowed:
        raise ActionError(f"{service} may not be restarted: RESTARTER_SERVICES does not list it")
    await ensure_cooled_down(engine, ctx, service)
    if dry_run:
        return f"{service} would be restarted; it is {await services.state(service)}"
    if await services.state(service) == "active":  # the engine's approval did not cover that
        await ensure_approved(engine, ctx, service, reason)
        await ensure_cooled_down(engine, ctx, service)  # another call may have been approved, too
    await engine.cache_set(ctx, f"restarter_agent:{service}", reason, ttl=COOLDOWN_SECONDS)
    status, output = await services.run("restart", service)
    if status:
        raise ActionError(f"{service} could not be restarted: {output}")
    state = await services.state_after_start(service)
    await engine.log_event(ctx, {"event": "restarted", "service": service, "state": state})
    if state != "active":
        raise ActionError(f"{service} was restarted, but is {state}")
    return f"{service} was restarted, and is active"


if __name__ == "__main__":
    serve(agent)
