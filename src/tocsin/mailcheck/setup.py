"""What the reader brings to a check: whom he knows, who may be asked, when it is. Nothing of it comes from the mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from tocsin.mailcheck.alert_list import Alerts
from tocsin.mailcheck.link_lists import LinkLists
from tocsin.mailcheck.resolver import Resolver, offline
from tocsin.mailcheck.scanners import Scanner
from tocsin.proof.known import Known

# The reference of the notice for which the issuer's book holds the code of this SHA-256; None when it holds none.
CodeBook = Callable[[str], str | None]


class OwnAddress(msgspec.Struct, frozen=True):
    """The public address that the reader's line had at a moment."""

    address: str
    at: datetime


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """Everything but the mail. The empty one is a stranger's: he knows nobody and can ask nobody."""

    known: Known = Known()  # issuers' keys, and the reader's own addresses
    resolve: Resolver = offline  # answers DNS questions
    codes: CodeBook | None = None  # the issuer's own book of codes, where there is one
    confirmations: tuple[bytes, ...] = ()  # of clearing houses, as they were handed out
    at: datetime | None = None  # the moment of the check: only whether a notice or a list has ended
    provider: str = ""  # the domain of the reader's mail provider, whose headers may be believed
    lists: LinkLists | None = None  # of harmful links and servers, kept locally
    dns_lists: tuple[str, ...] = ()  # of servers, by the names under which DNS is asked
    scanners: tuple[Scanner, ...] = ()  # who are asked about links
    alerts: Alerts | None = None  # dated threats, as a clearing house publishes them
    own: OwnAddress | None = None  # what the reader knows of his own line
    language: str = "en"  # in which the answer is given
