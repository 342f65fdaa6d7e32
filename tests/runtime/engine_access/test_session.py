"""The agent's session with the engine, with a real server and a clock that the test moves."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.process_settings import EngineEncoding, Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import EngineServiceBase
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.engine_access.session import Registration, Session
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk._wire.server.grpc_server import Server
from mirastack_sdk.testing import Encoding
from tests.runtime.recording_clock import RecordingClock

IDENTITY = Registration(
    name="my_agent",
    version="1.2.3",
    grpc_addr="127.0.0.1:7",
    instance_id="i-1",
    tenant_id="t-1",
)
REGISTERED = wire.RegisterPluginResponse(success=True, plugin_id="p-1")
ALIVE = wire.HeartbeatResponse(acknowledged=True)


@dataclass(eq=False)
class FakeEngine(EngineServiceBase):
    """Responds from lists, repeats the last response, and records the requests."""

    registrations: list[object] = field(default_factory=lambda: [REGISTERED])
    heartbeats: list[object] = field(default_factory=lambda: [ALIVE])
    asked: list[tuple[str, Encoding, object]] = field(default_factory=list)
    metadata: list[dict[str, str]] = field(default_factory=list)

    async def register_plugin(
        self, message: wire.RegisterPluginRequest
    ) -> wire.RegisterPluginResponse:
        answer = await self._answer("register", message, self.registrations)
        assert isinstance(answer, wire.RegisterPluginResponse)
        return answer

    async def heartbeat(self, message: wire.HeartbeatRequest) -> wire.HeartbeatResponse:
        answer = await self._answer("heartbeat", message, self.heartbeats)
        assert isinstance(answer, wire.HeartbeatResponse)
        return answer

    async def deregister_plugin(
        self, message: wire.DeregisterPluginRequest
    ) -> wire.DeregisterPluginResponse:
        await self._answer("deregister", message, [None])
        return wire.DeregisterPluginResponse(acknowledged=True)

    async def _answer(self, method: str, message: object, answers: list[object]) -> object:
        self.asked.append((method, current_call().encoding, message))
        self.metadata.append(dict(current_call().metadata))
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def methods(self) -> list[str]:
        """The methods that were called, in order."""
        return [method for method, _, _ in self.asked]


@dataclass
class Life:
    """One running session, its engine and its clock."""

    session: Session
    engine: FakeEngine
    clock: RecordingClock
    link: EngineLink
    server: Server

    async def next_sleep(self) -> float:
        """Wait until the session sleeps again; return for how long."""
        await self.clock.wait_for_sleepers(timeout=10)
        return self.clock.sleeps[-1]

    def wake(self) -> None:
        """Let the time of its sleep pass."""
        self.clock.advance(self.clock.sleeps[-1])


@asynccontextmanager
async def living(
    engine: FakeEngine | None = None,
    *,
    fixed_interval: float | None = None,
    encoding: EngineEncoding = "auto",
    spoken: tuple[Encoding, ...] = tuple(Encoding),
    registration: Registration = IDENTITY,
    deregisters: bool = True,
) -> AsyncIterator[Life]:
    """Run a session against an engine that speaks the encodings of `spoken`."""
    engine = engine or FakeEngine()
    server = Server([engine], {one: CODECS[one] for one in Encoding})
    if len(spoken) == 1:
        server = Server([engine], dict.fromkeys(Encoding, CODECS[spoken[0]]))
    await server.start()
    settings = Settings(
        engine_addr=Address("127.0.0.1", server.port), tenant_id="t-1", engine_encoding=encoding
    )
    clock = RecordingClock()
    link = EngineLink(settings, "my_agent", clock=clock)
    session = Session(
        link,
        registration,
        fixed_interval=fixed_interval,
        deregisters=deregisters,
        clock=clock,
        uniform=lambda low, high: (low + high) / 2,
    )
    running = asyncio.create_task(session.run())
    try:
        yield Life(session, engine, clock, link, server)
    finally:
        running.cancel()
        await asyncio.wait([running])
        link.close()
        await server.close()


@pytest.mark.contract("The messages: instance_id and type AGENT are those of the registration")
async def test_registers_with_all_that_the_engine_needs() -> None:
    """RegisterPlugin carries the registration, the type AGENT and the name as metadata."""
    async with living() as life:
        await life.next_sleep()
    _, _, message = life.engine.asked[0]
    assert message == wire.RegisterPluginRequest(
        name="my_agent",
        version="1.2.3",
        grpc_addr="127.0.0.1:7",
        plugin_type=wire.PluginType.AGENT,
        instance_id="i-1",
        tenant_id="t-1",
    )
    assert life.engine.metadata[0]["x-plugin-name"] == "my_agent"


@pytest.mark.contract("Who calls whom: a heartbeat every 30 s")
async def test_heartbeats_every_30_seconds() -> None:
    """After the registration a heartbeat follows every 30 seconds."""
    async with living() as life:
        assert await life.next_sleep() == 30
        life.wake()
        assert await life.next_sleep() == 30
    assert life.engine.methods() == ["register", "heartbeat"]
    assert life.engine.asked[1][2] == wire.HeartbeatRequest(name="my_agent", instance_id="i-1")


async def test_the_engine_may_change_the_interval() -> None:
    """An interval above 0 in the engine's response replaces the previous one."""
    engine = FakeEngine(
        heartbeats=[wire.HeartbeatResponse(acknowledged=True, heartbeat_interval_seconds=7), ALIVE]
    )
    async with living(engine) as life:
        await life.next_sleep()
        life.wake()
        assert await life.next_sleep() == 7
        life.wake()
        assert await life.next_sleep() == 7, "0 in an answer changes nothing"


