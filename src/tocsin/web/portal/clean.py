"""`/clean`: what to do, by trouble and device; and the pages for who has no code, and of what we keep."""

from __future__ import annotations

from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Response

from tocsin.web.portal.visiting import LINE_HOURS, AnyRequest
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

_BOX = ("unplug", "reset_box", "password_box", "software_box", "router_login", "router_remote")
_ROUTER = ("reset_box", "router_login", "password_box", "software_box", "router_remote")
_CLEAN: dict[str, tuple[str, ...]] = {
    "computer": ("unplug", "save", "updates", "scan", "apps", "reset_computer", "passwords"),
    "phone": ("unplug", "updates", "apps", "scan", "reset_phone", "passwords"),
    "box": (*_BOX, "passwords"),
    "router": (*_ROUTER, "passwords"),
    "unknown": ("find", "find_off", "unplug", "updates", "scan", "apps", "reset_box", "password_box", "passwords"),
}
_CLOSE = ("need", "router_login", "forward")
# By trouble, then device. Each name is a sentence of the words, under `step`.
STEPS: dict[str, dict[str, tuple[str, ...]]] = {
    "infected": _CLEAN,
    "attacker": {device: ("ask_at_home", *steps) for device, steps in _CLEAN.items()},
    "exposed": {
        "computer": (*_CLOSE, "service_off", "updates", "keep_safe", "outside"),
        "phone": (*_CLOSE, "service_off", "updates", "keep_safe", "outside"),
        "box": (*_CLOSE, "service_off", "password_box", "software_box", "keep_safe", "outside"),
        "router": ("need", "router_login", "router_remote", "password_box", "software_box", "outside"),
        "unknown": (*_CLOSE, "router_remote", "service_off", "keep_safe", "outside"),
    },
}
DEVICES = tuple(_CLEAN)
_KEPT = ("sightings", "bindings", "notices", "statements", "visits", "looks", "codes", "mails")


@get("/clean", sync_to_thread=False)
def clean(request: AnyRequest, trouble: FromQuery[str] = "", device: FromQuery[str] = "") -> Response[bytes]:
    """Two questions, then steps. What was chosen stands in the address, so that it can be printed and passed on."""
    trouble, device = (trouble if trouble in STEPS else ""), (device if device in DEVICES else "")
    steps = STEPS[trouble][device] if trouble and device else ()
    return page(
        request,
        "portal/clean.html.j2",
        troubles=tuple(STEPS),
        devices=DEVICES,
        trouble=trouble,
        device=device,
        steps=steps,
        switch_query=f"&trouble={trouble}&device={device}" if steps else "",
    )


@get("/without-code", sync_to_thread=False)
def without_code(request: AnyRequest) -> Response[bytes]:
    """What can be done without a code."""
    return page(request, "portal/no_code.html.j2")


@get("/kept", sync_to_thread=False)
def kept(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """What is kept, why, and how long."""
    config = site.config
    days = {
        "sightings": config.lake.retention_days,
        "bindings": config.lake.retention_days,
        "notices": config.retention.cases_days,
        "looks": config.retention.pseudonyms_days,
    }
    return page(
        request,
        "portal/kept.html.j2",
        names=_KEPT,
        days=days,
        valid_days=config.notices.valid_days,
        visit_hours=LINE_HOURS,
    )


CLEAN_ROUTES: list[Any] = [clean, without_code, kept]
