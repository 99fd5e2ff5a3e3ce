"""The trace of a caller, taken to its calls: OpenTelemetry's current span, and its baggage.

It needs the package opentelemetry-api, which the extra `opentelemetry` installs.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.context import Context, attach, detach
from opentelemetry.propagate import extract, inject


class TraceContext:
    """A carrier for the setting `context`: spans that a call opens are children of the caller's span.

    What travels is what OpenTelemetry's global propagators inject, which is trace context and baggage unless
    the program says otherwise. A worker exports spans only if its initializer sets up a tracer provider.
    """

    def capture(self) -> dict[str, str]:
        """What a request to another service would have as headers."""
        headers: dict[str, str] = {}
        inject(headers)
        return headers

    @contextmanager
    def restored(self, captured: dict[str, str]) -> Iterator[None]:
        """Make it current, and nothing of an earlier call."""
        token = attach(extract(captured, Context()))
        try:
            yield
        finally:
            detach(token)
