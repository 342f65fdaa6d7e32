"""The replay of recorded executions, which an author calls as `mirastack_sdk.testing.replay`.

`recording_file` reads a recording. `replay_run` serves the agent on loopback and makes the recorded
execution again; `recorded_answers` answers what it asks the engine. Then `run_comparison` pairs the
calls of both runs, and `differences` compares their parts.
"""
