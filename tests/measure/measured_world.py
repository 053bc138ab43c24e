"""Cases that have lived, written straight into a book: days are days before NOW."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from tocsin.book import Book
from tocsin.book.tables import accounts, case_days, case_moves, cases, notice_cases, notices, subscribers
from tocsin.book.tables_desk import case_sources, verdicts
from tocsin.book.tables_followup import delivered_days
from tocsin.book.tables_garden import quarantines
from tocsin.book.tables_portal import statements

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class World:
    """Rows of each table; `write` puts them into a book in an order that its keys allow."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, object]]] = {}

    def case(
        self,
        number: int,
        *,
        opened: float,
        last: float,
        state: str,
        kind: str = "infected-system",
        malware: str = "mirai",
        actor: str = "tocsin",
        subscriber: int | None = None,
        sources: Sequence[str] = ("cert",),
        remarks: Sequence[str] = (),
        reason: str = "so",
    ) -> None:
        """One case of one subscriber; `actor` brought it into its state, `remarks` are who else wrote into it."""
        whose = subscriber or number
        opened_at, last_at = NOW - opened * DAY, NOW - last * DAY
        shared = {"kind": kind, "malware": malware, "state": state, "sightings": 3}
        name = f"C-{number}"
        self._add("subscribers", number=whose, ref=f"K-{whose}")
        seen = {"first_at": opened_at, "last_at": last_at}
        self._add(
            "cases", case=name, subscriber=whose, role="infected", opened_at=opened_at, changed_at=NOW, **shared, **seen
        )
        for place, who in enumerate((*remarks, actor), 1):
            self._add("case_moves", case=name, number=place, at=NOW - DAY, state=state, actor=who, reason=reason)
        for source in sources:
            self._add("case_sources", case=name, source=source, opened_at=opened_at, last_at=last_at, **shared)
        day = {"day": last_at.date(), "source": "cert", "account": whose, "log": "radius", "sightings": 3}
        facts = {"last_sighting": "x", "observers": "[]", "generation": "g", "address": f"192.0.2.{whose % 250}"}
        key = {"subscriber": whose, "kind": kind, "malware": malware, "role": "infected"}
        self._add("case_days", **key, **day, **seen, **facts)

    def notice(
        self,
        number: int,
        *,
        decided: float,
        state: str,
        language: str = "en",
        channel: str = "mail",
        version: str | None = None,
        has_left: bool = True,
    ) -> None:
        """A notice about case `number`."""
        name, at = f"N-{len(self.rows.get('notices', [])):016}", NOW - decided * DAY
        whose = next(row["subscriber"] for row in self.rows["cases"] if row["case"] == f"C-{number}")
        self._add(
            "notices",
            notice=name,
            subscriber=whose,
            decided_at=at,
            expires_at=at + 30 * DAY,
            facts=f'{{"language":"{language}","name":"Asha"}}',
            code_sha256=name,
            state=state,
            channel=channel,
            letter_version=version,
            message_id=f"<{name}@isp.example>" if has_left else None,
        )
        self._add("notice_cases", notice=name, case=f"C-{number}")

    def stay(self, number: int, *, starts: float, released: float | None) -> None:
        """Case `number` was in the garden."""
        whose = next(row["subscriber"] for row in self.rows["cases"] if row["case"] == f"C-{number}")
        self._add(
            "quarantines",
            quarantine=f"Q-{number}",
            case=f"C-{number}",
            subscriber=whose,
            account=whose,
            state="active" if released is None else "released",
            asked_at=NOW - starts * DAY,
            asked_by="tocsin",
            reason="so",
            by_person=True,
            starts_at=NOW - starts * DAY,
            released_at=None if released is None else NOW - released * DAY,
            tries=1,
        )

    def delivered(self, source: str, days: Iterable[int]) -> None:
        """On these days, counted back from NOW, the source told of something."""
        for day in days:
            self._add("delivered_days", source=source, day=(NOW - day * DAY).date(), sightings=1)

    def objection(self, number: int, *, kind: str = "objection") -> None:
        """Said of the first notice of case `number`."""
        notice = next(row["notice"] for row in self.rows["notice_cases"] if row["case"] == f"C-{number}")
        said = f"said {len(self.rows.get('statements', []))}"
        self._add("statements", notice=notice, at=NOW, kind=kind, text=said, proven_by="code")

    def wrong(self, number: int, source: str, *, lifted_at: datetime | None = None) -> None:
        """A person found that source wrong about case `number`."""
        told = {"verdict": "false-positive", "sightings": 3, "at": NOW, "actor": "asha", "reason": "so"}
        self._add("verdicts", case=f"C-{number}", source=source, lifted_at=lifted_at, **told)

    def write(self, book: Book) -> None:
        """All of it, in one transaction."""
        tables = (subscribers, accounts, cases, case_moves, case_sources, case_days, notices, notice_cases)
        with book.write() as tx:
            for table in (*tables, statements, verdicts, quarantines, delivered_days):
                if rows := self.rows.get(table.name):
                    tx.execute(table.insert(), rows)

    def _add(self, table: str, **row: object) -> None:
        rows = self.rows.setdefault(table, [])
        if table != "subscribers" or row not in rows:
            rows.append(row)
