"""The list of cases as it stands in an address: read from it, written back to it. What cannot be read is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from tocsin.book.case_list import Place, Sort, Wanted
from tocsin.cases.moves import OVER, State
from tocsin.terms.moments import format_moment, parse_moment

TEXT_MAX = 300
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
SEEN_DAYS = (1, 7, 30, 90)
OPEN_DAYS = (7, 30, 90, 365)
GROUPS: Mapping[str, tuple[State, ...]] = {  # what a tab of the list holds
    "active": tuple(state for state in State if state not in (*OVER, State.FALSE)),
    **{str(state): (state,) for state in State},
    "all": tuple(State),
}


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked the list for; '' and 0 are nothing."""

    state: str = "active"
    kind: str = ""
    malware: str = ""
    source: str = ""
    seen: int = 0  # last seen within so many days
    open: int = 0  # opened longer than so many days ago
    sort: Sort = Sort.SEEN
    rising: bool = False
    q: str = ""

    def wanted(self, now: datetime) -> Wanted:
        return Wanted(
            states=tuple(str(state) for state in GROUPS[self.state]),
            kind=self.kind or None,
            malware=self.malware or None,
            source=self.source or None,
            seen_since=now - timedelta(days=self.seen) if self.seen else None,
            opened_until=now - timedelta(days=self.open) if self.open else None,
            sort=self.sort,
            descending=not self.rising,
        )

    def text(self, **changed: object) -> str:
        """As it stands after the question mark, with these changed; what is usual is left out."""
        values = {**msgspec.structs.asdict(self), **changed}
        usual = msgspec.structs.asdict(Query())
        kept = [(name, _written(value)) for name, value in values.items() if value != usual.get(name) and value]
        return urlencode(kept)

    def link(self, **changed: object) -> str:
        text = self.text(**changed)
        return f"/cases?{text}" if text else "/cases"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kind or self.malware or self.source or self.seen or self.open)


def read_query(pairs: Iterable[tuple[str, str]]) -> Query:
    """Whatever stands in the address. An unknown value is as none."""
    said = {name: value.strip()[:TEXT_MAX].replace("\0", "") for name, value in pairs}
    state, sort = said.get("state", ""), said.get("sort", "")
    return Query(
        state=state if state in GROUPS else "active",
        kind=said.get("kind", ""),
        malware=said.get("malware", ""),
        source=said.get("source", ""),
        seen=_one_of(said.get("seen", ""), SEEN_DAYS),
        open=_one_of(said.get("open", ""), OPEN_DAYS),
        sort=Sort(sort) if sort in list(Sort) else Sort.SEEN,
        rising=said.get("rising", "") == "1",
        q=said.get("q", ""),
    )


def write_place(place: Place | None) -> str:
    """Where a page begins, for a link; '' for nowhere."""
    if place is None:
        return ""
    value = format_moment(place.value) if isinstance(place.value, datetime) else str(place.value)
    return f"{value}~{place.case}"


def read_place(text: str | None, sort: Sort) -> Place | None:
    """The place in a link; nowhere, where it is none of that order."""
    value, _, case = (text or "")[:80].partition("~")
    if not case:
        return None
    if sort is Sort.SIGHTINGS:
        return Place(int(value), case) if _NUMBER.fullmatch(value) else None
    try:
        return Place(parse_moment(value), case)
    except ValueError:
        return None


def _one_of(text: str, allowed: tuple[int, ...]) -> int:
    return int(text) if text in {str(each) for each in allowed} else 0


def _written(value: object) -> str:
    return "1" if value is True else str(value)
