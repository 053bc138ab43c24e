"""The DNS records that a domain needs so that its notices can be checked, as a zone file (RFC 1035 §5)."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.signer import dkim_record

_STRING_MAX = 255  # RFC 1035 §3.3.14: bytes in one string of a TXT record

# Mail with this domain in From that neither SPF nor DKIM vouches for is to be refused; alignment is exact.
DMARC = "v=DMARC1; p=reject; adkim=s; aspf=s"
SPF = "v=spf1 mx -all"


def zone_text(issuer: Issuer, keys: Keys) -> str:
    """DKIM, SPF and DMARC records. SPF names the domain's mail hosts; who sends from others edits it."""
    lines = (
        f"$ORIGIN {issuer.domain}.",
        "$TTL 3600",
        f"@ IN TXT {_strings(SPF)}",
        f"_dmarc IN TXT {_strings(DMARC)}",
        f"{issuer.selector}._domainkey IN TXT {_strings(dkim_record(keys.dkim.public_key()))}",
    )
    return "\n".join((*lines, ""))


def _strings(value: str) -> str:
    return " ".join(f'"{piece}"' for piece in _pieces(value))


def _pieces(value: str) -> Iterator[str]:
    for start in range(0, len(value), _STRING_MAX):
        yield value[start : start + _STRING_MAX]
