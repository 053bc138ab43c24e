"""What this process counts of its own answers, for the metrics. Labels are routes and states: never what was asked."""

from __future__ import annotations

from litestar import Litestar
from prometheus_client import CollectorRegistry, Counter, Histogram

_METHODS = frozenset({"GET", "POST", "HEAD"})


class Watched:
    """Counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "tocsin_api_answers", "Answers of the API", ("method", "route", "status"), registry=self.registry
        )
        self._took = Histogram(
            "tocsin_api_seconds",
            "How long an answer of the API took",
            ("route",),
            buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30),
            registry=self.registry,
        )
        self._pushed = Counter("tocsin_api_pushed", "Records that were pushed", ("became",), registry=self.registry)

    def answered(self, method: str, route: str, status: int, took_s: float) -> None:
        self._answers.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._took.labels(route).observe(took_s)

    def pushed(self, *, sightings: int, pieces: int, rejects: int) -> None:
        for became, many in (("sighting", sightings), ("piece", pieces), ("reject", rejects)):
            self._pushed.labels(became).inc(many)


def watched(app: Litestar) -> Watched:
    """Of this application, made at the first answer."""
    found = app.state.get("api_watched")
    if not isinstance(found, Watched):
        found = Watched()
        app.state["api_watched"] = found
    return found
