"""Log lines as they may leave the house: what people typed, and whom the server serves, is taken out."""

from __future__ import annotations

import re

from tocsin.witness.services import HOST

MARK = "[…]"

_MAIL = re.compile(r"[0-9A-Za-z._%+'=-]{1,64}@(?:[0-9A-Za-z-]{1,63}\.){0,8}[0-9A-Za-z-]{1,63}")
_QUERY = re.compile(r"\?[^\s\"'<>\]]+")
_SECRET = re.compile(
    r"(?i)\b(pass(?:word|wd)?|pwd|secret|token|api_?key|authorization|cookie|session(?:id)?)(\s*[=:]\s*)[^\s,;&\"')]+"
)
_ENCODED = re.compile(r"(?<=authentication failed: )[0-9A-Za-z+/=]{4,}")
_QUOTED_USERS = (
    re.compile(r"(?<=user=<)[^>]+(?=>)"),
    re.compile(r"(?<=set_id=)[^)]+"),
    re.compile(r"(?<=sasl_username=).+"),
    re.compile(r"(?<=\buser=)[^\s,<>]+"),
    re.compile(r"(?<=\bruser=)[^\s]+"),
    re.compile(r"(?<=logname=)[^\s]+"),
    re.compile(r"(?<=user \")[^\"]+"),
    re.compile(r"(?<=user ')[^']+"),
    re.compile(r"(?<=AccountID=\")[^\"]+"),
    re.compile(r"(?<=SessionID=\")[^\"]+"),
    re.compile(r"(?<=USER ).+?(?=: no such user| \(Login failed\))"),
    re.compile(r"(?<=(?:peer '|e as '))[^']+(?=')"),
    re.compile(r"(?<=authentication for ')[^']+(?=')"),
    re.compile(r"(?<=extension ')[^']+(?=')"),
    re.compile(r"(?<=[a-z]\()[^(),]+(?=,[0-9A-Fa-f:.]+)"),  # Dovecot: `sql(user,192.0.2.1): `
)
# A name stands between these words and the last `from`, whatever it holds.
_NAMED = re.compile(
    r"((?:for (?:(?:invalid|illegal) user )?|(?:[Ii]nvalid|[Ii]llegal|authenticating) user |^.{0,200}?\]: User "
    r"|user denied: |login for ))"
    r"(?P<user>.+)(?= (?:from|\([a-z-]+\) from|against) )"
)
_NAMED_BEFORE_HOST = re.compile(
    rf"((?:invalid|authenticating) user )(?P<user>.*)(?= {HOST.replace('?P<host>', '?:')} port )"
)
_CHARS_MAX = 1_000


def redacted(line: str, service: str = "") -> str:
    """The line without query strings, user names, mail addresses and secrets; addresses and moments stay."""
    text = line[:_CHARS_MAX]
    text = _NAMED_BEFORE_HOST.sub(rf"\1{MARK}", text)
    text = _NAMED.sub(rf"\1{MARK}", text)
    for pattern in _QUOTED_USERS:
        text = pattern.sub(MARK, text)
    text = _QUERY.sub(f"?{MARK}", text)
    text = _ENCODED.sub(MARK, text)
    text = _SECRET.sub(rf"\1\2{MARK}", text)
    if service == "web":
        text = _access_user(text)
    return _MAIL.sub(MARK, text)


_ACCESS_USER = re.compile(r"^((?:[^ \"]+ )?[^ \"]+ - )(?!-? ?\[)([^\"\[]+)(?= \[)")
_REFERER = re.compile(r"(\" [0-9]{3} (?:[0-9]+|-) )\"(?!-\")(?:[^\"\\]|\\.)*\"")


def _access_user(text: str) -> str:
    """An access log's user, and the page that the visitor came from."""
    return _REFERER.sub(rf'\1"{MARK}"', _ACCESS_USER.sub(rf"\1{MARK}", text))


_MACHINE = re.compile(
    r"^((?:<\d{1,3}>)?(?:\d )?(?:[A-Z][a-z]{2} {1,2}\d{1,2} [\d:]{8}|\d{4}-\d\d-\d\dT[\d:.+Z-]+) )[^ ]+(?= )"
)
_PEERS = (
    re.compile(r"(?<=\blip=)[^,\s]+"),
    re.compile(r"(?<=\bDST=)[^\s]+"),
    re.compile(r"(?<=\bMAC=)[^\s]+"),
    re.compile(r"(?<=\bI=\[)[^\]]+"),
    re.compile(r"(?<= on )[0-9A-Fa-f:.]+(?= port )"),
    re.compile(r"(?<=LocalAddress=\")[^\"]+"),
    re.compile(r"(?<=, server: )[^,]+"),
    re.compile(r"(?<=host: \")[^\"]+"),
)
_VHOST = re.compile(r"^[0-9A-Za-z_.-]+(?::[0-9]{1,5})? (?=[0-9A-Fa-f:.]+ - )")


def without_target(line: str, service: str = "") -> str:
    """The line without what names the server that was attacked: the contact may be the attacker."""
    text = _MACHINE.sub(rf"\1{MARK}", line)
    for pattern in _PEERS:
        text = pattern.sub(MARK, text)
    return _VHOST.sub("", text) if service == "web" else text
