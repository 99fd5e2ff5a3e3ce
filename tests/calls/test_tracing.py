"""A caller's trace goes on in its calls, with the real OpenTelemetry."""

import talkative
from opentelemetry import baggage, context
from opentelemetry.sdk.trace import TracerProvider

from asyncgen import Scheduler
from asyncgen.calls.tracing import TraceContext


async def test_a_span_in_the_worker_is_a_child_of_the_callers_span():
    """It has the caller's trace and the caller's span as its parent; the baggage travels too."""
    tracer = TracerProvider().get_tracer("caller")
    async with Scheduler(workers=1, context=(TraceContext(),)) as scheduler:
        with tracer.start_as_current_span("outer") as outer:
            token = context.attach(baggage.set_baggage("user", "ada"))
            single = await scheduler.run(talkative.span_and_baggage)
            many = [r.value async for r in scheduler.stream(talkative.span_and_baggage, range(3), chunk=3)]
            context.detach(token)
        here = outer.get_span_context()
        assert [single, *many] == [(here.trace_id, here.span_id, "ada")] * 4


async def test_without_a_span_a_call_begins_a_trace_of_its_own():
    """Nothing is left of the trace of an earlier call in the same process."""
    tracer = TracerProvider().get_tracer("caller")
    async with Scheduler(workers=1, context=(TraceContext(),)) as scheduler:
        with tracer.start_as_current_span("outer"):
            first, _, _ = await scheduler.run(talkative.span_and_baggage)
        trace, parent, user = await scheduler.run(talkative.span_and_baggage)
        assert (parent, user) == (None, None)
        assert trace != first
