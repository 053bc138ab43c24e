"""Is a mail of a source really from whom the configuration names? Pure but for gpg; who may be asked is handed in.

What a mail says of its own way (`Received`, an Authentication-Results of anybody's) never counts.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.evidence.mails import MAIL_BYTES_MAX, is_too_bushy, mail_kind
from tocsin.evidence.pgp import signed_content, signers
from tocsin.mailcheck.authres import read_results
from tocsin.mailcheck.dkim_signature import Signature, signatures
from tocsin.mailcheck.mail import Mail, read_mail, shown
from tocsin.mailcheck.parties import one_address
from tocsin.mailcheck.resolver import Resolver, offline

SIGNED_MIN = frozenset({"from", "date", "subject"})  # of another date or subject the same words would say another thing
_ONCE = ("from", "date", "subject", "content-type", "sender", "mime-version")
_WHY = {
    "partial": "its DKIM signature covers only a part of the body (l=)",
    "weak-key": "the DKIM key is too short",
    "weak-algorithm": "its DKIM signature uses an algorithm that is broken",
    "testing": "the DKIM key is published for tests (t=y)",
    "header-added": "a header that is signed stands there once more",
    "no-key": "there is no such DKIM key",
    "key-revoked": "the DKIM key was withdrawn",
    "body-changed": "the body was changed after it was signed",
    "bad-signature": "its DKIM signature is not good",
    "expired": "its DKIM signature has expired",
    "not-looked-up": "the DKIM key is not known, and nobody may be asked for it (senders.zone, senders.dns)",
    "unreadable": "its DKIM signature cannot be read",
}


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who must have sent it: an address or a domain in From, the domain that signs (DKIM), a primary key (PGP)."""

    author: str = ""
    dkim: str = ""
    pgp: str = ""


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What may be looked up: DKIM keys, a file of public PGP keys, and one's own mail server, whose results count."""

    resolve: Resolver = offline
    pgp_keys: Path | None = None
    authserv: str = ""


def unproved(raw: bytes, sender: Sender, means: Means, at: datetime) -> str:
    """Why it is not shown to come from that sender, "" where it is. `at` is now: by it a signature has expired or not.

    Raises BadRequest where gpg or its keys are missing; never for what the mail is.
    """
    if mail_kind(raw[:65_536]) != "mail":
        return "it is no mail, so nobody can be shown to have sent it"
    if len(raw) > MAIL_BYTES_MAX or is_too_bushy(raw):
        return "the mail is too large to be checked"
    mail = read_mail(raw)
    twice = [name for name in _ONCE if len(mail.values(name)) > 1]
    if twice:
        return f"the header {twice[0]} stands there more than once"
    return _other_author(mail, sender) or _other_dkim(mail, raw, sender, means, at) or _other_key(raw, sender, means)


def _other_author(mail: Mail, sender: Sender) -> str:
    author = (one_address(shown(mail.first("from") or "")) or "").lower()
    wanted = sender.author
    if not wanted or author == wanted or ("@" not in wanted and author.rpartition("@")[2] == wanted):
        return ""
    return f"From is not {wanted}"


def _other_dkim(mail: Mail, raw: bytes, sender: Sender, means: Means, at: datetime) -> str:
    if not sender.dkim or _says_so(mail, sender.dkim, means.authserv):
        return ""
    found = [each for each in signatures(raw, means.resolve, at) if each.domain == sender.dkim]
    reasons = [_fault(each) for each in found]
    if "" in reasons:
        return ""
    return reasons[0] if reasons else f"it has no DKIM signature of {sender.dkim}"


def _fault(signature: Signature) -> str:
    if signature.state != "verified":
        return _WHY[signature.state]
    missing = sorted(SIGNED_MIN - signature.headers)
    return f"its DKIM signature leaves out the header {missing[0]}" if missing else ""


def _says_so(mail: Mail, domain: str, authserv: str) -> bool:
    """RFC 8601 §5: one's own server's word, in the topmost of these headers, which is the last that was written."""
    value = mail.first("authentication-results")
    if not authserv or value is None:
        return False
    results = read_results(value)
    passed = (one for one in results.said if one.method == "dkim" and one.result == "pass")
    return results.server == authserv and any(one.domain == domain for one in passed)


def _other_key(raw: bytes, sender: Sender, means: Means) -> str:
    if not sender.pgp:
        return ""
    if means.pgp_keys is None:
        return "no file of PGP keys is configured (senders.pgp_keys)"
    signed = signed_content(raw)
    if signed is None:
        return "it is not PGP-signed as a whole"
    good = signers(signed, means.pgp_keys, frozenset({sender.pgp}))
    return "" if good else f"no good PGP signature by the key {sender.pgp}"
