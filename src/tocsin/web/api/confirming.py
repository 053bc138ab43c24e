"""Was this sighting given to that provider? A signed answer, or none; never a subscriber."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tocsin.pipeline.confirming import REFERENCE_CHARS_MAX, Asked, confirm
from tocsin.proof.confirmation import Confirmation
from tocsin.terms.errors import BadRequest
from tocsin.web.api import parts
from tocsin.web.api.keys import actor_of, key_of, needs, reach
from tocsin.web.api.problems import bad, nothing
from tocsin.web.shared.site import Site


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """What is confirmed, and the signature over its canonical form (RFC 8785): together, a file for `tocsin check`."""

    confirmation: Confirmation
    signature: str


@get("/confirmations", guards=[needs("confirmations:read")], sync_to_thread=True)
def confirmation(
    request: Request[Any, Any, Any],
    site: NamedDependency[Site],
    reference: Annotated[
        str,
        QueryParameter(min_length=1, max_length=REFERENCE_CHARS_MAX, description="As the letter or the report has it."),
    ],
    provider: Annotated[
        str, QueryParameter(min_length=1, max_length=253, description="The domain in whose name it writes.")
    ],
    reason: parts.Why,
) -> Confirmed:
    """The clearing house's signed word that it gave this provider what the reference names, and when.

    404 where no report that has left told that provider of it, and for a constituent's key where that report is about
    addresses that are not all its own. Each confirmation stands in the audit.
    """
    asked = Asked(
        reference=reference,
        provider=provider,
        actor=actor_of(key_of(request)),
        reason=reason,
        own=reach(request, site),
    )
    with site.house() as house:
        try:
            said = confirm(house, asked)
        except BadRequest as error:
            raise bad("provider" if "domain" in error.what else "reference", error.what) from error
    if said is None:
        raise nothing()
    return msgspec.json.decode(said, type=Confirmed)


ROUTES: list[Any] = [confirmation]
