"""`/clean`: what to do, by trouble and device; and the pages for who has no code, and of what we keep."""

from __future__ import annotations

from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Response

from tocsin.remedies.sheet import device_name
from tocsin.remedies.steps import ROLES, steps_by_role
from tocsin.remedies.threat import DEVICES as KNOWN_DEVICES
from tocsin.remedies.threat import Device
from tocsin.web.portal.visiting import LINE_HOURS, AnyRequest
from tocsin.web.shared.pages import page, words
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import language_of

UNKNOWN = "unknown"
DEVICES = (*KNOWN_DEVICES, UNKNOWN)
_DEVICE_BY_OLD_NAME = {"computer": "windows", "box": "small"}  # as addresses that were printed before have it
_KEPT = ("sightings", "bindings", "notices", "statements", "visits", "looks", "codes", "mails")


@get("/clean", sync_to_thread=False)
def clean(
    request: AnyRequest, site: NamedDependency[Site], trouble: FromQuery[str] = "", device: FromQuery[str] = ""
) -> Response[bytes]:
    """Two questions, then steps. What was chosen stands in the address, so that it can be printed and passed on."""
    language = language_of(request, site.language)
    trouble = trouble if trouble in ROLES else ""
    device = _DEVICE_BY_OLD_NAME.get(device, device)
    device = device if device in DEVICES else ""
    steps = steps_by_role(trouble, _known(device), language) if trouble and device else ()
    names = {each: device_name(each, language) for each in KNOWN_DEVICES}
    return page(
        request,
        "portal/clean.html.j2",
        troubles=ROLES,
        devices=names | {UNKNOWN: words(request, "portal", "clean.device_unknown")},
        trouble=trouble,
        device=device,
        steps=steps,
        switch_query=f"&trouble={trouble}&device={device}" if steps else "",
    )


def _known(device: str) -> Device | None:
    return next((each for each in KNOWN_DEVICES if each == device), None)


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
