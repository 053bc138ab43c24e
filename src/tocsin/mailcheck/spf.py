"""SPF (RFC 7208) for the client at the trust boundary and the envelope's sender, by `spftrace`.

Its own resolver is never used: every question goes through the check's.
"""

from __future__ import annotations

import asyncio
import re
from threading import Thread
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from tocsin.mailcheck.boundary import Boundary
from tocsin.mailcheck.domains import plain_name
from tocsin.mailcheck.limits import SPF_QUERIES_MAX, SPF_TIME_S_MAX
from tocsin.mailcheck.mail import Mail
from tocsin.mailcheck.resolver import NotLookedUp, RecordKind, Resolver

if TYPE_CHECKING:
    from spftrace import BaseResolver

SpfResult = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror", "unchecked"]
_KINDS: dict[str, RecordKind] = {kind: kind for kind in get_args(RecordKind)}
_RECORD = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)  # RFC 7208 §4.5
_ADDRESS_CHARACTERS_MAX = 320


class Spf(msgspec.Struct, frozen=True, kw_only=True):
    """The result in RFC 8601's words; `unchecked` where there was nothing to check, or nobody to ask. `domain` is that
    of MAIL FROM, or of the greeting when MAIL FROM was empty (RFC 7208 §2.4)."""

    result: SpfResult
    domain: str = ""
    address: str = ""
    record: str = ""
    reason: str = ""


def envelope_sender(mail: Mail) -> str | None:
    """The address of Return-Path, which the server that delivers puts there; "" when empty; None when not there."""
    value = mail.first("return-path")
    if value is None:
        return None
    text = value.strip()[:_ADDRESS_CHARACTERS_MAX]
    return text[text.find("<") + 1 : text.rfind(">")].strip() if "<" in text and ">" in text else text


def spf_of(mail: Mail, boundary: Boundary, resolve: Resolver) -> Spf:
    """Whether the envelope's sender let this client send for him."""
    sender = envelope_sender(mail)
    if not boundary.address:
        return Spf(result="unchecked", reason="the mail does not say from which address your provider took it")
    if sender is None:
        return Spf(result="unchecked", address=boundary.address, reason="the mail does not say who its envelope names")
    domain = plain_name(sender.rpartition("@")[2]) if sender else boundary.helo
    said = Spf(result="unchecked", domain=domain, address=boundary.address)
    if "." not in domain:
        return msgspec.structs.replace(said, result="none")  # RFC 7208 §4.3
    try:
        texts = [text for text in resolve(domain) if _RECORD.match(text)]
    except NotLookedUp as error:
        return msgspec.structs.replace(said, reason=str(error))
    if not texts:
        return msgspec.structs.replace(said, result="none")
    said = msgspec.structs.replace(said, record=texts[0])
    return _evaluated(said, sender or f"postmaster@{domain}", boundary.helo or domain, resolve)


def _evaluated(said: Spf, sender: str, helo: str, resolve: Resolver) -> Spf:
    result, reason = check_host(said.address, sender, helo, resolve)
    if result == "temperror" and reason:
        return msgspec.structs.replace(said, result="unchecked", reason=reason)
    return msgspec.structs.replace(said, result=result, reason=reason)


def check_host(address: str, sender: str, helo: str, resolve: Resolver) -> tuple[SpfResult, str]:
    """RFC 7208 §4: the result, and why a question had no answer."""
    from spftrace import Evaluator, Limits  # noqa: PLC0415 - 45 ms that most checks do not need

    asked, failures = _asking(resolve)
    limits = Limits(time_limit=SPF_TIME_S_MAX, max_queries=SPF_QUERIES_MAX)
    evaluator = Evaluator(asked, limits, receiver="unknown")
    try:
        verdict = str(_run(evaluator, address, sender, helo))
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        return "permerror", type(error).__name__
    known = verdict if verdict in get_args(SpfResult) else "permerror"
    return known, failures[0] if failures else ""  # type: ignore[return-value]


def _asking(resolve: Resolver) -> tuple[BaseResolver, list[str]]:
    from spftrace import BaseResolver, DnsError  # noqa: PLC0415

    failures: list[str] = []

    class Asking(BaseResolver):
        async def _lookup(self, name: str, rtype: str) -> tuple[str, list[str]]:
            try:
                return "NOERROR", list(resolve(name, _KINDS[rtype]))
            except NotLookedUp as error:
                failures.append(str(error))
                raise DnsError(str(error)) from error
            except KeyError as error:
                raise DnsError(rtype) from error

    return Asking(), failures


def _run(evaluator: object, address: str, sender: str, helo: str) -> str:
    async def evaluate() -> str:
        return (await evaluator.evaluate(address, sender, helo)).verdict  # type: ignore[attr-defined,no-any-return]

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(evaluate())
    found: list[str] = []  # called from within somebody's event loop, as a web server has one
    thread = Thread(target=lambda: found.append(asyncio.run(evaluate())))
    thread.start()
    thread.join()
    return found[0] if found else "temperror"
