"""Calls of the author's code, which the runtime does not trust to end.

An `AuthorCall` runs a coroutine on the loop and anything else in a thread, and knows when the code
has really ended: a coroutine may ignore its cancellation, and a thread cannot be cancelled. On it
stand the three kinds of calls: `Executions` counts the running ones and admits no more than a
limit; `HealthChecks` shares one check among its callers; `ConfigUpdates` applies one config after
the other.

A method of the author's comes in; its result, an `AuthorError` or an `OverdueError` goes out. What
the engine gets for these is decided in `agent_service`.
"""
