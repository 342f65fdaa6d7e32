"""The decisions of the SDK: pure functions and values, without I/O.

This package decides what is valid, what is sent and what is retried. Settings, declarations and
contract messages come in; values, messages and decisions go out. `_runtime` acts on them.

- `model`: the documented types that authors use
- `contract`: these types as contract messages, and back
- `settings`: the process's settings, parsed from the environment
- `policy`: quality gates, registration and retries
- `redaction`: the removal of secrets and addresses from text

No socket, task, clock, log or environment variable is used here: whatever changes between two runs
is an argument. It imports `_gen`, `_text` and `errors`, and nothing else of the SDK.
"""
