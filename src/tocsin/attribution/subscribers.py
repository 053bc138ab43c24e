"""The provider's subscribers: one CSV whose newest version is the whole truth.

`subscriber,account,name,email,language,zone,line,line_id,starts_at,ends_at`, a row a contract; and what other channels
and the garden need to know, `phone,postal_address,line_kind,care_alarm,medical`, each of which may be absent. A
doubtful row is left out: the household behind it is then nobody, and nobody is never written to.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from tocsin.attribution.rows import BadRow, Row, file_digest, read_rows
from tocsin.book import Book, manifest
from tocsin.book.accounts import add_accounts
from tocsin.book.contracts import Contract, add_subscribers, replace_contracts
from tocsin.book.manifest import Made
from tocsin.terms.identity import digest
from tocsin.terms.moments import parse_moment

COLUMNS = ("subscriber", "account", "name", "email", "language", "zone", "line", "line_id", "starts_at", "ends_at")
OPTIONAL = ("phone", "postal_address", "line_kind", "care_alarm", "medical")  # of the follow-up
RULES = 2  # one more whenever a file may be read otherwise
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)  # of a contract that names no start
_NEEDED = ("subscriber", "account", "name", "email", "line")
_UNDATED = date(1, 1, 1)
_FOREVER = datetime.max.replace(tzinfo=UTC)
_CHARS_MAX = {"subscriber": 100, "account": 253, "name": 300, "line": 60}
_LINE_ID_CHARS_MAX = 200
_POSTAL_CHARS_MAX, _POSTAL_LINES_MAX = 500, 6  # DIN 5008: six lines for the address, one of them the name
_LINE_KINDS = ("private", "business")
_FLAGS = {"yes": True, "no": False}
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # ITU-T E.164: fifteen digits at most
_BETWEEN_DIGITS = str.maketrans("", "", " -./()")

# RFC 5321 §4.1.2 without quoted local parts and address literals, RFC 5321 §4.5.3.1 for the lengths.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAIL = re.compile(rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}", re.ASCII)


class SubscribersRead(msgspec.Struct, frozen=True, kw_only=True):
    """What a file has brought: how many contracts stand now, and the rows that were left out."""

    file: str
    contracts: int = 0
    rejects: tuple[BadRow, ...] = ()
    already: bool = False  # the same file had been read before; nothing was done


class _Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """A row whose fields are all right."""

    row: Row
    subscriber: str
    account: str
    name: str
    email: str
    language: str
    zone: str
    line: str
    line_id: str | None
    starts_at: datetime
    ends_at: datetime | None
    phone: str | None
    postal_address: str | None
    line_kind: str | None
    care_alarm: bool | None
    medical: bool | None


def read_subscribers(
    book: Book, path: Path, *, languages: Collection[str], language: str, zone: str = "UTC"
) -> SubscribersRead:
    """Let this file say who all the subscribers are, unless it did so already.

    `languages` are those that letters are written in; a row in another, or in none, gets `language`, a row without a
    zone `zone`. Numbers of subscribers and accounts stay what they were. Raises BadRequest when the file cannot be
    read or its first line names no columns.
    """
    inputs = digest(str(RULES), file_digest(path), *sorted(languages), language, zone)
    with book.read() as tx:
        known = manifest.made_from(tx, "contracts").get(_UNDATED)
    if known is not None and known.inputs == inputs:
        return SubscribersRead(file=path.name, already=True)
    rejects: list[BadRow] = []
    parsed = _parse(path, rejects, frozenset(languages), (language, zone))
    kept = list(_undoubted(path.name, parsed, rejects))
    with book.write() as tx:
        accounts = add_accounts(tx, (each.account for each in kept))
        subscribers = add_subscribers(tx, (each.subscriber for each in kept))
        replace_contracts(tx, (_contract(each, subscribers, accounts) for each in kept))
        manifest.note_made(tx, "contracts", _UNDATED, Made(inputs, inputs[:40]))
    rejects.sort(key=lambda reject: reject.line)
    return SubscribersRead(file=path.name, contracts=len(kept), rejects=tuple(rejects))


def is_mail_address(text: str) -> bool:
    """Whether a notice may be sent there: an ordinary ASCII address with a domain of two labels or more."""
    return _MAIL.fullmatch(text) is not None


def _parse(
    path: Path, rejects: list[BadRow], languages: frozenset[str], defaults: tuple[str, str]
) -> Iterator[_Parsed]:
    zones: dict[str, bool] = {}
    for row in read_rows(path, _NEEDED, rejects):
        try:
            yield _parsed(row, languages, defaults, zones)
        except _WrongError as wrong:
            rejects.append(BadRow(path.name, row.line, wrong.reason, wrong.value[:200]))


class _WrongError(ValueError):
    def __init__(self, reason: str, value: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value


def _parsed(row: Row, languages: frozenset[str], defaults: tuple[str, str], zones: dict[str, bool]) -> _Parsed:
    for column, chars_max in _CHARS_MAX.items():
        if not 0 < len(row[column]) <= chars_max or not row[column].isprintable():
            raise _WrongError(f"not a {column} of 1 to {chars_max} printable characters", row[column])
    if len(row["line_id"]) > _LINE_ID_CHARS_MAX or not row["line_id"].isprintable():
        raise _WrongError(f"not a line_id of at most {_LINE_ID_CHARS_MAX} printable characters", row["line_id"])
    if not is_mail_address(row["email"]):
        raise _WrongError("not a mail address", row["email"])
    zone = row["zone"] or defaults[1]
    if not zones.setdefault(zone, _is_zone(zone)):
        raise _WrongError("not an IANA time zone", zone)
    starts_at, ends_at = _moment("starts_at", row) or BEGINNING, _moment("ends_at", row)
    if ends_at is not None and ends_at <= starts_at:
        raise _WrongError("it ends before it starts", row["ends_at"])
    language = row["language"].lower().replace("_", "-").partition("-")[0]
    return _Parsed(
        row=row,
        subscriber=row["subscriber"],
        account=row["account"],
        name=row["name"],
        email=row["email"],
        language=language if language in languages else defaults[0],
        zone=zone,
        line=row["line"],
        line_id=row["line_id"] or None,
        starts_at=starts_at,
        ends_at=ends_at,
        phone=_phone(row),
        postal_address=_postal_address(row),
        line_kind=_one_of("line_kind", row, _LINE_KINDS),
        care_alarm=_flag("care_alarm", row),
        medical=_flag("medical", row),
    )


def _phone(row: Row) -> str | None:
    """In E.164, whatever stands between the digits."""
    number = row["phone"].translate(_BETWEEN_DIGITS)
    if number and not _PHONE.fullmatch(number):
        raise _WrongError("not a telephone number that begins with + and the country", row["phone"])
    return number or None


def _postal_address(row: Row) -> str | None:
    """Its lines, with `|` between them; the name is not among them."""
    lines = [line.strip() for line in row["postal_address"].split("|") if line.strip()]
    told = "\n".join(lines)
    if (
        len(told) > _POSTAL_CHARS_MAX
        or len(lines) >= _POSTAL_LINES_MAX
        or not all(line.isprintable() for line in lines)
    ):
        what = f"not a postal_address of at most {_POSTAL_LINES_MAX - 1} lines and {_POSTAL_CHARS_MAX} characters"
        raise _WrongError(what, row["postal_address"])
    return told or None


def _one_of(column: str, row: Row, allowed: Collection[str]) -> str | None:
    value = row[column].lower()
    if value and value not in allowed:
        raise _WrongError(f"{column} is none of {', '.join(allowed)}", row[column])
    return value or None


def _flag(column: str, row: Row) -> bool | None:
    value = _one_of(column, row, tuple(_FLAGS))
    return None if value is None else _FLAGS[value]


def _moment(column: str, row: Row) -> datetime | None:
    try:
        return parse_moment(row[column]) if row[column] else None
    except ValueError as error:
        raise _WrongError(f"{column} is not an RFC 3339 moment with a zone", row[column]) from error


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        return False
    except KeyError:
        return False
    return True


def _undoubted(file: str, parsed: Iterable[_Parsed], rejects: list[BadRow]) -> Iterator[_Parsed]:
    """Those whose account is nobody else's at the time. Of equal rows one is kept; of overlapping ones none."""
    by_account: dict[str, list[_Parsed]] = defaultdict(list)
    for each in parsed:
        by_account[each.account].append(each)
    for account, rows in by_account.items():
        rows.sort(key=lambda each: (each.starts_at, each.row.line))
        alone = _without_copies(file, rows, rejects)
        doubtful = _overlapping(alone)
        for each in alone:
            if each.row.line in doubtful:
                others = ", ".join(str(line) for line in sorted(doubtful)[:5])
                rejects.append(
                    BadRow(file, each.row.line, f"contracts of one account overlap (lines {others})", account)
                )
            else:
                yield each


