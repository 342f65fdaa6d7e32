"""start_action: attributes of the span that the SDK has opened for the action."""

from opentelemetry.sdk.trace import TracerProvider

from mirastack_sdk.compat.obs import start_action


def test_attributes_go_to_the_span_of_the_action() -> None:
    """They go to the span that was current then, also while another one is; none is opened."""
    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("agent.action") as action:
        with start_action("probe", "run", "read") as span, tracer.start_as_current_span("query"):
            span.set_attribute("rows", 3)
            span.set_io_bytes(10, 20)
        recorded = dict(getattr(action, "attributes", {}))
    assert recorded == {"rows": 3, "agent.input_bytes": 10, "agent.output_bytes": 20}


def test_without_a_span_nothing_happens() -> None:
    """Outside of an action, and without telemetry, it does nothing; two arguments are enough."""
    with start_action("probe", "run") as span:
        span.set_attribute("rows", 3)
        span.set_io_bytes(10, 20)
