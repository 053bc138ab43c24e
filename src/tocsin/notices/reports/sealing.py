"""A report that is ready to go: signed by DKIM, its envelope naming it, so that a bounce is filed with it."""

from __future__ import annotations

import hmac

from tocsin.notices.bounce import bounce_address
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.reports.compose import Report
from tocsin.notices.reports.group import Reporter
from tocsin.notices.reports.mail import Body, mail_fields, report_body
from tocsin.notices.seal import Sealed
from tocsin.notices.signer import dkim_signature
from tocsin.proof.alphabet import encode_base32

_DOMAIN = b"tocsin-report-id-v1\n"
_ID_CHARACTERS = 20


def seal_report(report: Report, issuer: Issuer, keys: Keys, body: Body | None = None) -> Sealed:
    """The signed mail from the issuer; `body` where it was protected. The same report gives the same bytes."""
    reporter = Reporter(name=issuer.name, mail=issuer.mail_from)
    secret = encode_base32(hmac.digest(keys.secret, _DOMAIN + report.number.encode(), "sha256"), _ID_CHARACTERS)
    message_id = f"<{report.number.lower()}.{secret}@{issuer.domain}>"
    body = body or report_body(report)
    fields = mail_fields(report, reporter, message_id, body.content_type)
    signature = dkim_signature(
        fields, body.content, domain=issuer.domain, selector=issuer.selector, key=keys.dkim, at=report.at
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in (("DKIM-Signature", signature), *fields))
    return Sealed(
        notice=report.number,
        message_id=message_id,
        envelope_from=bounce_address(report.number, issuer.domain, keys.secret),
        envelope_to=report.to,
        raw=lines.encode("ascii") + b"\r\n" + body.content,
    )
