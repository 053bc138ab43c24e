"""Query logs of resolvers (dnsmasq and Pi-hole, unbound, BIND) to look-ups; dnsmasq's DHCP lines to leases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from tocsin.engine import read_sql, reader_of
from tocsin.evidence.dating import date_yearless
from tocsin.evidence.lines import Lines, Reject, bounded, numbered_lines
from tocsin.evidence.stamps import Stamp, Stamps
from tocsin.evidence.texts import Head
from tocsin.traffic.readers.said import FORMS, LINE, Said
from tocsin.traffic.readers.waiting import Question, Waiting
from tocsin.traffic.reading import Reading

CHUNK_ROWS = 20_000
HEAD_LINES = 200  # among which one must be a question, for the log to be known
LEASES_MAX = 100_000  # different (network card, address)
_COLUMNS = (
    *(("line", "UBIGINT"), ("at", "TIMESTAMP"), ("local_at", "TIMESTAMP"), ("undated", "VARCHAR")),
    *(("client", "VARCHAR"), ("name", "VARCHAR"), ("type", "VARCHAR"), ("rcode", "VARCHAR"), ("answers", "VARCHAR")),
)
_LEASES = (*(("line", "UBIGINT"), ("at", "TIMESTAMP"), ("client", "VARCHAR"), ("mac", "VARCHAR"), ("name", "VARCHAR")),)


def recognise_querylog(head: Head) -> str | None:
    """The resolver one of whose questions stands among the first lines."""
    for line in head.start.decode(errors="replace").split("\n")[:HEAD_LINES]:
        match = LINE.match(line.rstrip("\r"))
        for form, (program, read) in FORMS.items() if match else ():
            assert match is not None
            if match[2] in (None, program) and (match[2] or form == "bind"):
                said = read(match[3])
                if said is not None and said.does in ("asks", "replies"):
                    return form
    return None


def read_querylog(reading: Reading) -> None:
    """A question is a look-up, with its answer where the log has that too. Other programs' lines are passed over."""
    engine, log = reading.engine, _Log(reading)
    engine.add("raw", reader_of(_COLUMNS, log.rows()))
    names = ", ".join(f'"{name}"' for name, _ in _COLUMNS)
    engine.run(f"CREATE OR REPLACE TEMP TABLE asked AS SELECT {names} FROM raw")
    engine.drop("raw")
    engine.run("CREATE OR REPLACE TEMP VIEW findings AS SELECT line, local_at FROM asked")
    if reading.zone is not None and engine.rows("SELECT count(local_at) FROM asked") != [(0,)]:
        date_yearless(engine, reading.zone, reading.latest)
    else:
        engine.run("CREATE OR REPLACE TABLE years (line UBIGINT, local_at TIMESTAMP)")
        engine.run('CREATE OR REPLACE TABLE clocks (local_at TIMESTAMP, "at" TIMESTAMP, why VARCHAR)')
    reading.add("lookups", None, read_sql(__package__, "querylog"), file=reading.file)
    engine.run("DROP VIEW findings; DROP TABLE years; DROP TABLE clocks; DROP TABLE asked")
    if log.leases:
        raw = reader_of(_LEASES, iter([list(zip(*log.leases.values(), strict=True))]))
        reading.add("leases", raw, read_sql(__package__, "querylog_leases"), file=reading.file)


class _Log:
    """One pass over the lines: rows of `asked` in chunks, and the leases beside them."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._program, self._read = FORMS[reading.variant]
        self._stamps = Stamps(reading.zone)
        self._waiting = Waiting(self._tell)
        self._told: list[tuple[object, ...]] = []
        self.leases: dict[tuple[str, str], tuple[object, ...]] = {}

    def rows(self) -> Iterator[list[tuple[object, ...]]]:
        for chunk in numbered_lines(self._reading.blocks, self._reading.reject):
            self._take(chunk)
            yield from self._full(CHUNK_ROWS)
        self._waiting.end()
        yield from self._full(1)

    def _full(self, least: int) -> Iterator[list[tuple[object, ...]]]:
        if len(self._told) >= least:
            yield list(zip(*self._told, strict=True))
            self._told.clear()

    def _take(self, chunk: Lines) -> None:
        for number, line in enumerate(chunk.text.decode().split("\n"), chunk.first):
            match = LINE.fullmatch(line)
            if match is None:
                if line and not line.isspace():
                    self._reading.reject(Reject(number, "no line of a query log: it has no moment", bounded(line)))
                continue
            stamp, program, text = match.groups()
            if program is not None and not program.startswith(self._program):
                continue
            said = self._read(text)
            if said is not None:
                self._said(number, self._stamps.read(stamp.strip("[]")), said)

    def _said(self, number: int, stamp: Stamp, said: Said) -> None:
        if said.does != "leases":
            self._waiting.take(number, stamp, said)
        elif len(self.leases) < LEASES_MAX:
            row = (number, _naive(stamp.at), said.client, said.mac, said.name)
            self.leases.setdefault((said.mac, said.client), row)

    def _tell(self, question: Question) -> None:
        said, stamp = question.said, question.stamp
        rcode = "" if question.is_kept else question.rcode
        answers = "" if question.is_kept else " ".join(question.answers)
        self._told.append(
            (
                *(question.line, _naive(stamp.at), stamp.local, stamp.why_not),
                *(said.client, said.name, said.type, rcode, answers),
            )
        )


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
