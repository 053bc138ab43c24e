"""Authentication-Results (RFC 8601), read with tolerance: Microsoft's name no server, others' break in other ways.

They count only from the reader's provider, and only where he wrote them: see `boundary`.
"""

from __future__ import annotations

import re

import msgspec

from tocsin.mailcheck.boundary import Boundary, is_providers
from tocsin.mailcheck.domains import plain_name
from tocsin.mailcheck.limits import HEADER_SHOWN_CHARACTERS_MAX, RESULT_HEADERS_MAX, RESULTS_MAX
from tocsin.mailcheck.mail import Mail

_UNNAMED_PROVIDER = "outlook.com"  # whose servers leave out who they are
_METHOD = re.compile(r"\s{0,9}([a-z0-9][a-z0-9-]{0,30})\s{0,9}(?:/\s{0,9}\d{1,3}\s{0,9})?=\s{0,9}([a-z]{1,20})\b", re.I)
_PROPERTY = re.compile(
    r"\b(smtp|header|policy|body)\.([a-z0-9_-]{1,30})\s{0,9}=\s{0,9}(\"[^\"]{0,320}\"|[^\s;]{1,320})", re.I
)
_POLICY = re.compile(r"\bp=(none|quarantine|reject)\b|\baction=(?:o|p)?(none|quarantine|reject)\b", re.I)
_SERVER = re.compile(r"\s{0,9}\"?([A-Za-z0-9._:@-]{1,253})\"?(?:\s{1,9}\d{1,3})?\s{0,9}")
_DOMAIN_OF = {
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.mail", "smtp.helo"),
    "dmarc": ("header.from",),
}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One result that a server wrote down: `domain` is whom it speaks of, `policy` what DMARC asks for where told."""

    method: str
    result: str
    domain: str = ""
    policy: str = ""
    text: str = ""


class Results(msgspec.Struct, frozen=True):
    """A header: the server that wrote it ("" if it does not say), and its results."""

    server: str
    said: tuple[Said, ...]


def read_results(value: str) -> Results:
    """Reads one header's value; what it cannot read it leaves out."""
    line = " ".join(value[:HEADER_SHOWN_CHARACTERS_MAX].split())
    parts = _parts(line)
    first, _ = parts[0]
    named = _SERVER.fullmatch(first)
    is_named = named is not None and "=" not in first
    said = [_said(bare, whole) for bare, whole in parts[1 if is_named else 0 :][:RESULTS_MAX]]
    return Results(plain_name(named[1]) if named and is_named else "", tuple(one for one in said if one))


def _parts(line: str) -> list[tuple[str, str]]:
    """What stands between the semicolons, without and with its comments (RFC 5322 §3.2.2)."""
    parts: list[tuple[str, str]] = []
    bare: list[str] = []
    whole: list[str] = []
    depth, is_quoted = 0, False
    for character in line:
        if character == '"' and not depth:
            is_quoted = not is_quoted
        if character == ";" and not depth and not is_quoted:
            parts.append(("".join(bare), "".join(whole)))
            bare, whole = [], []
            continue
        depth += (character == "(") * (not is_quoted)
        whole.append(character)
        if not depth:
            bare.append(character)
        elif character == ")" and not is_quoted:
            depth -= 1
            bare.append(" ")
    return [*parts, ("".join(bare), "".join(whole))]


def _said(bare: str, whole: str) -> Said | None:
    match = _METHOD.match(bare)
    if match is None:
        return None
    method, result = match[1].lower(), match[2].lower()
    held = {f"{kind}.{name}".lower(): value.strip('"') for kind, name, value in _PROPERTY.findall(bare)}
    named = next((held[name] for name in _DOMAIN_OF.get(method, ()) if name in held), "")
    asked = _POLICY.search(whole) if method == "dmarc" else None
    return Said(
        method=method,
        result=result,
        domain=plain_name(named.strip("<>").rpartition("@")[2]),
        policy=(asked[1] or asked[2]).lower() if asked else "",
        text=" ".join(whole.split()),
    )


def counted(mail: Mail, boundary: Boundary) -> tuple[Said, ...]:
    """What the reader's provider says. Of two headers that speak of one method the upper counts: he writes on top."""
    results: list[Said] = []
    headers = [value for name, value in mail.headers[: boundary.headers_end] if name == "authentication-results"]
    for value in headers[:RESULT_HEADERS_MAX]:
        read = read_results(value)
        if not _is_his(read.server, boundary):
            continue
        told = {one.method for one in results}
        results.extend(one for one in read.said if one.method not in told)
    return tuple(results)


def _is_his(server: str, boundary: Boundary) -> bool:
    return is_providers(server, boundary) if server else boundary.provider == _UNNAMED_PROVIDER


def others(mail: Mail, boundary: Boundary) -> tuple[str, ...]:
    """The servers in whose name results stand that are not counted; "" for one without a name."""
    headers = mail.values("authentication-results")[:RESULT_HEADERS_MAX]
    counting = [value for name, value in mail.headers[: boundary.headers_end] if name == "authentication-results"]
    below = headers[len(counting) :]
    servers = [read_results(value).server for value in below]
    above = [server for server in (read_results(value).server for value in counting) if not _is_his(server, boundary)]
    return tuple(dict.fromkeys([*above, *servers]))
