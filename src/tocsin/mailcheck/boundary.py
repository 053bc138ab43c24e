"""Where trust ends: which of a mail's headers the reader's own provider wrote. Everything below them is claim.

The provider is given by the reader, or is who wrote the topmost Received headers: a reader's mail was taken last by his
own provider. The last of that provider's servers on the way down, whose client is somebody else, is the boundary.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from tocsin.mailcheck.domains import is_within, plain_name, registrable
from tocsin.mailcheck.limits import HOPS_TRUSTED_MAX
from tocsin.mailcheck.mail import Mail
from tocsin.mailcheck.received import Hop, as_address, hops_of, is_inside, read_date

# Providers whose servers, or whose customers' addresses, are in more domains than one. The first names them.
FAMILIES: tuple[tuple[str, ...], ...] = (
    ("outlook.com", "office365.com", "hotmail.com", "live.com", "msn.com", "exchangelabs.com", "onmicrosoft.com"),
    ("google.com", "gmail.com", "googlemail.com"),
    ("yahoo.com", "yahoodns.net", "aol.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr", "ymail.com", "rocketmail.com"),
    ("icloud.com", "me.com", "mac.com", "apple.com"),
    ("gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.com", "web.de", "mail.com", "kundenserver.de", "server.lan"),
    ("fastmail.com", "messagingengine.com", "fastmail.fm", "internal"),
    ("proton.me", "protonmail.com", "protonmail.ch", "pm.me"),
    ("t-online.de", "magenta.de", "telekom.de"),
    ("zoho.com", "zohomail.com", "zoho.eu", "zoho.in"),
    ("naver.com", "worksmobile.com"),
    ("rediffmail.com", "rediff.com"),
    ("docomo.ne.jp", "spmode.ne.jp"),
    ("comcast.net", "comcastmailservice.net", "xfinity.com"),
)
_FAMILY = {domain: family[0] for family in FAMILIES for domain in family}
_PREFIX_BITS = {4: 16, 6: 24}
_STORES = ("HTTPS", "HTTP", "MAPI", "LMTP", "LMTPS", "LMTPA", "IMAP", "LOCAL")  # spoken within a provider's walls


class Boundary(msgspec.Struct, frozen=True, kw_only=True):
    """The reader's provider and the client from which he took the mail.

    `provider` is a registrable domain, "" when nobody is seen to have received the mail. `hops` are his Received
    headers, the last the boundary itself; `below` are the others'. `headers_end` counts the headers, from the top, that
    he may have written: up to the first Received that is not his.
    """

    provider: str = ""
    is_given: bool = False
    hops: tuple[Hop, ...] = ()
    below: tuple[Hop, ...] = ()
    headers_end: int = 0
    claimed_at: datetime | None = None  # what the topmost Received says, whoever wrote it, or else the Date header

    @property
    def hop(self) -> Hop | None:
        """The hop at which the mail came in; None when nobody is seen to have received it."""
        return self.hops[-1] if self.hops else None

    @property
    def address(self) -> str:
        """The address of the client at the boundary: the first that nobody could make up. "" when it is not known."""
        hop = self.hop
        found = as_address(hop.address) if hop else None
        return "" if found is None or is_inside(found) else str(found)

    @property
    def helo(self) -> str:
        return plain_name(self.hop.helo) if self.hop else ""

    @property
    def received_at(self) -> datetime | None:
        """When the provider had it, by the clock of his last server that tells; else what the mail says."""
        return next((hop.at for hop in self.hops if hop.at is not None), self.claimed_at)

    @property
    def judged_at(self) -> datetime | None:
        """The moment as of which signatures are judged; None for a mail that nobody has received yet."""
        return self.received_at if self.hops or self.below else None


def provider_of(name: str) -> str:
    """The provider to whom a host, an authserv-id or an address's domain belongs; "" when the name tells nobody."""
    plain = plain_name(name)
    domain = registrable(plain) or ("" if "." not in plain else plain)
    return _FAMILY.get(domain, domain)


def boundary_of(mail: Mail, provider: str = "") -> Boundary:
    """Reads the Received headers from the top. `provider` is what the reader says; else it is inferred."""
    hops = hops_of(mail)
    claimed_at = (hops[0].at if hops else None) or read_date(mail.first("date") or "")
    given = provider_of(provider)
    own = given or next((found for found in map(_server, hops[:HOPS_TRUSTED_MAX]) if found), "")
    count = _trusted(hops[:HOPS_TRUSTED_MAX], own)
    if not own or not count:
        return Boundary(provider=given, is_given=bool(given), below=hops, claimed_at=claimed_at)
    end = hops[count].place if count < len(hops) else len(mail.headers)
    return Boundary(
        provider=own,
        is_given=bool(given),
        hops=hops[:count],
        below=hops[count:],
        headers_end=end,
        claimed_at=claimed_at,
    )


def _server(hop: Hop) -> str:
    """The provider of the server that wrote it; "" where it names itself only within its own network."""
    return "" if as_address(hop.by) else provider_of(hop.by)


def _trusted(hops: tuple[Hop, ...], provider: str) -> int:
    """How many hops from the top are the provider's; 0 when none of them names him."""
    count, is_named = 0, False
    for hop in hops:
        server = _server(hop)
        if server and server != provider:
            break
        count += 1
        is_named = is_named or server == provider
        if not _is_own_client(hop, provider):
            break
    return count if is_named else 0


def _is_own_client(hop: Hop, provider: str) -> bool:
    """Whether the server took it from another one of the same provider.

    Anybody may greet with the provider's name: without the name that the server looked up, the greeting counts only
    from an address next to the server's own.
    """
    if hop.is_local or hop.protocol in _STORES:
        return True
    if hop.name:
        return provider_of(hop.name) == provider
    return provider_of(hop.helo) == provider and _is_near(hop)


def _is_near(hop: Hop) -> bool:
    """Whether client and server are in one large block of addresses, as both are where a provider relays inside."""
    client = as_address(hop.address)
    marks = [word.strip("()[]") for word in hop.text.split(" by ", 1)[-1].split()[:4]]
    servers = [found for found in map(as_address, marks) if found]
    if client is None or not servers or client.version != servers[0].version:
        return False
    shift = client.max_prefixlen - _PREFIX_BITS[client.version]
    return int(client) >> shift == int(servers[0]) >> shift


def is_providers(name: str, boundary: Boundary) -> bool:
    """Whether an authserv-id (RFC 8601 §2.5) is one of the reader's provider."""
    return bool(boundary.provider) and (
        provider_of(name) == boundary.provider or is_within(plain_name(name), boundary.provider)
    )
