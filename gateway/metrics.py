"""What the gateway counts. Per event only an integer is raised; OpenTelemetry reads it when somebody asks."""

import time
from collections.abc import Callable, Iterable

from opentelemetry.metrics import CallbackOptions, Observation, get_meter

# Seconds; the conventions' advice for http.server.request.duration, and finer below for the first event.
BOUNDARIES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Figures:
    """The gateway's counters. *streams* is asked how many streams are open."""

    def __init__(self) -> None:
        meter = get_meter("levada")
        self.events = 0
        self.streams: Callable[[], int] = int
        meter.create_observable_counter("levada.gateway.events", [self._events], "{event}", "Events sent to readers.")
        meter.create_observable_gauge("levada.gateway.streams", [self._streams], "{stream}", "Streams open.")
        self._first_event = meter.create_histogram(
            "levada.gateway.time_to_first_event",
            "s",
            "From a stream's request to its first event, where one was there to be had.",
            explicit_bucket_boundaries_advisory=BOUNDARIES,
        )
        self.requests = meter.create_histogram(
            "http.server.request.duration",
            "s",
            "Duration of HTTP server requests.",
            explicit_bucket_boundaries_advisory=BOUNDARIES,
        )

    def first_event(self, since: float) -> None:
        self._first_event.record(time.perf_counter() - since)

    def _events(self, options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(self.events)]

    def _streams(self, options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(self.streams())]


figures = Figures()
