"""The recordings of executions, one file each, from which they can be run again.

`recording_protocol` is all that the rest of the runtime knows: a `Recording` makes the link to the
engine and the cache of the config, and wraps the service. Without MIRASTACK_RECORD there is none,
nothing of this package is imported, and a call costs nothing more.

While an execution runs, `execution_capture` only keeps references to its messages. When the
response has been sent, a thread turns them into readable JSON (`message_form`, `json_form`,
`recorded_form`, `json_layout`) without secrets (`form_redaction`), and writes it
(`recording_folder`); `file_recording` bounds what waits for that. `mirastack_sdk.testing` captures
a replayed execution in the same way.
"""
