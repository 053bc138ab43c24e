"""A mail that somebody complained about, as its sender's network may see it: without whoever got it (RFC 6590).

Headers are carried by a list of those that say who sent it; the body is its words, without links' paths, long tokens
and everything that names the recipient or the recipient's servers. What was taken out stands as a token that the same
key makes alike each time (RFC 6590 §3), so that the network can tell two complaints of one person from those of two.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Sequence
from email.utils import getaddresses, parseaddr

from tocsin.mailcheck.mail import shown
from tocsin.notices.inbound.parts import Part, read_part
from tocsin.notices.inbound.words import words_of
from tocsin.notices.issuer import is_mail_address
from tocsin.notices.mime import field, mailbox, plain_body, unstructured
from tocsin.notices.reports.group import Original
from tocsin.proof.alphabet import encode_base32

HOPS_MAX = 5
VALUE_CHARS_MAX = 500
NAMES_MAX = 200  # that are looked for; a mail with more recipients is not carried
_RECIPIENT_FIELDS = (
    *("to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "apparently-to"),
    *("resent-to", "resent-cc", "x-rcpt-to", "x-forwarded-to", "original-rcpt-to", "removal-recipient"),
)
_SENDER_FIELDS = ("From", "Sender", "Reply-To")
_OTHER_FIELDS = ("Subject", "Date", "Message-ID", "X-Mailer", "User-Agent")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+!#$&'*/=?^{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}[A-Za-z0-9]", re.ASCII)
_LINK = re.compile(r"(?i)\b(https?|ftp)://(?:[^\s/@<>\"']*@)?([^\s/?#<>\"']{1,253})[^\s<>\"']*")
_TOKEN = re.compile(r"[A-Za-z0-9_=+/-]{24,}", re.ASCII)
_HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.){1,10}[A-Za-z]{2,63}", re.ASCII)
_BY = re.compile(r"\bby\s+([^\s;()]{1,253})")
_FROM = re.compile(r"^from\s+(.{1,400}?)(?=\s+(?:by|with|id|for|via)\s|;|$)")
_SERVICE_HEADERS = ("reporting-mta", "authentication-results", "received-spf", "from", "message-id", "return-path")
_WORD_CHARS_MIN = 3
_KEY_DOMAIN = b"tocsin-redaction-v1\n"


def redacted_mail(
    raw: bytes, *, is_whole: bool, around: Iterable[tuple[str, str]], address: str, secret: bytes
) -> Original | None:
    """`around` are the fields of the complaint, which name who complains; `address` is the accused one.

    None where it names too many to hide them all, or something that must not leave would still be there.
    """
    mail = read_part(raw)
    hops = mail.values("received")
    named = _Named(secret)
    named.recipients(value for name in _RECIPIENT_FIELDS for value in mail.values(name))
    named.complainant(around)
    seen_by = next((place for place, hop in enumerate(hops) if address in hop), -1)
    for hop in hops[: seen_by + 1]:
        named.hosts(_BY.findall(hop))
    for hop in hops:
        named.addresses(re.findall(r"\bfor\s+<?([^\s<>;]{3,320})", hop))
    if named.is_too_many:
        return None
    lines = [*_hops(hops[max(seen_by, 0) :][:HOPS_MAX], named), *_headers(mail, named)]
    encoding, body = plain_body(_hidden_words(words_of(mail), named) + "\n") if is_whole else ("", b"")
    if is_whole:
        lines.append(("MIME-Version", "1.0"))
        lines.append(("Content-Type", "text/plain; charset=utf-8"))
        lines.append(("Content-Transfer-Encoding", encoding))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    text = head + ("\r\n" + body.decode("ascii") if is_whole else "")
    readable = head + (words_of(read_part(text.encode())) if is_whole else "")
    return None if named.is_in(readable) or not text.isascii() else Original(text, is_whole)


class _Named:
    """What must not leave: addresses, hosts, and the words that they and their owners' names are made of."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._addresses: set[str] = set()
        self._hosts: set[str] = set()
        self._words: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    @property
    def is_too_many(self) -> bool:
        return len(self._addresses) + len(self._hosts) + len(self._words) > NAMES_MAX

    def recipients(self, values: Iterable[str]) -> None:
        for name, address in getaddresses([shown(value)[:8_000] for value in values]):
            self.addresses([address])
            self._words |= {word for word in re.findall(r"\w+", name.lower()) if len(word) >= _WORD_CHARS_MIN}

    def addresses(self, values: Iterable[str]) -> None:
        for value in values:
            for address in _ADDRESS.findall(value):
                local, _, domain = address.lower().rpartition("@")
                self._addresses.add(f"{local}@{domain}")
                self._hosts.add(domain)
                self._words |= {word for word in re.split(r"[._+-]", local) if len(word) >= _WORD_CHARS_MIN} | {local}

    def hosts(self, values: Iterable[str]) -> None:
        self._hosts |= {host.lower().rstrip(".") for value in values for host in _HOST.findall(value)}

    def complainant(self, around: Iterable[tuple[str, str]]) -> None:
        pairs = list(around)
        self.recipients(value for name, value in pairs if name in _RECIPIENT_FIELDS and name not in ("to", "cc"))
        for name, value in pairs:
            if name in _SERVICE_HEADERS:
                self.hosts(re.findall(r"[A-Za-z0-9._-]+", value.partition(";")[0] if name[:4] == "auth" else value))

    def hide(self, text: str) -> str:
        """With a token in the place of each name; the same name has the same token."""
        if self._pattern is None:
            self._pattern = self._compiled()
        return self._pattern.sub(lambda found: self._token(found[0]), text)

    def is_in(self, text: str) -> bool:
        """Whether an address or a host of theirs still stands there."""
        lower = text.lower()
        return any(name in lower for name in (*self._addresses, *self._hosts))

    def _compiled(self) -> re.Pattern[str]:
        words = sorted((word for word in self._words if word), key=len, reverse=True)
        whole = sorted({*self._addresses, *self._hosts}, key=len, reverse=True)
        alternatives = [*(re.escape(each) for each in whole), *(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words)]
        return re.compile("|".join(alternatives) or r"(?!)", re.IGNORECASE)

    def _token(self, name: str) -> str:
        """RFC 6590 §3: a keyed digest; of a host it is a name that no DNS has."""
        made = hmac.digest(self._secret, _KEY_DOMAIN + name.lower().encode(), "sha256")
        token = f"redacted-{encode_base32(made, 8).lower()}"
        if "@" in name:
            return f"{token}@redacted.invalid"
        return f"{token}.invalid" if "." in name else token


