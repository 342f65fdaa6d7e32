"""The engine as the published SDK shows it to an agent."""

from mirastack_sdk.compat._engine_context import EngineContext

__all__ = ["EngineContext"]
