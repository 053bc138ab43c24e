"""A notice of the demo that is to be told on the telephone."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from tests.web.portal.portal_world import home_notice
from tocsin.book import notices
from tocsin.notices.compose import compose
from tocsin.proof.canonical import canonical, read_facts
from tocsin.proof.code import code_digest, make_code
from tocsin.web.shared.site import Site

NOTICE, PHONE = "N-CA11CA11CA11CA11", "+4915112345678"


def call_to_make(site: Site, language: str = "en") -> str:
    """Its code."""
    sent = home_notice(site)
    code = make_code(site.keys.secret, NOTICE)
    with site.book.write() as tx:
        told = notices.find(tx, sent.notice)
        assert told is not None
        facts = read_facts(told.facts.encode())
        facts = replace(facts, notice=NOTICE, recipient=PHONE, language=language, code_sha256=code_digest(code))
        call = notices.Notice(
            notice=NOTICE,
            subscriber=told.subscriber,
            decided_at=site.clock() - timedelta(minutes=5),
            expires_at=told.expires_at,
            facts=canonical(facts).decode(),
            code_sha256=facts.code_sha256,
            state="decided",
            channel="call",
        )
        notices.add(tx, [call], {NOTICE: notices.cases_of(tx, sent.notice)})
        raw = compose(facts, code, site.issuer).text.encode()
        notices.queue(tx, NOTICE, message_id=f"<{NOTICE.lower()}@call.example>", envelope_from="", raw=raw)
    return code
