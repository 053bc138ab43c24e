"""Lists of attackers' servers, read from files: plain lines, CSV, MISP events and feeds, STIX 2.1 indicators."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.engine import Engine, table_of
from tocsin.evidence.blocks import Truncated, open_blocks
from tocsin.terms.addresses import parse_address
from tocsin.terms.errors import BadRequest
from tocsin.terms.moments import parse_moment

LIST_BYTES_MAX = 64 << 20
VALUES_MAX = 2_000_000
_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}")
_JA4 = re.compile(r"[tqd]\d\d[di]\d{4}[a-z0-9]{2}_[0-9a-f]{12}_[0-9a-f]{12}")
_PATTERN = re.compile(r"(ipv4-addr|ipv6-addr|domain-name):value\s*=\s*'([^']{3,253})'")
_MISP = {
    "ip-dst": 0,
    "ip-src": 0,
    "domain": 0,
    "hostname": 0,
    "ip-dst|port": 0,
    "domain|ip": 0,
    "ja3-fingerprint-md5": 0,
}


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """What a list says of one value. Outside its dates it says nothing."""

    kind: str  # address | name | ja3 | ja4
    value: str
    list: str
    role: str = "c2"  # c2 | sinkhole
    malware: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def read_lists(paths: Iterable[Path]) -> list[Indicator]:
    """Every indicator of these files. Raises BadRequest for a file that cannot be read, is too big or empty."""
    found: list[Indicator] = []
    for path in paths:
        here = list(_of(path))
        if not here:
            raise BadRequest("no address and no name in it", where=str(path), remedy="one a line, MISP, or STIX 2.1")
        found += here
        if len(found) > VALUES_MAX:
            raise BadRequest(f"more than {VALUES_MAX} indicators", where=str(path), remedy="give fewer lists")
    return found


def _of(path: Path) -> Iterator[Indicator]:
    text = _text(path)
    role = "sinkhole" if "sinkhole" in path.name.lower() else "c2"
    if text.lstrip()[:1] in "{[":
        try:
            yield from _of_json(json.loads(text), path.name, role)
            return
        except (ValueError, RecursionError):
            pass  # JSON lines, or none at all: each line is looked at below
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                yield from _of_json(json.loads(line), path.name, role)
            except (ValueError, RecursionError):
                continue
        elif line.strip() and not line.lstrip().startswith(("#", ";", "//")):
            yield from _of_line(line, path.name, role)


def _text(path: Path) -> str:
    parts, size = [], 0
    try:
        for block in open_blocks(path):
            if isinstance(block, Truncated):
                break
            parts.append(block)
            size += len(block)
            if size > LIST_BYTES_MAX:
                raise BadRequest(f"larger than {LIST_BYTES_MAX} bytes", where=str(path), remedy="split it")
    except OSError as error:
        raise BadRequest(
            f"cannot be read: {error.strerror}", where=str(path), remedy="give a file that exists"
        ) from error
    return b"".join(parts).decode("utf-8", "replace").removeprefix("\ufeff")


def kind_of(value: str) -> tuple[str, str] | None:
    """What a text is an indicator of, in its plain form: `hxxp` and `[.]` are undone, port and path left out."""
    text = value.strip().strip('"').lower().replace("[.]", ".").replace("(.)", ".")
    text = re.sub(r"^[a-z]{2,6}://", "", text).partition("/")[0]
    for each in (text, text.rpartition(":")[0]):
        try:
            parse_address(each.strip("[]"))
        except ValueError:
            continue
        return "address", each.strip("[]")
    text = text.partition(":")[0].rstrip(".")
    if _NAME.fullmatch(text):
        return "name", text
    if re.fullmatch(r"[0-9a-f]{32}", text):
        return "ja3", text
    return ("ja4", text) if _JA4.fullmatch(text) else None


def _of_line(line: str, name: str, role: str) -> Iterator[Indicator]:
    """The first value of the line that is one; a word after it that is none names the malware."""
    fields = [field.strip().strip('"') for field in re.split(r"[,;\t]", line)]
    for place, field in enumerate(fields):
        if (known := kind_of(field.split(" ")[0] if field else "")) is not None:
            words = [
                each
                for each in fields[place + 1 :]
                if re.fullmatch(r"[A-Za-z][\w .-]{2,40}", each) and "sinkhole" not in each.lower()
            ]
            at = "sinkhole" if any("sinkhole" in each.lower() for each in fields) else role
            yield Indicator(kind=known[0], value=known[1], list=name, role=at, malware=words[-1] if words else None)
            return


def _of_json(value: object, name: str, role: str, *, depth: int = 0) -> Iterator[Indicator]:
    """STIX indicators and MISP attributes, wherever they stand."""
    if depth > 12:
        return
    if isinstance(value, list):
        for each in value:
            yield from _of_json(each, name, role, depth=depth + 1)
    elif isinstance(value, dict):
        if value.get("type") == "indicator" and isinstance(value.get("pattern"), str) and not value.get("revoked"):
            yield from _of_stix(value, name, role)
            return
        if value.get("type") in _MISP and isinstance(value.get("value"), str):
            if value.get("to_ids", True) and not value.get("deleted"):
                yield from _of_misp(value, name, role)
            return
        for each in value.values():
            yield from _of_json(each, name, role, depth=depth + 1)


def _of_stix(fields: dict[str, object], name: str, role: str) -> Iterator[Indicator]:
    told = fields.get("name")
    for _, value in _PATTERN.findall(str(fields["pattern"])):
        if (known := kind_of(value)) is not None:
            yield Indicator(
                kind=known[0],
                value=known[1],
                list=name,
                role=role,
                malware=str(told)[:60] if told else None,
                valid_from=_moment(fields.get("valid_from")),
                valid_until=_moment(fields.get("valid_until")),
            )


def _of_misp(fields: dict[str, object], name: str, role: str) -> Iterator[Indicator]:
    for value in str(fields["value"]).split("|")[:2]:
        if (known := kind_of(value)) is not None:
            seen = _moment(fields.get("first_seen"))
            yield Indicator(kind=known[0], value=known[1], list=name, role=role, valid_from=seen)


def _moment(value: object) -> datetime | None:
    try:
        return parse_moment(str(value)) if value else None
    except ValueError:
        return None


_COLUMNS = (
    *(("kind", "VARCHAR"), ("value", "VARCHAR"), ("list", "VARCHAR"), ("role", "VARCHAR"), ("malware", "VARCHAR")),
    *(("valid_from", "TIMESTAMP"), ("valid_until", "TIMESTAMP")),
)


def hand_in(engine: Engine, indicators: Iterable[Indicator]) -> None:
    """Make the table `indicators`; addresses stand in `address` too."""
    rows = [
        (each.kind, each.value, each.list, each.role, each.malware, _plain(each.valid_from), _plain(each.valid_until))
        for each in indicators
    ]
    engine.add("handed_in", table_of(_COLUMNS, list(zip(*rows, strict=True)) if rows else [[] for _ in _COLUMNS]))
    engine.run(
        "CREATE OR REPLACE TEMP TABLE indicators AS SELECT kind, value, list, role, malware, valid_from, valid_until,"
        " CASE WHEN kind = 'address' THEN address_of(value) END AS address FROM handed_in"
    )
    engine.drop("handed_in")


def _plain(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=None) if moment else None
