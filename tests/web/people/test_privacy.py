"""Everything about a household is handed over, and erased, with nobody else wronged; what is old enough goes."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.web.demo_site import NOW
from tests.web.people.erasing import REF
from tocsin.book import audit, subject
from tocsin.book.schema import metadata
from tocsin.book.tables import case_days, cases, evidence, notices, subscribers
from tocsin.lake import TABLES
from tocsin.pipeline.dump import dump
from tocsin.pipeline.house import House
from tocsin.pipeline.looks import look_who
from tocsin.pipeline.privacy import erase, export, retention
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import run
from tocsin.terms.addresses import parse_address
from tocsin.terms.errors import BadRequest
from tocsin.web.shared.site import Site

LOGIN, NAME, MAIL, ADDRESS = "u01@isp.example", "Robin Example 0", "robin0@post.example", "198.51.100.11"
ROOT = Path(__file__).parents[3]


def house_of(site: Site, **later: float) -> House:
    return House(site.config, site.config_file, site.data, NOW + timedelta(minutes=10, **later))


def lines_of(house: House) -> list[dict[str, object]]:
    return [json.loads(line) for line in dump(house.book, house.lake, house.maildir)]


def test_an_export_holds_everything_and_says_who_looked(site: Site) -> None:
    with house_of(site) as house:
        look_who(
            house, parse_address(ADDRESS), at=NOW - timedelta(hours=5), port=40_001, protocol="tcp", reason="a call"
        )
        body = export.export(house, REF, reason="asked for by letter")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert packed.testzip() is None
        told = json.loads(packed.read("subscriber.json"))
        mails = [name for name in packed.namelist() if name.endswith(".eml")]
    assert told["accounts"] == [LOGIN]
    assert {"subscribers", "contracts", "cases", "case_days", "case_moves", "notices"} <= set(told["book"])
    assert len(mails) == len(told["book"]["notices"]) >= 1
    assert {row["address"] for row in told["sightings"]} == {ADDRESS}
    assert {row["account"] for row in told["bindings"]} == {LOGIN}
    assert {(line["action"], line["reason"]) for line in told["audit"]} >= {
        ("who", "a call"),
        ("export", "asked for by letter"),
    }
    others = [f"u{number:02}@" for number in range(2, 7)]
    assert not any(other in json.dumps(told) for other in others)


@pytest.mark.parametrize(("ref", "reason"), [("K-77", "a letter"), (REF, " ")])
def test_nobody_and_no_reason_are_refused(sqlite_site: Site, ref: str, reason: str) -> None:
    with house_of(sqlite_site) as house:
        with pytest.raises(BadRequest):
            export.export(house, ref, reason=reason)
        with pytest.raises(BadRequest):
            erase.ask(house, ref, reason=reason)


def test_erasing_leaves_nothing_of_the_one_and_everything_of_the_others(site: Site) -> None:
    with house_of(site) as house:
        look_who(
            house, parse_address(ADDRESS), at=NOW - timedelta(hours=5), port=40_001, protocol="tcp", reason="a call"
        )
        before = lines_of(house)
        number = _number(house, REF)
        erased = erase.finish(house, erase.ask(house, REF, reason="asked for by letter"))
        assert erased.sightings > 0
        after = lines_of(house)
        text = json.dumps(after)
        assert not [each for each in (LOGIN, NAME, MAIL, f'"{REF}"') if each in text]
        assert not [row for row in after if row["table"] == "attributions" and row.get("subscriber") == number]
        assert [row for row in before if row["table"] == "attributions" and row.get("subscriber") not in (number,)] == [
            row for row in after if row["table"] == "attributions"
        ]
        assert _events(before) == _events(after)
        for table in metadata.sorted_tables:  # nothing refers to them any more
            with house.book.read() as tx:
                condition = subject.dependents(subscribers, subscribers.c.number == number).get(table)
                if condition is not None and table.name != "subscribers":
                    assert tx.execute(sa.select(sa.func.count()).select_from(table).where(condition)).scalar_one() == 0
        with house.book.read() as tx:
            assert audit.verify(tx)[1] is None
            mine = [entry for entry in audit.entries(tx) if entry.action in {"who", "erase"}]
        assert [entry.object[0] for entry in mine] == ["~", "~"]
    known = {row["path"] for row in after if row["table"] == "files"}
    lake = site.data / "lake"
    there = {path.relative_to(lake).as_posix() for table in erase.TABLES for path in (lake / table).rglob("*.parquet")}
    assert there <= known


def _keep_flow(house: House, sighting: str, day: date) -> None:
    """A flow behind that sighting, as `tocsin detect --lake` keeps it."""
    known = {"sighting": f"'{sighting}'::UUID", "at": f"TIMESTAMP '{day}'", "caller": f"address_of('{ADDRESS}')"}
    columns = ", ".join(f'{known.get(name, "NULL")} AS "{name}"' for name, _ in TABLES["flows"].columns)
    with house.lake.writing("flows") as writing:
        batch = writing.batch(f"flows-{sighting}", kind="flows", at=house.now)
        batch.add("flows", day, f"SELECT {columns}")
        batch.commit()


def test_flows_behind_a_sighting_are_handed_over_with_it_and_go_with_it(sqlite_site: Site) -> None:
    with house_of(sqlite_site) as house:
        number = _number(house, REF)
        rows = [row for row in lines_of(house) if row["table"] == "attributions"]
        mine = next(row for row in rows if row.get("subscriber") == number)
        other = next(row for row in rows if row.get("subscriber") not in (number, None))
        for row in (mine, other):
            _keep_flow(house, str(row["sighting"]), date.fromisoformat(str(row["seen_at"])[:10]))
        with zipfile.ZipFile(io.BytesIO(export.export(house, REF, reason="asked for by letter"))) as packed:
            told = json.loads(packed.read("subscriber.json"))
        assert [(flow["sighting"], flow["caller"]) for flow in told["flows"]] == [(mine["sighting"], ADDRESS)]
        erase.finish(house, erase.ask(house, REF, reason="asked for by letter"))
        left = [row["sighting"] for row in lines_of(house) if row["table"] == "flows"]
    assert left == [other["sighting"]]


def test_a_run_after_an_erasure_finds_nobody_in_their_place(site: Site) -> None:
    with house_of(site) as house:
        number = _number(house, REF)
        erase.finish(house, erase.ask(house, REF, reason="asked for by letter"))
        with house.book.read() as tx:
            others = tx.execute(sa.select(cases.c.case, cases.c.subscriber).order_by(cases.c.case)).all()
    with house_of(site, hours=1) as house:
        run(house, Progress())
        answer = look_who(
            house, parse_address(ADDRESS), at=NOW - timedelta(hours=5), port=40_001, protocol="tcp", reason="a call"
        )
        assert (answer.outcome, answer.subscriber) == ("no-binding", None)
        with house.book.read() as tx:
            assert tx.execute(sa.select(cases.c.case, cases.c.subscriber).order_by(cases.c.case)).all() == others
            assert not tx.execute(sa.select(case_days.c.day).where(case_days.c.subscriber == number)).all()


def test_an_erasure_that_is_killed_anywhere_is_finished_by_whoever_comes_next(
    demo_folder: Path, tmp_path: Path
) -> None:
    demo = shutil.copytree(demo_folder, tmp_path / "demo")
    words = [sys.executable, "-m", "tests.web.people.erasing", str(demo), "3"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) > 20


def test_what_is_old_enough_goes_and_nothing_else(site: Site) -> None:
    with house_of(site) as house:
        before = lines_of(house)
        assert retention.retain(house).lake_days == 0
        assert [row for row in lines_of(house) if row["table"] != "sessions"] == before
    with house_of(site, days=800) as house:
        with house.book.write() as tx:
            tx.execute(cases.update().values(state="closed"))
        removed = retention.retain(house)
        assert removed.lake_days > 0
        assert removed.cases > 0
        assert removed.evidence > 0
        left = {str(row["table"]) for row in lines_of(house)}
        assert not left & {"sightings", "pieces", "cases", "case_days", "notice_cases", "notices"}
        assert {"subscribers", "contracts", "evidence", "audit"} <= left
        with house.book.read() as tx:
            kept = tx.execute(sa.select(evidence.c.sha256)).scalars().all()
            assert not tx.execute(sa.select(notices.c.notice)).all()
        assert kept
        assert retention.retain(house) == retention.Removed()


def _number(house: House, ref: str) -> int:
    with house.book.read() as tx:
        number = subject.number_of(tx, ref)
    assert number is not None
    return number


def _events(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """Lease events and bindings but for whose they were."""
    return sorted(
        (
            {name: value for name, value in row.items() if name not in {"account", "line"}}
            for row in lines
            if row["table"] in {"lease_events", "bindings", "coverage"}
        ),
        key=str,
    )
