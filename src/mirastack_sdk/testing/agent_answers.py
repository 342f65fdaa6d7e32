"""What an agent answers to the engine, in types."""

from dataclasses import dataclass, field

from mirastack_sdk._core.contract.parameters import parse_output
from mirastack_sdk._gen import messages as wire

__all__ = ["AgentHealth", "ConfigAnswer", "ExecutionResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionResult:
    """How one execution ended; `error` says why where it did not succeed."""

    execution_id: str
    success: bool
    output: dict[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    error: str = ""
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentHealth:
    """Whether the agent can use its backend; `message` is what operators see."""

    healthy: bool
    message: str = ""
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigAnswer:
    """Whether the agent has taken over a configuration; `error` says why not."""

    acknowledged: bool
    error: str = ""


def execution_result(execution_id: str, reply: wire.ExecuteResponse) -> ExecutionResult:
    """Return how an execution ended; raises `ParamsError` for a result that is no object."""
    return ExecutionResult(
        execution_id=execution_id,
        success=reply.success,
        output=parse_output(reply.result_json),
        logs=list(reply.logs),
        error=reply.error,
        duration_ms=reply.duration_ms,
    )


def agent_health(reply: wire.HealthCheckResponse) -> AgentHealth:
    """Return how an agent fares."""
    return AgentHealth(healthy=reply.healthy, message=reply.message, details=dict(reply.details))


def config_answer(reply: wire.ConfigUpdatedResponse) -> ConfigAnswer:
    """Return what an agent says to a configuration."""
    return ConfigAnswer(acknowledged=reply.acknowledged, error=reply.error)
