"""A provider in a few lines: who lives there, what the logs and the feeds say, and what became of it in the maildir.

    scene = scenes(ISP())
    scene.household("anna")
    scene.online("anna", "198.51.100.7", "01:00", "05:00")
    scene.sinkhole("03:16:38", "198.51.100.7")
    scene.run("14:00")
    assert scene.told() == [("anna", "198.51.100.7")]

Everything goes through the files that a provider has and through the whole chain. Every scene begins on Monday, with
one run behind it (on Sunday at 23:30) that has met every source and log. Two access servers report every ten minutes,
so that the log is whole, unless the scene says otherwise. A record is written when its moment has come: a session may
be told whole, and each run finds what has happened of it by then.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from tests.scenes import feeds, radius
from tests.scenes.feeds import Row
from tests.scenes.letters import Letter, letters_in
from tests.scenes.moments import moment, zulu
from tocsin.book import audit, holds, notices
from tocsin.book import cases as book_cases
from tocsin.book.audit import Entry
from tocsin.book.cases import Move
from tocsin.book.holds import Hold
from tocsin.book.notices import Notice
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.release import release_holds
from tocsin.pipeline.run import Report, run
from tocsin.terms.addresses import format_address

V4, STATIC_V4, V6, V6_LATE = "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "2001:db8:f::/48"
_FIRST_RECORD, _FIRST_RUN = moment("Sun 22:00"), moment("Sun 23:30")
_HEARTBEAT = timedelta(minutes=10)
_SECOND_LOG = f'[[logs]]\nname = "six"\nreader = "freeradius"\npaths = ["six/detail-*"]\nprefixes = ["{V6_LATE}"]\n'
_ALWAYS = moment("2020-01-01 00:00")
_MORE = ("phone", "postal_address", "line_kind", "care_alarm", "medical")
_CONTRACT = f"subscriber,account,name,email,language,zone,line,line_id,starts_at,ends_at,{','.join(_MORE)}\n"
_ASSIGNMENT = "network,account,port_first,port_last,protocol,starts_at,ends_at\n"


class ISP(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says. `sources` are (name, trust); `later` names those that the Sunday run has not met."""

    sources: tuple[tuple[str, str], ...] = (("cert", "known"),)
    later: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    lines_share_accounts: bool = False
    gap_s_max: int = 1_800
    second_log: bool = False  # another log, `six`, of which the Sunday run has seen nothing: it speaks for V6_LATE
    notices: tuple[tuple[str, object], ...] = (("send", True), ("share_max", 1.0))

    def text(self) -> str:
        parts = [
            'data = "data"\n[issuer]\nname = "Scene Net"\ndomain = "isp.example"\nmail_from = "abuse@isp.example"\n',
            f'[provider]\nprefixes = ["{V4}", "{STATIC_V4}", "{V6}"]\n',
            f"shared_prefixes = {list(self.shared)}\n".replace("'", '"'),
            f"lines_share_accounts = {str(self.lines_share_accounts).lower()}\n",
            *(
                f'[[sources]]\nname = "{name}"\ntitle = "{name.title()} of Example"\ntrust = "{trust}"\n'
                f'paths = ["feeds/{name}/*"]\n'
                for name, trust in self.sources
            ),
            f'[[logs]]\nname = "radius"\nreader = "freeradius"\npaths = ["radius/detail-*"]\n'
            f'prefixes = ["{V4}", "{V6}"]\n'
            f"interim_s = {radius.INTERIM_S}\ngap_s_max = {self.gap_s_max}\n",
            f'[[logs]]\nname = "static"\nreader = "static"\npaths = ["static.csv"]\nprefixes = ["{STATIC_V4}"]\n',
            _SECOND_LOG if self.second_log else "",
            '[subscribers]\npaths = ["subscribers.csv"]\n[networks]\npaths = ["prefixes.csv"]\n[notices]\n',
            *(f"{name} = {str(value).lower()}\n" for name, value in self.notices),
        ]
        return "".join(parts)


class CaseSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the desk sees it, with the reasons of its moves."""

    who: str
    case: str
    kind: str
    state: str
    sightings: int
    reasons: tuple[str, ...]


class Scene:
    """One provider's life in `folder`. Methods that add to it write nothing until the next run."""

    def __init__(self, folder: Path, isp: ISP) -> None:
        self.folder, self.isp = folder, isp
        self.now = _FIRST_RUN
        self._contracts: dict[str, list[str]] = {}
        self._assignments = ["203.0.113.254,keeper,,,,,\n"]
        self._records: dict[str, list[str]] = {}
        self._rows: dict[tuple[str, str], list[Row]] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self._silent: list[tuple[datetime, datetime]] = []
        self._heard_at = _FIRST_RECORD - _HEARTBEAT
        self._files = 0
        self.report: Report

    # --- who lives there ---

    def household(
        self,
        name: str,
        *,
        account: str | None = None,
        since: str = "",
        until: str = "",
        line_id: str = "",
        language: str = "en",
        email: str | None = None,
        **more: str,
    ) -> None:
        """A contract; its mail goes to `name`@post.example. Said again it stands beside the first.

        `more` are the columns that need not be there: a telephone number, what hangs on the line.
        """
        starts_at, ends_at = (zulu(moment(text)) if text else "" for text in (since, until))
        line = f"00-5550-{len(self._contracts) + 1:04}"
        email = f"{name}@post.example" if email is None else email
        row = f"C-{name},{account or login(name)},{name.title()} Example,{email},{language},UTC,{line},{line_id}"
        told = ",".join(more.get(column, "") for column in _MORE)
        self._contracts.setdefault(name, []).append(f"{row},{starts_at or zulu(_ALWAYS)},{ends_at},{told}\n")

    def forget(self, name: str) -> None:
        """The household's contracts are struck from the file."""
        del self._contracts[name]

    def assigned(
        self, network: str, name: str, *, ports: tuple[int, int] | None = None, protocol: str = "", since: str = ""
    ) -> None:
        """A static assignment."""
        first, last = ports or ("", "")
        starts_at = zulu(moment(since)) if since else ""
        self._assignments.append(f"{network},{login(name)},{first},{last},{protocol},{starts_at},\n")

    # --- what the access servers write ---

    def online(self, name: str, address: str, at: str, until: str, **more: object) -> None:
        """A whole session: Start, interims, Stop; see radius.session_records for what can be otherwise."""
        log = str(more.pop("log", "radius"))
        told = {"account": login(name), "session": f"{name}-{at}", **_addressed(address), **more}
        self.write(*radius.session_records(moment(at), moment(until), **told), log=log)  # type: ignore[arg-type]

    def says(self, status: str, at: str, name: str, address: str, **more: object) -> None:
        """One record. Moments in `more` (`began_at`, `arrived_at`, `header_at`) are written as in all of a scene."""
        times: dict[str, object] = {
            key: moment(str(more.pop(key))) for key in ("began_at", "arrived_at", "header_at") if key in more
        }
        told: dict[str, Any] = {"account": login(name), "session": name, **_addressed(address), **times, **more}
        self.write(radius.record(status, moment(at), **told))

    def write(self, *records: str, log: str = "radius") -> None:
        self._records.setdefault(log, []).extend(records)

    def silent(self, since: str, until: str) -> None:
        """No access server says anything by itself in this time."""
        self._silent.append((moment(since), moment(until)))

    # --- what the sources tell ---

    def bring(self, report: str, *rows: Row, source: str = "cert") -> None:
        self._rows.setdefault((source, report), []).extend(rows)

    def bring_text(self, name: str, text: str, *, source: str = "cert") -> None:
        """A file as it is."""
        self._texts[source, name] = text

    def sinkhole(self, at: str, address: str, *, source: str = "cert", **more: object) -> None:
        self.bring("event4_sinkhole", feeds.sinkhole(moment(at), address, **more), source=source)  # type: ignore[arg-type]

    # --- what happens ---

    def run(self, at: str, *, log_until: str | None = None) -> Report:
        """Write what has come, and take everything one step on; the log's last record is at `log_until`, else now."""
        self.come(at, log_until=log_until)
        with self.house() as house:
            self.report = run(house, Progress())
        return self.report

    def come(self, at: str, *, log_until: str | None = None) -> None:
        """It is `at`, and what has happened until then lies in its files."""
        self.now = moment(at)
        self._heartbeat(moment(log_until) if log_until else self.now)
        self._write_files()

    def release(self) -> list[Hold]:
        """What `tocsin notify --release` does before it plans again."""
        with self.house() as house:
            return release_holds(house, reason="looked at")

    def house(self) -> House:
        return House.open(config_file=self.folder / "tocsin.toml", data=None, now=self.now)

    # --- what became of it ---

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def letters(self) -> list[Letter]:
        return letters_in(self.data / "outbox")

    def told(self) -> list[tuple[str, str]]:
        """Who has been written to about which address."""
        return sorted(letter.told for letter in self.letters())

    def withheld(self) -> dict[str, int]:
        """In the last run: subscribers without a notice, by reason."""
        return dict(self.report.notified.withheld)

    def outcomes(self) -> dict[str, str]:
        """`outcome: reason` of each address seen; where one was seen more than once, they must agree."""
        found: dict[str, str] = {}
        with self.house() as house:
            sql = (
                "SELECT s.address, a.outcome, a.reason FROM "
                f"{house.lake.scan('sightings')} s JOIN {house.lake.scan('attributions')} a ON a.sighting = s.id"
            )
            for address, outcome, reason in house.lake.engine.rows(sql):
                said = f"{outcome!s}: {reason!s}"
                assert found.setdefault(format_address(address), said) == said  # type: ignore[arg-type]
        return found

    def outcome(self) -> str:
        """Of the only address that was seen."""
        ((_, said),) = self.outcomes().items()
        return said

    def cases(self) -> list[CaseSeen]:
        with self.house() as house, house.book.read() as tx:
            rows = book_cases.case_rows(tx)
            moves: dict[str, list[Move]] = {}
            for move in book_cases.moves_of(tx, [row.case for row in rows]):
                moves.setdefault(move.case, []).append(move)
        seen = [
            CaseSeen(
                who=row.subscriber.removeprefix("C-"),
                case=row.case,
                kind=row.kind,
                state=row.state,
                sightings=row.sightings,
                reasons=tuple(move.reason for move in moves[row.case]),
            )
            for row in rows
        ]
        return sorted(seen, key=lambda case: (case.who, case.kind))

    def states(self) -> dict[str, str]:
        """Each household's only case."""
        return {case.who: case.state for case in self.cases()}

    def notices(self) -> list[Notice]:
        with self.house() as house, house.book.read() as tx:
            return notices.in_state(tx, "decided", "queued", "sent", "refused", "uncertain")

    def holds(self) -> list[Hold]:
        with self.house() as house, house.book.read() as tx:
            return holds.every(tx)

    def audit(self) -> list[Entry]:
        with self.house() as house, house.book.read() as tx:
            assert audit.verify(tx)[1] is None
            return list(audit.entries(tx))

    def rejects(self) -> list[str]:
        with self.house() as house:
            rows = house.lake.engine.rows(f"SELECT reject FROM {house.lake.scan('rejects')} ORDER BY 1")
        return [str(reject) for (reject,) in rows]

    def count(self, table: str) -> int:
        with self.house() as house:
            ((rows,),) = house.lake.engine.rows(f"SELECT count(*) FROM {house.lake.scan(table)}")
        return int(str(rows))

    # --- the files ---

    def _heartbeat(self, until: datetime) -> None:
        at = self._heard_at + _HEARTBEAT
        while at <= until:
            if not any(first <= at < last for first, last in self._silent):
                for place, nas in enumerate(radius.NASES):
                    told: dict[str, Any] = {"account": "keeper", "session": "k", "nas": nas}
                    told |= _addressed(f"198.51.100.{250 + place}")
                    self.write(radius.record("Interim-Update", at, began_at=_FIRST_RECORD - _HEARTBEAT, **told))
            self._heard_at = at
            at += _HEARTBEAT

    def _write_files(self) -> None:
        self._files += 1
        folder = self.folder
        due = {
            log: [each for each in records if _arrived_at(each) <= self.now] for log, records in self._records.items()
        }
        for log, records in due.items():
            if records:
                _write(folder / log / f"detail-{self._files}", "".join(records))
        for (source, report), rows in self._rows.items():
            name = f"2026-11-23-{report}-example-asn{self._files}.csv"
            _write(folder / "feeds" / source / name, feeds.text_of(feeds.COLUMNS[report], rows))
        for (source, name), text in self._texts.items():
            _write(folder / "feeds" / source / name, text)
        _write(
            folder / "subscribers.csv", _CONTRACT + "".join(row for rows in self._contracts.values() for row in rows)
        )
        _write(folder / "static.csv", _ASSIGNMENT + "".join(self._assignments))
        self._records = {
            log: [each for each in records if _arrived_at(each) > self.now] for log, records in self._records.items()
        }
        self._rows, self._texts = {}, {}


