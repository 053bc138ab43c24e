"""Whether the house is up, and its numbers for Prometheus: counts and moments, never a person."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from tocsin.book import jobs
from tocsin.book.api_figures import Figures, figures
from tocsin.terms.errors import TocsinError
from tocsin.web.api.keys import needs
from tocsin.web.api.watched import watched
from tocsin.web.shared.site import Site

TEXT = "text/plain; version=0.0.4; charset=utf-8"
_KEPT_S = 10.0  # counting a million cases is not free
_LOGS_MAX = 200


class Health(msgspec.Struct, frozen=True):
    """`ok`, or `not ok` with status 503."""

    status: Literal["ok", "not ok"]


@get("/health", sync_to_thread=True)
def health(site: NamedDependency[Site]) -> Response[Health]:
    """Whether the service is up and its book can be read. For anybody; it says nothing more."""
    try:
        with site.book.read() as tx:
            jobs.is_unfinished(tx, "run")
    except TocsinError:
        return Response(Health("not ok"), status_code=503)
    return Response(Health("ok"))


@get(
    "/metrics",
    guards=[needs("health")],
    sync_to_thread=True,
    media_type="text/plain",
    opt={"exclude_from_csrf": True},  # no form, no cookie
)
def metrics(request: Request[Any, Any, Any], site: NamedDependency[Site]) -> Response[bytes]:
    """The house's numbers in Prometheus' text form. Labels are states, routes and names of the configuration."""
    registry = CollectorRegistry()
    registry.register(_House(_figures(request, site)))
    text = generate_latest(registry) + generate_latest(watched(request.app).registry)
    return Response(text, media_type=TEXT)


class _House:
    """What the book says, for one answer."""

    def __init__(self, told: Figures) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        told = self._told
        for name, counts in (("cases", told.cases), ("notices", told.notices), ("jobs", told.jobs)):
            family = GaugeMetricFamily(f"tocsin_{name}", f"How many {name} there are in each state", labels=["state"])
            for state, many in sorted(counts.items()):
                family.add_metric([state], many)
            yield family
        yield GaugeMetricFamily("tocsin_holds", "Brakes that wait for somebody", value=told.holds)
        run_at = told.last_run_at.timestamp() if told.last_run_at else 0
        yield GaugeMetricFamily("tocsin_last_run_seconds", "When the last run ended (Unix time)", value=run_at)
        logs = GaugeMetricFamily("tocsin_log_read_until_seconds", "Until when a log was read", labels=["log"])
        for log, until in sorted(told.read_until_by_log.items())[:_LOGS_MAX]:
            logs.add_metric([log], until.timestamp())
        yield logs


def _figures(request: Request[Any, Any, Any], site: Site) -> Figures:
    known = request.app.state.get("api_figures")
    if known is not None and time.monotonic() - known[0] < _KEPT_S:
        told: Figures = known[1]
        return told
    with site.book.read() as tx:
        told = figures(tx)
    request.app.state["api_figures"] = (time.monotonic(), told)
    return told


HEALTH: list[Any] = [health]
METRICS: list[Any] = [metrics]
