"""DNS on the net, for those who ask for it: bounded in time and number for every mail, and written down if wanted.

Whoever looks after the sender's domain sees that somebody looks it up. That is why it is never done unasked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.mailcheck.dnscache import CachedAnswer
from tocsin.mailcheck.limits import DNS_ANSWERS_MAX, DNS_MAIL_S_MAX, DNS_QUESTION_S_MAX, DNS_QUESTIONS_MAX
from tocsin.mailcheck.resolver import NotLookedUp, RecordKind, Resolver
from tocsin.terms.errors import BadRequest

if TYPE_CHECKING:
    from dns.rdata import Rdata
    from dns.resolver import Resolver as Stub

Clock = Callable[[], datetime]
_PORT = 53
_SERVERS_MAX = 8


class Online:
    """The net as a resolver: `servers` are addresses ("192.0.2.53", "[2001:db8::53]:5353"), else the system's own.

    Answers are appended to `record` as lines of a DNS cache. BadRequest when no server can be asked.
    """

    def __init__(self, clock: Clock, servers: Sequence[str] = (), record: Path | None = None) -> None:
        self.clock, self.record = clock, record
        self.stub = _stub(servers)

    def __call__(self, name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        return self.as_of(None)(name, kind)

    def as_of(self, at: datetime | None) -> Resolver:  # the net knows only today
        """A resolver for one mail: each question asked once, all of them together bounded."""
        return _Mail(self).ask


class _Mail:
    def __init__(self, online: Online) -> None:
        self.online = online
        self.ends = time.monotonic() + DNS_MAIL_S_MAX
        self.told: dict[tuple[str, str], tuple[str, ...] | NotLookedUp] = {}

    def ask(self, name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        question = (name.rstrip(".").lower(), kind)
        if question not in self.told:
            self.told[question] = self._asked(*question)
        told = self.told[question]
        if isinstance(told, NotLookedUp):
            raise told
        return told

    def _asked(self, name: str, kind: str) -> tuple[str, ...] | NotLookedUp:
        left = self.ends - time.monotonic()
        if left <= 0 or len(self.told) >= DNS_QUESTIONS_MAX:
            return NotLookedUp("DNS was asked for long enough")
        try:
            status, answers = _resolve(self.online.stub, name, kind, min(left, DNS_QUESTION_S_MAX))
        except NotLookedUp as error:
            return error
        if self.online.record is not None:
            asked_at = self.online.clock()
            line = CachedAnswer(name=name, kind=kind, answers=answers, asked_at=asked_at, status=status)  # type: ignore[arg-type]
            _append(self.online.record, line.to_line())
        return answers


def _resolve(stub: Stub, name: str, kind: str, time_s: float) -> tuple[str, tuple[str, ...]]:
    from dns.exception import DNSException, Timeout  # noqa: PLC0415 - loaded with `_stub`
    from dns.name import from_text  # noqa: PLC0415
    from dns.resolver import NXDOMAIN, YXDOMAIN  # noqa: PLC0415

    try:
        asked = from_text(name)
    except (DNSException, UnicodeError, ValueError):
        return "NXDOMAIN", ()  # what is no name is nobody's
    try:
        answer = stub.resolve(asked, kind, raise_on_no_answer=False, lifetime=time_s, search=False)
    except (NXDOMAIN, YXDOMAIN):
        return "NXDOMAIN", ()
    except Timeout as error:
        raise NotLookedUp("DNS did not answer in time") from error
    except (DNSException, OSError, ValueError) as error:
        raise NotLookedUp(f"DNS had no answer for {name}") from error
    told = sorted((_said(rdata, kind) for rdata in answer.rrset or ()), key=lambda said: said[0])
    return "NOERROR", tuple(text for _, text in told[:DNS_ANSWERS_MAX])


def _said(rdata: Rdata, kind: str) -> tuple[int, str]:
    """In the words of Resolver, with the preference of a mail exchanger."""
    if kind == "TXT":
        return 0, b"".join(rdata.strings).decode("latin-1")  # type: ignore[attr-defined]
    words = rdata.to_text().split()
    return (int(words[0]), words[1].rstrip(".").lower()) if kind == "MX" else (0, words[0].rstrip(".").lower())


def _stub(servers: Sequence[str]) -> Stub:
    from dns.exception import DNSException  # noqa: PLC0415 - 90 ms that only those pay who go online
    from dns.nameserver import Do53Nameserver  # noqa: PLC0415
    from dns.resolver import Resolver as Stub  # noqa: PLC0415

    try:
        stub = Stub(configure=not servers)
        if servers:
            stub.nameservers = [Do53Nameserver(*_endpoint(server)) for server in servers[:_SERVERS_MAX]]
    except (DNSException, ValueError, OSError) as error:
        raise BadRequest(f"no DNS server can be asked: {error}", where=", ".join(servers) or "the system") from error
    stub.timeout = DNS_QUESTION_S_MAX / 2
    return stub


def _endpoint(server: str) -> tuple[str, int]:
    """An address and a port, from "192.0.2.53", "192.0.2.53:5353", "2001:db8::53" or "[2001:db8::53]:5353"."""
    from ipaddress import ip_address  # noqa: PLC0415

    text = server.strip()
    if text.startswith("["):
        address, end, port = text[1:].partition("]")
        if not end:
            raise ValueError(f"{text} has no closing bracket")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    else:
        address, port = text, ""
    return str(ip_address(address)), int(port or _PORT)


def _append(path: Path, line: bytes) -> None:
    try:
        with path.open("ab") as file:
            file.write(line)
    except OSError as error:
        raise BadRequest(f"cannot be written: {error.strerror}", where=str(path)) from error
