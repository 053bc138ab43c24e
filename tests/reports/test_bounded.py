"""However much there is to tell: one group in memory at a time, with a named most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

import pytest

from tests.witness.report_world import NOW
from tocsin.notices.reports.group import ADDRESSES_MAX, OFFENCES_MAX, Group
from tocsin.pipeline.reported import Told
from tocsin.pipeline.reporting import Due
from tocsin.pipeline.reportsection import Constituent, ReportSection, Wish


class Rows:
    """Rows as the lake gives them; `taken` says how many were asked for."""

    def __init__(self, *rows: Told) -> None:
        self.rows, self.taken = rows, 0

    def by_contact(self) -> Iterator[Told]:
        for each in self.rows:
            self.taken += 1
            yield each

    def of_constituent(self, this: Constituent) -> Iterator[Told]:
        yield from self.rows if this.name == "all" else ()


def row(number: int, contact: str | None = "abuse@one.example", malware: str = "mirai", sure: int = 50) -> Told:
    return Told(
        address=UUID(int=0xFFFF_C000_0200 + number),
        sighting=UUID(int=number),
        kind="infected-system",
        taxonomy="malicious-code",
        role="infected",
        first_at=NOW - timedelta(hours=1),
        last_at=NOW,
        sightings=1,
        confidence=sure,
        abuse_contact=contact,
        malware=malware,
    )


def groups(rows: Rows, **section: object) -> tuple[Due, list[Group]]:
    due = Due(ReportSection(**section), rows)  # type: ignore[arg-type]
    return due, list(due.groups())


@pytest.mark.parametrize(("addresses", "sizes"), [(ADDRESSES_MAX, [200]), (ADDRESSES_MAX + 1, [200, 1])])
def test_more_addresses_than_a_report_holds_go_into_the_next(addresses: int, sizes: list[int]) -> None:
    _, found = groups(Rows(*map(row, range(addresses))))
    assert [len(group.offences) for group in found] == sizes


def test_more_rows_than_a_report_holds_go_into_the_next_and_an_address_stays_together() -> None:
    many = [row(1, malware=f"m{each}") for each in range(OFFENCES_MAX - 1)]
    _, found = groups(Rows(*many, row(2, malware="a"), row(2, malware="b")))
    assert [len(group.offences) for group in found] == [OFFENCES_MAX - 1, 2]


def test_what_one_address_does_beyond_the_most_is_counted() -> None:
    due, found = groups(Rows(*(row(1, malware=f"m{each}") for each in range(OFFENCES_MAX + 3))))
    assert [len(group.offences) for group in found] == [OFFENCES_MAX]
    assert due.cut == 3


def test_a_group_is_made_when_it_is_asked_for_and_not_before() -> None:
    rows = Rows(*(row(each) for each in range(ADDRESSES_MAX * 5)))
    due = Due(ReportSection(), rows)  # type: ignore[arg-type]
    assert len(list(islice(due.groups(), 1))) == 1
    assert rows.taken <= ADDRESSES_MAX + 2


def test_what_is_not_told_is_counted() -> None:
    rows = Rows(
        row(1, "abuse@a.example", sure=10),
        row(2, "abuse@a.example"),
        row(3, "abuse@b.example"),
        row(4, None),
        row(4, None, "other"),
        row(5, None),
    )
    wishes = (Wish(mail="abuse@a.example", confidence=50), Wish(mail="abuse@b.example", silent=True))
    due, found = groups(rows, contacts=wishes)
    assert [group.contact.mail for group in found] == ["abuse@a.example"]
    assert (due.doubted, due.silent, due.nobody, due.cut) == (1, 1, 2, 0)


def test_a_constituent_gets_what_it_subscribed_to_whoever_the_contact_is() -> None:
    who = [Constituent(name=name, mail=f"soc@{name}.example", asns=(64500,)) for name in ("all", "none")]
    _, found = groups(Rows(row(1, None), row(2, None)), constituents=tuple(who))
    assert [(group.contact.mail, len(group.offences)) for group in found] == [("soc@all.example", 2)]