def login(name: str) -> str:
    """The account of a household; a name with `@` is one already."""
    return name if "@" in name or name == "keeper" else f"{name}@isp.example"


def _addressed(address: str) -> Mapping[str, str]:
    """IPv4, a delegated /56, or any other IPv6 prefix, under the attribute that carries it."""
    if not address:
        return {}
    if ":" not in address:
        return {"Framed_IP_Address": address}
    return {"Delegated_IPv6_Prefix" if address.endswith("/56") else "Framed_IPv6_Prefix": address}


def _arrived_at(record: str) -> datetime:
    """What a record says of its arrival: it is written when that moment has come."""
    return datetime.fromtimestamp(int(record.rpartition("\tTimestamp = ")[2]), UTC)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def found(folder: Path, isp: ISP) -> Scene:
    """A new provider, with keys, after its run on Sunday."""
    scene = Scene(folder, isp)
    _write(folder / "tocsin.toml", isp.text())
    _write(folder / "prefixes.csv", f"prefix,origin,country,abuse_contact\n{V4},64500,JP,abuse@isp.example\n")
    with scene.house() as house:
        make_keys(house.data / "keys", house.issuer, _FIRST_RUN - timedelta(days=30))
    for source, _ in isp.sources:
        if source not in isp.later:
            scene.bring("event4_sinkhole", source=source)
    scene.run("Sun 23:30")
    return scene


def copied(template: Scene, folder: Path) -> Scene:
    """The same provider in another folder."""
    shutil.copytree(template.folder, folder)
    scene = Scene(folder, template.isp)
    scene._heard_at, scene._files = template._heard_at, template._files
    return scene
