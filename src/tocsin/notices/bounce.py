"""Where a notice's bounces go: an envelope sender that names the notice (VERP), and that nobody else can make up."""

from __future__ import annotations

import hmac

from tocsin.proof.alphabet import encode_base32

_PREFIX = "bounce+"
_DOMAIN = b"tocsin-bounce-v1\n"
_TAG_CHARACTERS = 12  # 60 bits


def bounce_address(notice: str, domain: str, secret: bytes) -> str:
    """`bounce+n-7k3qd9m2xa4f8cbe-<tag>@example.net`."""
    return f"{_PREFIX}{notice.lower()}-{_tag(notice.lower(), secret)}@{domain}"


def bounced_notice(address: str, domain: str, secret: bytes) -> str | None:
    """The notice that a bounce to this address is about; None when we never made the address.

    Letter case is not looked at: relays change it on the way back.
    """
    local, _, at_domain = address.lower().rpartition("@")
    if at_domain != domain or not local.startswith(_PREFIX):
        return None
    notice, _, tag = local.removeprefix(_PREFIX).rpartition("-")
    genuine = hmac.compare_digest(tag.encode(), _tag(notice, secret).encode())
    return notice.upper() if genuine else None


def _tag(notice: str, secret: bytes) -> str:
    return encode_base32(hmac.digest(secret, _DOMAIN + notice.encode(), "sha256"), _TAG_CHARACTERS)
