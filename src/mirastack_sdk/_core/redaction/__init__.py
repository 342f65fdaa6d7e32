"""The removal of secrets, addresses, paths and tracebacks from text.

An author's exception may contain anything, and the engine displays its text to people. `clean`
takes such a text and returns one line that may leave the process: rules in `secrets`, `addresses`
and `paths` find what a text looks like, `known_secrets` finds the values that this process knows.
For the agent's own log, `log_redaction` removes credentials only.

Every rule runs in nearly linear time over text of bounded length, because the text may come from
anywhere. In case of doubt a rule removes too much. Where texts come from is not decided here.
"""