def _hops(hops: Sequence[str], named: _Named) -> list[tuple[str, str]]:
    """From whom it came, and when, hop by hop; not by whose server, with what number and for whom."""
    found = []
    for hop in hops:
        came, at = _FROM.search(hop), hop.rpartition(";")[2].strip() if ";" in hop else ""
        said = f"from {_ascii(named.hide(came[1]))}" if came else "from unknown"
        found.append(field("Received", f"{said} by redacted.invalid; {_ascii(named.hide(at))[:80]}"))
    return found


def _headers(mail: Part, named: _Named) -> list[tuple[str, str]]:
    found = []
    for name in _SENDER_FIELDS:
        for value in mail.values(name.lower())[:1]:
            found.append(field(name, _sender(value, named)))
    for name in _OTHER_FIELDS:
        for value in mail.values(name.lower())[:1]:
            found.append(field(name, unstructured(_one_line(named.hide(shown(value))))))
    return found


def _sender(value: str, named: _Named) -> str:
    name, address = parseaddr(shown(value)[:VALUE_CHARS_MAX])
    hidden = named.hide(address)
    if is_mail_address(hidden):
        return mailbox(_one_line(named.hide(name)), hidden) if name else hidden
    return unstructured(_one_line(named.hide(shown(value))))


def _hidden_words(text: str, named: _Named) -> str:
    """Links lose what follows their host, long tokens go: both are made for one recipient."""
    text = _LINK.sub(lambda link: f"{link[1]}://{link[2]}/[redacted]", text)
    text = _ADDRESS.sub(lambda found: f"[redacted]@{found[0].rpartition('@')[2]}", named.hide(text))
    return _TOKEN.sub(lambda found: found[0] if found[0].startswith("redacted-") else "[redacted]", text)


def _one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:VALUE_CHARS_MAX].strip()


def _ascii(text: str) -> str:
    return _one_line(text.encode("ascii", "replace").decode())
