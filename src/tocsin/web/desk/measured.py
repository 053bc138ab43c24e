"""What is measured: how long trouble lasts, told or not; how good sources, networks and logs are."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Response
from markupsafe import Markup

from tocsin.pipeline.measuring import Reports
from tocsin.terms.errors import BadRequest
from tocsin.web.people.guards import needs
from tocsin.web.shared.pages import page
from tocsin.web.shared.site import Site

_reports = Reports()


@get("/measure", guards=[needs("viewer")], sync_to_thread=True)
def measured(request: Request[Any, Any, Any], site: NamedDependency[Site]) -> Response[bytes]:
    """Made once a run and day; without SciPy the page says what to install."""
    try:
        with site.house() as house:
            found = _reports.of(house)
    except BadRequest as error:
        return page(request, "desk/measure.html.j2", missing=str(error), shown=None)
    from tocsin.measure.draw import curves_svg  # noqa: PLC0415 - needs the extra
    from tocsin.measure.words import again_words, baseline_words, card_tables, curve_table, remarks  # noqa: PLC0415

    drawn = [
        (
            chart,
            Markup(curves_svg(chart.curves, title=chart.title, name=chart.name, marks=chart.marks)),  # noqa: S704 - ours
            curve_table(chart),
            remarks(chart),
        )
        for chart in found.charts
    ]
    return page(
        request,
        "desk/measure.html.j2",
        missing="",
        shown=found,
        drawn=drawn,
        sentences=[baseline_words(found), again_words(found)],
        cards=card_tables(found),
    )


ROUTES: list[Any] = [measured]
