"""The checks that every call of a local engine passes before it is processed."""

import json
from collections.abc import Collection, Sequence
from typing import NoReturn

from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._text import refuse_constant
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from mirastack_sdk.testing._allowances import cache_key_error, permission_error
from mirastack_sdk.testing._faults import FaultPlan
from mirastack_sdk.testing._local.engine_faults import EngineFault, EngineRpc, apply_fault
from mirastack_sdk.testing._local.journal import EngineJournal, ReceivedCall, Violation
from mirastack_sdk.testing._local.local_script import LocalScript
from mirastack_sdk.testing._local.registry import AgentRegistry

_NAME_KEY = "x-plugin-name"

# The errors of engines that do not support an encoding: grpc-go with a JSON codec, and grpcio with
# protobuf messages.
_UNREADABLE = {
    Encoding.PROTOBUF: CallRefused(
        Status.INTERNAL,
        "grpc: error unmarshalling request: invalid character '\\n' looking for beginning of value",
    ),
    Encoding.JSON: CallRefused(Status.UNKNOWN, "Exception deserializing request!"),
}


class CallChecks:
    """The checks of a call: it is recorded, and refused if a real engine would refuse it."""

    def __init__(
        self,
        journal: EngineJournal,
        faults: FaultPlan[EngineFault],
        script: LocalScript,
        registry: AgentRegistry,
        encodings: Collection[Encoding],
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._faults = faults
        self._script = script
        self._registry = registry
        self._encodings = frozenset(encodings)
        self._clock = clock

    async def run(
        self, method: EngineRpc, *, named: str | None = None, tenant_id: str | None = None
    ) -> str:
        """Record the running call, or refuse it with a gRPC status.

        `named` and `tenant_id` are the agent and the tenant in the message, or `None` if it has no
        such field. Returns the reason to refuse a registration, or an empty string.
        """
        call = current_call()
        plugin_name = call.metadata.get(_NAME_KEY, "")
        self._journal.record(
            self._journal.calls,
            ReceivedCall(
                method=method,
                plugin_name=plugin_name,
                tenant_id=tenant_id or "",
                encoding=call.encoding,
                metadata=call.metadata,
            ),
        )
        if call.encoding not in self._encodings:
            raise _UNREADABLE[call.encoding]
        if not plugin_name:
            self.violate(method, f"the metadata {_NAME_KEY} is missing")
        if named is not None and named != plugin_name:
            text = f"the message names {named!r}, the metadata {_NAME_KEY} {plugin_name!r}"
            self.violate(method, text)
        refusal = await apply_fault(self._faults.take(method), self._clock)
        if tenant_id is not None:
            self._check_tenant(method, plugin_name, tenant_id)
        return refusal

    def _check_tenant(self, method: EngineRpc, plugin_name: str, tenant_id: str) -> None:
        tenants = self._script.tenants
        if tenants is not None and not tenant_id:
            raise CallRefused(Status.INVALID_ARGUMENT, "tenant_id is required")
        if tenants is not None and tenant_id not in tenants:
            raise CallRefused(
                Status.FAILED_PRECONDITION, f"tenant {tenant_id!r} is not active or not found"
            )
        agent = self._registry.find(plugin_name)
        if method != "register_plugin" and agent is not None and agent.tenant_id != tenant_id:
            text = f"the message is for tenant {tenant_id!r}, the agent's is {agent.tenant_id!r}"
            self.violate(method, text)

    def require_json(self, method: EngineRpc, field: str, data: bytes) -> None:
        """Refuse the running call if `data`, which must be JSON, is not."""
        try:
            json.loads(data, parse_constant=refuse_constant)
        except ValueError as error:
            self.violate(method, f"{field} is not JSON: {error}")

    def check_keys(self, method: EngineRpc, keys: Sequence[str]) -> None:
        """Report cache keys without the agent's name."""
        agent = current_call().metadata.get(_NAME_KEY, "")
        error = cache_key_error(agent, keys, is_write=method == "cache_set")
        if error is not None and not self._script.allows("foreign_cache_keys"):
            self.note_violation(method, agent, error)

    def require_change(self, permission: Permission) -> None:
        """Refuse a request for approval of something that needs none."""
        error = permission_error(permission)
        if error is not None and not self._script.allows("read_approvals"):
            raise CallRefused(Status.INVALID_ARGUMENT, error)

    def require_target(self, caller_tenant: str, target: str) -> None:
        """Refuse a call of another agent that has no name, or another tenant."""
        if not target.strip() or ":" in target:
            self.violate("call_plugin", f"target_plugin must be an agent's name, got {target!r}")
        agent = self._registry.find(target)
        if agent is not None and agent.tenant_id != caller_tenant:
            raise CallRefused(
                Status.PERMISSION_DENIED, f"the agent {target!r} belongs to another tenant"
            )

    def violate(self, method: EngineRpc, text: str) -> NoReturn:
        """Refuse the running call because it violates the contract."""
        self.note_violation(method, current_call().metadata.get(_NAME_KEY, ""), text)
        raise CallRefused(Status.INVALID_ARGUMENT, text)

    def note_violation(self, method: EngineRpc, plugin_name: str, text: str) -> None:
        """Record that an agent violates the contract."""
        violation = Violation(method=method, plugin_name=plugin_name, text=text)
        self._journal.record(self._journal.violations, violation)