@pytest.mark.contract("Environment: MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL fixes the interval")
async def test_the_environment_fixes_the_interval() -> None:
    """The engine does not change an interval that the environment sets."""
    engine = FakeEngine(
        heartbeats=[wire.HeartbeatResponse(acknowledged=True, heartbeat_interval_seconds=7)]
    )
    async with living(engine, fixed_interval=12) as life:
        assert await life.next_sleep() == 12
        life.wake()
        assert await life.next_sleep() == 12


@pytest.mark.contract("Who calls whom: re_register_required means a full registration")
@pytest.mark.parametrize(
    "answer",
    [
        wire.HeartbeatResponse(acknowledged=True, re_register_required=True),
        wire.HeartbeatResponse(acknowledged=False),
        CallRefused(Status.NOT_FOUND, "no such plugin"),
    ],
)
async def test_registers_again_when_the_engine_has_forgotten_it(answer: object) -> None:
    """An engine that restarted gets a full registration at once."""
    engine = FakeEngine(heartbeats=[answer, ALIVE])
    async with living(engine) as life:
        await life.next_sleep()
        life.wake()
        await life.next_sleep()
    assert life.engine.methods() == ["register", "heartbeat", "register"]


@pytest.mark.contract("Who calls whom: registration never gives up")
async def test_registration_never_gives_up_and_backs_off() -> None:
    """Delays double from 2 s to 30 s until the engine accepts."""
    refused = CallRefused(Status.UNAVAILABLE, "booting")
    engine = FakeEngine(registrations=[*[refused] * 6, REGISTERED])
    async with living(engine) as life:
        delays = []
        for _ in range(6):
            delays.append(await life.next_sleep())
            life.wake()
        assert delays == [2, 4, 8, 16, 30, 30]
        assert await life.next_sleep() == 30, "now it is the heartbeat's"
    assert life.engine.methods() == ["register"] * 7