def _without_copies(file: str, rows: list[_Parsed], rejects: list[BadRow]) -> list[_Parsed]:
    first_by_fields: dict[tuple[object, ...], int] = {}
    kept = []
    for each in rows:
        fields = tuple(getattr(each, name) for name in _Parsed.__struct_fields__ if name != "row")
        first = first_by_fields.setdefault(fields, each.row.line)
        if first == each.row.line:
            kept.append(each)
        else:
            rejects.append(BadRow(file, each.row.line, f"the same contract as in line {first}", each.account))
    return kept


def _overlapping(rows: list[_Parsed]) -> set[int]:
    """The lines of those that overlap another, `rows` being in the order of their starts."""
    found: set[int] = set()
    furthest: _Parsed | None = None
    for each in rows:
        if furthest is not None and each.starts_at < (furthest.ends_at or _FOREVER):
            found |= {each.row.line, furthest.row.line}
        if furthest is None or (each.ends_at or _FOREVER) > (furthest.ends_at or _FOREVER):
            furthest = each
    return found


def _contract(each: _Parsed, subscribers: dict[str, int], accounts: dict[str, int]) -> Contract:
    return Contract(
        subscriber=subscribers[each.subscriber],
        account=accounts[each.account],
        name=each.name,
        email=each.email,
        language=each.language,
        zone=each.zone,
        line=each.line,
        line_id=each.line_id,
        starts_at=each.starts_at,
        ends_at=each.ends_at,
        **{name: getattr(each, name) for name in OPTIONAL},
    )
