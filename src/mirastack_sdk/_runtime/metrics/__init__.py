"""The metrics of an agent, on a port from which Prometheus reads them.

`metrics_protocol` is all that the rest of the runtime knows; without `MIRASTACK_METRICS_ADDR` there
are none, and a call costs nothing more. `agent_metrics` puts the parts together:
`prometheus_recorder` counts and times calls, `state_collector` reads the state of the agent when it
is asked for, `loop_lag` measures the event loop, `metric_pages` writes it all in Prometheus's
formats, and `scrape_server` serves that over HTTP in a thread of its own, so that a blocked loop
can still be seen.

prometheus_client is an optional extra: it is imported only in this package, which is imported only
if metrics are asked for.
"""
