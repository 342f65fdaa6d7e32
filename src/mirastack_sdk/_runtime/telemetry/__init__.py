"""The record of an agent's calls, in both directions, with OpenTelemetry.

`recorder_protocol` is all that the rest of the runtime knows: a `Telemetry` wraps the service and
each call of the engine. Without telemetry there is none, and a call costs nothing more.
`otel_recorder` implements it, `call_spans` records a single call, and `action_records` records what
dashboards read of each execution. `otel_export` creates the providers and exporters, or uses the
author's; `otlp_target` chooses between OTLP over gRPC and over HTTP.

OpenTelemetry is an optional extra: it is imported only here, inside functions.
"""
