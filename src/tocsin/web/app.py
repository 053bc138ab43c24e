"""The two applications: the portal for everybody, the desk for those who sign in. Each loads only its own seats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.middleware import ASGIMiddleware
from litestar.openapi import OpenAPIConfig

from tocsin.pipeline.checking import Checkers, Means
from tocsin.web.shared.errors import HANDLERS, error_page
from tocsin.web.shared.logs import RequestLog
from tocsin.web.shared.pages import templates
from tocsin.web.shared.security import FORM_BYTES_MAX, Doorkeeper, Headers, csrf
from tocsin.web.shared.site import Place, Site
from tocsin.web.shared.statics import static_file

if TYPE_CHECKING:
    from tocsin.web.garden.place import GardenPlace


def make_portal(site: Site) -> Litestar:
    """The public pages."""
    from tocsin.web.portal.routes import ROUTES  # noqa: PLC0415 - the portal's process never loads the desk

    return _make("portal", site, ROUTES, seats=("portal",))


def make_check_only(place: Place, means: Means | None = None) -> Litestar:
    """Only the check of mails, with no book behind it; `means` is what a check may look up."""
    from tocsin.web.portal.check_routes import CHECK_ONLY_ROUTES  # noqa: PLC0415 - see above

    app = _make("portal", place, CHECK_ONLY_ROUTES, seats=("portal",))
    app.state["check_means"] = means
    return app


def make_garden(place: GardenPlace) -> Litestar:
    """The page of those in the walled garden: no book, no desk."""
    from tocsin.web.garden.place import Gate  # noqa: PLC0415 - see above
    from tocsin.web.garden.routes import ROUTES  # noqa: PLC0415

    return _make("portal", place, ROUTES, seats=("garden",), before=(Gate(place),))


def make_desk(site: Site) -> Litestar:
    """Desk, phone, people and the API, for those who sign in."""
    from tocsin.web.api.routes import OPENAPI  # noqa: PLC0415 - see above
    from tocsin.web.api.routes import ROUTES as API  # noqa: PLC0415
    from tocsin.web.desk.routes import ROUTES as DESK  # noqa: PLC0415
    from tocsin.web.people.routes import ROUTES as PEOPLE  # noqa: PLC0415
    from tocsin.web.phone.routes import ROUTES as PHONE  # noqa: PLC0415

    routes = [*DESK, *PHONE, *PEOPLE, *API]
    return _make("desk", site, routes, seats=("desk", "phone", "people", "api"), openapi=OPENAPI)


def _make(
    seat: str,
    place: Place,
    routes: Sequence[Any],
    *,
    seats: Sequence[str],
    openapi: OpenAPIConfig | None = None,
    before: Sequence[ASGIMiddleware] = (),
) -> Litestar:
    dependencies = {"place": Provide(lambda: place, sync_to_thread=False)}
    if isinstance(place, Site):
        dependencies["site"] = Provide(lambda: place, sync_to_thread=False)
    app = Litestar(
        # In one router: Litestar 2.25 wraps a handler twice when another of the same path is registered after it.
        route_handlers=[Router(path="/", route_handlers=[static_file, *routes], include_in_schema=False)],
        dependencies=dependencies,
        middleware=[RequestLog(), *before, Doorkeeper(seat, place)],
        csrf_config=csrf(seat, place),
        before_send=[Headers(place.web.url_of(seat))],
        exception_handlers=HANDLERS,
        request_max_body_size=FORM_BYTES_MAX,
        openapi_config=openapi,
        on_shutdown=[_end_checkers],
        logging_config=None,
        debug=False,
    )
    app.state["place"] = place
    app.state["seat"] = seat
    app.state["templates"] = templates(seats)
    app.state["error_page"] = error_page(app.state["templates"], seat)
    return app


def _end_checkers(app: Litestar) -> None:
    """The processes that checked mails."""
    if isinstance(checkers := app.state.get("checkers"), Checkers):
        checkers.close()
