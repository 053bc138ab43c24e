"""A real FreeRADIUS writes the logs that we read: Debian's package, on loopback, with radclient as the NAS."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.real.radius import INSTALLED, SESSION, WHY_NOT, account
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import TABLES, LogRead, read_log
from tocsin.book.accounts import numbers_of
from tocsin.evidence.settle import window_at
from tocsin.evidence.store import keep
from tocsin.lake import Lake

pytestmark = pytest.mark.skipif(not INSTALLED, reason=WHY_NOT)

_DOCS = Path(__file__).parents[2] / "docs" / "bindings.md"
_MAIN = Path("/etc/freeradius/3.0/mods-config/sql/main/sqlite")
_DETAIL = """detail {{
  filename = {folder}/detail
  header = "%t"
  permissions = 0600
  locking = no
}}
"""
_SQL = """sql {{
  driver = "rlm_sql_sqlite"
  dialect = "sqlite"
  sqlite {{
    filename = {folder}/radius.db
  }}
  radius_db = "radius"
  acct_table1 = "radacct"
  acct_table2 = "radacct"
  postauth_table = "radpostauth"
  client_table = "nas"
  authcheck_table = "radcheck"
  authreply_table = "radreply"
  usergroup_table = "radusergroup"
  groupcheck_table = "radgroupcheck"
  groupreply_table = "radgroupreply"
  group_attribute = "SQL-Group"
  pool {{
    start = 1
    min = 1
    max = 1
  }}
  $INCLUDE /etc/freeradius/3.0/mods-config/sql/main/sqlite/queries.conf
}}
"""


def _records(user: str, *steps: tuple[str, int, str]) -> str:
    sessions = (SESSION.format(user=user, status=status, delay=delay, more=more) for status, delay, more in steps)
    return "\n".join(sessions)


START, UPDATE = ("Start", 0, ""), ("Interim-Update", 7, "Acct-Session-Time = 1800")
STOP = ("Stop", 0, "Acct-Session-Time = 3600\nAcct-Terminate-Cause = User-Request")
_ON = 'NAS-Identifier = "bng-1"\nNAS-IP-Address = 192.0.2.1\nAcct-Session-Id = "x"\nAcct-Status-Type = Accounting-On\n'
_ANNA = "anna@dsl.example"


def _read(lake: Lake, path: Path, log: LogConfig, now: datetime) -> LogRead:
    kept = keep(lake.root.parent, path)
    with lake.writing(*TABLES) as writing:
        return read_log(writing, kept, log, name=path.name, at=now, window=window_at(now))


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the real server stamps its records with the real time


def test_what_freeradius_wrote_is_read_without_loss(lake: Lake, tmp_path: Path) -> None:
    modules = _DETAIL.format(folder=tmp_path)
    account(tmp_path, modules=modules, accounting="detail", records=_records(_ANNA, START, UPDATE, STOP) + "\n" + _ON)
    now = _now()
    log = LogConfig(name="radius", reader="freeradius", prefixes=("203.0.113.0/24",))
    assert _read(lake, tmp_path / "detail", log, now).rejects == 0
    _check_counts(lake, now)


def _check_counts(lake: Lake, now: datetime) -> None:
    rows = lake.engine.rows(
        f'SELECT status, count(*), count(network), max(session_s), min("at") FROM {lake.scan("lease_events")}'
        " GROUP BY status ORDER BY status"
    )
    counts = {status: (events, networks, session_s) for status, events, networks, session_s, _ in rows}
    assert counts == {
        "start": (3, 3, None),
        "interim": (3, 3, 1800),
        "stop": (3, 3, 3600),
        "nas-on": (1, 0, None),
    }
    moments = {str(status): at for status, _, _, _, at in rows if isinstance(at, datetime)}
    assert all(abs(now - at) < timedelta(minutes=1) for at in moments.values())
    delay = moments["start"] - moments["interim"]
    assert timedelta(seconds=5) <= delay <= timedelta(seconds=9), "RFC 2866 §5.2: it was sent 7 s late and says so"


def test_the_line_that_we_recommend_is_read_without_loss(lake: Lake, tmp_path: Path) -> None:
    """It stands in docs/bindings.md, and says the same as the detail file."""
    [module] = re.findall(r"```\n(linelog tocsin \{\n.*?\n\}\n)```", _DOCS.read_text("utf-8"), re.DOTALL)
    modules = "expr {\n}\n" + module.replace("${logdir}", str(tmp_path))
    records = _records(_ANNA, START, UPDATE, STOP) + "\n" + _ON
    account(tmp_path, modules=modules, accounting="tocsin", records=records)
    now = _now()
    log = LogConfig(name="radius", reader="linelog", prefixes=("203.0.113.0/24",))
    assert _read(lake, tmp_path / "tocsin.log", log, now).rejects == 0
    _check_counts(lake, now)


def test_a_name_cannot_put_a_field_of_its_own_into_the_line(lake: Lake, tmp_path: Path) -> None:
    [module] = re.findall(r"```\n(linelog tocsin \{\n.*?\n\}\n)```", _DOCS.read_text("utf-8"), re.DOTALL)
    modules = "expr {\n}\n" + module.replace("${logdir}", str(tmp_path))
    evil = r"eve\tFramed-IP-Address:203.0.113.99\nTimestamp:1"
    account(tmp_path, modules=modules, accounting="tocsin", records=_records(evil, START))
    found = _read(lake, tmp_path / "tocsin.log", LogConfig(name="radius", reader="linelog"), _now())
    assert (found.events, found.rejects) == (0, 1), "one line, one record: a control character in a name"


@pytest.mark.skipif(not _MAIN.is_dir(), reason="FreeRADIUS's queries for SQLite are not installed")
def test_rows_of_radacct_are_read_again_and_again_as_they_grow(lake: Lake, tmp_path: Path) -> None:
    """rlm_sql_sqlite fills the table by FreeRADIUS's own queries; the name has what they escape."""
    with sqlite3.connect(tmp_path / "radius.db") as db:
        db.executescript((_MAIN / "schema.sql").read_text())
    modules = "expr {\n}\n" + _SQL.format(folder=tmp_path)
    accounting = 'update request {\n Acct-Unique-Session-Id := "%{Acct-Session-Id}"\n}\nsql'
    log, founds = LogConfig(name="radius", reader="radacct", zone="UTC"), []
    for number, step in enumerate((START, UPDATE, STOP)):
        account(tmp_path, modules=modules, accounting=accounting, records=_records("anna+tv=1@dsl.example", step))
        path = tmp_path / f"radacct-{number}.csv"
        _export(tmp_path / "radius.db", path)
        founds.append(_read(lake, path, log, _now()))
    assert [found.rejects for found in founds] == [0, 0, 0]
    scan = lake.scan("lease_events")
    told = {
        status: events for status, events in lake.engine.rows(f"SELECT status, count(*) FROM {scan} GROUP BY status")
    }
    assert told["start"] == 3, "one a network, however often it is read"
    assert told["stop"] == 3
    with lake.book.read() as tx:
        assert numbers_of(tx, ["anna+tv=1@dsl.example"])


def _export(database: Path, path: Path) -> None:
    with sqlite3.connect(database) as db:
        cursor = db.execute("SELECT * FROM radacct")
        rows: Iterable[Iterable[object]] = [[column[0] for column in cursor.description], *cursor]
        text = "\n".join(",".join("" if value is None else str(value) for value in row) for row in rows)
    path.write_text(text + "\n")
