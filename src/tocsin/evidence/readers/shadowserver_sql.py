"""The query that makes texts of a Shadowserver report's columns, once its header is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.evidence.readers.shadowserver_reports import Report
from tocsin.evidence.texts import RAW, TEXTS
from tocsin.terms.kinds import TAXONOMY_BY_KIND

_ABSENT = "('', '-', 'N/A')"
_RANGE = "'[0-9A-Fa-f:.]+/[0-9]{1,3}'"


class Selected(NamedTuple):
    """A query over the raw columns c0, c1, … that gives TEXTS, and what it wants of them."""

    select: str
    members: dict[str, str]  # those that no term has: kept in `extra`, under their own names
    least: int  # how many columns a record must have to say what it says


def select_texts(report: Report, columns: Sequence[str]) -> Selected:
    places = _Places(report, columns)
    sql = {term: f"c{place}" for term, place in places.by_term.items()}
    sql |= _constants(report) | _kind(report, places)
    sql["malware"], by_column = _malware(report, places)
    sql["protocol"] = _or_constant(sql.get("protocol"), report.transport)
    extra = [f"c{place}" for place in places.members]
    if by_column:
        extra.append(by_column)
    if "starts" in sql:  # then that is the moment, and what `timestamp` says must not be lost
        extra.append(f"CASE WHEN {sql['starts']} <> '' THEN concat(',\"timestamp\":', to_json({sql['moment']})) END")
    if not report.layout.address:
        sql["address"] = "'this report names none'"
    elif report.kind == "blacklist":  # of a range the first address, and the range beside it: it is but a lead
        whole = sql["address"]
        sql["address"] = (
            f"CASE WHEN regexp_full_match({whole}, {_RANGE}) THEN split_part({whole}, '/', 1) ELSE {whole} END"
        )
        extra.append(
            f"CASE WHEN regexp_full_match({whole}, {_RANGE}) THEN concat(',\"network\":', to_json({whole})) END"
        )
    sql["extra"] = f"'{{' || nullif(substr(concat({', '.join(extra)}), 2), '') || '}}'" if extra else "NULL"
    sql["line"] = "line"
    texts = ", ".join(f"{sql.get(name, _EMPTY)} AS {name}" for name, _ in TEXTS)
    members = {f"c{place}": columns[place] for place in places.members}
    return Selected(f"SELECT {texts} FROM {RAW}", members, places.least())


_EMPTY = "''"
_ESSENTIAL = ("moment", "starts", "ends", "address", "port", "protocol", "peer", "peer_port")


class _Places:
    """Where each term stands in a record, and which columns no term has: those are members of `extra`."""

    def __init__(self, report: Report, columns: Sequence[str]) -> None:
        first = {name: place for place, name in reversed(list(enumerate(columns)))}
        found = {
            term: next((first[name] for name in names if name in first), None)
            for term, names in report.layout.columns_by_term().items()
        }
        self.columns = columns
        self.by_term = {term: place for term, place in found.items() if place is not None}
        self.malware = [first[name] for name in report.layout.malware if name in first]
        self.tag = first.get("tag")
        self.application = first.get("application")
        known = {*self.by_term.values(), *self.malware[:1]}
        self.members = [place for place in range(len(columns)) if place not in known]

    def least(self) -> int:
        return 1 + max([*(place for term, place in self.by_term.items() if term in _ESSENTIAL), *self.malware])


def _constants(report: Report) -> dict[str, str]:
    constants = {
        "kind": report.kind,
        "taxonomy": TAXONOMY_BY_KIND[report.kind],
        "role": str(report.role),
        "proof": report.proof,
        "application": report.application.removeprefix("="),
    }
    return {term: _text(value) for term, value in constants.items()}


def _kind(report: Report, places: _Places) -> dict[str, str]:
    """What a record's tag makes of it, and over which application it came where the role depends on that."""
    sql: dict[str, str] = {}
    if report.proof == "talk":
        sql["application"] = _EMPTY if places.application is None else f"c{places.application}"
    tagged = report.tagged
    if tagged is not None and places.tag is not None:
        is_tagged = f"contains(lower(c{places.tag}), {_text(tagged.word)})"
        for term, then, other in (
            ("kind", tagged.kind, report.kind),
            ("taxonomy", TAXONOMY_BY_KIND[tagged.kind], TAXONOMY_BY_KIND[report.kind]),
            ("role", str(tagged.role), str(report.role)),
        ):
            sql[term] = f"CASE WHEN {is_tagged} THEN {_text(then)} ELSE {_text(other)} END"
    return sql


def _malware(report: Report, places: _Places) -> tuple[str, str | None]:
    """The first column that names it; the others stay in `extra`, where `malware_column` says which of them it was."""
    if not places.malware:
        return _EMPTY, None
    first, *others = places.malware
    name = f"CASE WHEN c{first} IN {_ABSENT} THEN '' ELSE c{first} END"
    if not others:
        return name, None
    names = [f"nullif({_member(place, places.columns[place])}, '-')" for place in others]
    says = [
        f'WHEN {name} IS NOT NULL THEN \',"malware_column":"{places.columns[place]}"\''
        for name, place in zip(names, others, strict=True)
    ]
    return (
        f"CASE WHEN c{first} NOT IN {_ABSENT} THEN c{first} ELSE coalesce({', '.join(names)}, '') END",
        f"CASE WHEN c{first} NOT IN {_ABSENT} THEN NULL {' '.join(says)} END",
    )


def _member(place: int, column: str) -> str:
    """The value of a member (`,"family":"…"`), NULL where it is empty."""
    return f"json_extract_string('{{' || nullif(substr(c{place}, 2), '') || '}}', '$.\"{column}\"')"


def _or_constant(column: str | None, constant: str) -> str:
    if not constant:
        return column or _EMPTY
    return f"CASE WHEN {column} = '' THEN {_text(constant)} ELSE {column} END" if column else _text(constant)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
