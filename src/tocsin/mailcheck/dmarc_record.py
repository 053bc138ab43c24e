"""A DMARC Policy Record (RFC 9989 §4.7, §4.8): what it says, and what remains of it when it says nonsense."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from tocsin.mailcheck.limits import POLICY_BYTES_MAX, POLICY_TAGS_MAX

Policy = Literal["none", "quarantine", "reject"]
_POLICIES: dict[str, Policy] = {"none": "none", "quarantine": "quarantine", "reject": "reject"}
# RFC 9989 §4.8: the name of the version tag in either case, its value in this one, and first of all.
_VERSION = re.compile(r"[vV][ \t]{0,20}=[ \t]{0,20}DMARC1[ \t]{0,20}(?:;|$)")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:[^\s,!]{1,500}(?:![0-9]{1,12}[kmgt]?)?", re.ASCII)


class PolicyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`p` is None when the record asks for nothing that can be applied (§4.10.1)."""

    domain: str
    text: str
    p: Policy | None = "none"
    sp: Policy | None = None
    np: Policy | None = None
    is_dkim_strict: bool = False
    is_spf_strict: bool = False
    psd: Literal["y", "n", "u"] = "u"
    is_test: bool = False


def record_at(domain: str, texts: tuple[str, ...]) -> PolicyRecord | None:
    """The one record among the TXT texts of `_dmarc.` and the domain; several are none (§4.10, steps 2 and 6)."""
    found = [text for text in texts if _VERSION.match(text)]
    return _read(domain, found[0][:POLICY_BYTES_MAX]) if len(found) == 1 else None


def _read(domain: str, text: str) -> PolicyRecord:
    tags: dict[str, str] = {}
    for part in text.split(";")[1:POLICY_TAGS_MAX]:
        name, equals, value = part.partition("=")
        if equals:  # §4.7: what is no tag is left out, and so are tags that nobody knows
            tags.setdefault(name.strip().lower(), value.strip())
    psd = tags.get("psd", "").lower()
    sub, none = _POLICIES.get(tags.get("sp", "").lower()), _POLICIES.get(tags.get("np", "").lower())
    is_sound = all(name not in tags or tags[name].lower() in _POLICIES for name in ("p", "sp", "np"))
    reports = any(_URI.fullmatch(uri.strip()) for uri in tags.get("rua", "").split(","))
    # §4.7: no "p" is "p=none". §4.10.1: nonsense is "p=none" where reports are asked for, else nothing is applied.
    p: Policy | None = _POLICIES[tags.get("p", "none").lower()] if is_sound else "none" if reports else None
    return PolicyRecord(
        domain=domain,
        text=text,
        p=p,
        sp=sub if is_sound else None,
        np=none if is_sound else None,
        is_dkim_strict=tags.get("adkim", "").lower() == "s",
        is_spf_strict=tags.get("aspf", "").lower() == "s",
        psd="y" if psd == "y" else "n" if psd == "n" else "u",
        is_test=tags.get("t", "").lower() == "y",
    )
