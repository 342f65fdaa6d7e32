"""The policies: which agents may start, how to register, what to retry.

Each policy is a table of rules and a function that looks a case up in it. What happened comes in
(declarations, a gRPC status, a failed attempt, two licenses); a decision goes out (violations, a
reason, a delay, a change). Randomness and the time left are arguments, so every decision can be
tested without waiting.

Nothing here acts: `_runtime` sleeps, calls and logs.
"""