@pytest.mark.contract("Who calls whom: each registration failure is logged with a reason")
@pytest.mark.parametrize(
    ("answer", "reason", "operator"),
    [
        (CallRefused(Status.UNAVAILABLE, "booting"), "engine_unavailable", False),
        (
            CallRefused(Status.FAILED_PRECONDITION, "tenant acme is not active"),
            "tenant_not_active_or_missing",
            False,
        ),
        (CallRefused(Status.PERMISSION_DENIED, "no"), "permission_denied", True),
        (CallRefused(Status.INVALID_ARGUMENT, "bad"), "invalid_registration_request", True),
        (CallRefused(Status.RESOURCE_EXHAUSTED, "full"), "license_or_quota_exhausted", True),
        (
            wire.RegisterPluginResponse(success=False, error="name is taken"),
            "registration_rejected",
            True,
        ),
        (
            wire.RegisterPluginResponse(success=False, error="tenant not found"),
            "tenant_not_active_or_missing",
            False,
        ),
    ],
)
async def test_each_failure_is_logged_with_its_reason(
    answer: object, reason: str, *, operator: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the reason, and says where waiting alone will not help."""
    engine = FakeEngine(registrations=[answer])
    async with living(engine, encoding="json") as life:
        await life.next_sleep()
    (record,) = [one for one in caplog.records if "registration failed" in one.message]
    assert vars(record)["reason"] == reason
    assert (record.levelno == logging.ERROR) is operator
    assert ("needs an operator: " in record.message) is operator


async def test_a_registration_without_a_tenant_says_what_to_set(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The engine's own sentence does not name the variables."""
    refusal = CallRefused(Status.INVALID_ARGUMENT, "tenant_id is required")
    engine = FakeEngine(registrations=[refusal])
    async with living(engine, registration=IDENTITY._replace(tenant_id="")) as life:
        await life.next_sleep()
    (record,) = [one for one in caplog.records if "registration failed" in one.message]
    assert record.message.endswith(
        "tenant_id is required; this needs an operator: no tenant is set: set "
        "MIRASTACK_PLUGIN_TENANT_ID or MIRASTACK_PLUGIN_TENANT_SLUG"
    )


@pytest.mark.contract("Two encodings: the engine's encoding is found at registration, JSON first")
@pytest.mark.parametrize("spoken", list(Encoding))
async def test_finds_out_the_encoding_that_the_engine_speaks(spoken: Encoding) -> None:
    """JSON is tried first, then protobuf, and what worked is remembered."""
    engine = FakeEngine(
        heartbeats=[wire.HeartbeatResponse(acknowledged=True, re_register_required=True), ALIVE]
    )
    async with living(engine, spoken=(spoken,)) as life:
        await life.next_sleep()
        assert life.link.encodings[0] is spoken
        life.wake()
        await life.next_sleep()
    # What the server cannot read never reaches the engine: each call arrived once.
    assert life.engine.methods() == ["register", "heartbeat", "register"]
    assert {encoding for _, encoding, _ in life.engine.asked} == {spoken}


@pytest.mark.contract("Two encodings: the engine's encoding can be fixed by the environment")
async def test_the_environment_fixes_the_encoding() -> None:
    """A fixed encoding is the only one that is tried."""
    async with living(encoding="proto") as life:
        await life.next_sleep()
    assert [encoding for _, encoding, _ in life.engine.asked] == [Encoding.PROTOBUF]


async def test_a_registration_that_timed_out_is_deregistered() -> None:
    """The engine may have registered the agent, although its answer did not come in time."""
    engine = FakeEngine(registrations=[CallRefused(Status.DEADLINE_EXCEEDED, "too late")])
    async with living(engine) as life:
        await life.next_sleep()
        await life.session.leave(5)
    assert life.engine.methods()[-1] == "deregister"


async def test_deregisters_when_it_leaves() -> None:
    """A registered agent deregisters with its name and instance."""
    async with living() as life:
        await life.next_sleep()
        await life.session.leave(5)
    assert life.engine.asked[-1][0] == "deregister"
    assert life.engine.asked[-1][2] == wire.DeregisterPluginRequest(
        name="my_agent", instance_id="i-1"
    )


async def test_an_agent_the_engine_never_knew_does_not_deregister() -> None:
    """An agent whose registrations were all refused does not deregister."""
    engine = FakeEngine(registrations=[CallRefused(Status.UNAVAILABLE, "booting")])
    async with living(engine) as life:
        await life.next_sleep()
        await life.session.leave(5)
    assert "deregister" not in life.engine.methods()


@pytest.mark.contract("Who calls whom: the license is kept, and its changes are logged")
async def test_the_license_is_kept_and_its_changes_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The last license is kept; one that enters its grace period is logged as a warning."""
    full = wire.LicenseContext(active=True, effective_tier="pro", expires_at=99)
    grace = wire.LicenseContext(active=True, effective_tier="pro", expires_at=99, grace_mode=True)
    engine = FakeEngine(
        registrations=[wire.RegisterPluginResponse(success=True, license=full)],
        heartbeats=[ALIVE, wire.HeartbeatResponse(acknowledged=True, license=grace), ALIVE],
    )
    async with living(engine) as life:
        await life.next_sleep()
        assert life.link.license is not None
        assert life.link.license.effective_tier == "pro"
        for _ in range(2):
            life.wake()
            await life.next_sleep()
        assert life.link.license.grace_mode
    (record,) = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert "grace_mode" in record.message
