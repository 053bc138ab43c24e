"""What is fuzzed: bytes through one reader, of evidence (`n6`), of binding logs (`log:kea`), of flows
(`flows:zeek`) or of the mail check (`mail:links`), and what must hold."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec

from tests.evidence.containers_world import mail, zipped
from tests.evidence.golden_files import GOLDEN, VARIANTS, inputs, settings_of
from tests.fuzz.log_seeds import LOG_SEEDS
from tests.fuzz.mail_targets import mail_targets
from tests.traffic.golden_files import BERLIN
from tests.traffic.golden_files import FOLDER as FLOWS
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import READERS
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.engine import Engine
from tocsin.evidence.containers import unpacking
from tocsin.evidence.formats import readers
from tocsin.evidence.lines import open_blocks
from tocsin.evidence.read import stage
from tocsin.evidence.store import measure
from tocsin.evidence.texts import Head, Settings
from tocsin.evidence.writers.jsonl import jsonl_lines
from tocsin.terms.errors import BadRequest
from tocsin.traffic.formats import choose as choose_flows
from tocsin.traffic.read import read_traffic

OLDEST, NEWEST = datetime(2025, 11, 1, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)
CORPUS = Path(__file__).parent / "corpus"  # what once broke a reader, a folder a target
_LOG = "log:"
_FLOWS = "flows:"
_CONTAINER = "container"


def targets() -> list[str]:
    """Every reader there is, what takes containers apart, and every parser of the mail check."""
    golden = {path.parent.name for path in inputs()}
    logs = (_LOG + name for name in READERS if name in LOG_SEEDS)
    flows = (_FLOWS + name for name in flow_seeds())
    return [*(name for name in readers() if name in golden), _CONTAINER, *logs, *flows, *mail_targets()]


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    """Honest inputs first, then what has broken it once."""
    return (*_honest(target), *once_broken(target))


def once_broken(target: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((CORPUS / target.replace(":", "-")).glob("*"))]


def _honest(target: str) -> list[bytes]:
    if target in mail_targets():
        return list(mail_targets()[target].seeds)
    if target.startswith(_LOG):
        return [LOG_SEEDS[target.removeprefix(_LOG)].encode()]
    if target.startswith(_FLOWS):
        return flow_seeds()[target.removeprefix(_FLOWS)]
    if target == _CONTAINER:
        report = (GOLDEN / "shadowserver" / "2026-11-23-event4_sinkhole-example-asn.csv").read_bytes()
        files = {"2026-11-23-event4_sinkhole-example-asn.csv": report, "b.csv": report}
        return [zipped(files), mail(files), mail({"a.zip": zipped(files)})]
    return [path.read_bytes() for path in inputs() if path.parent.name == target]


def run(engine: Engine, target: str, content: bytes) -> None:
    """Raises when something other than a bad request comes out, or what came out is not sound."""
    try:
        if target in mail_targets():
            mail_targets()[target].run(content)
        elif target.startswith(_LOG):
            _read_log(engine, target.removeprefix(_LOG), content)
        elif target.startswith(_FLOWS):
            _read_flows(engine.work_dir, content)
        elif target == _CONTAINER:
            _unpack(engine, content)
        else:
            _read_evidence(engine, target, content)
    except BadRequest:
        return


def _read_evidence(engine: Engine, reader: str, content: bytes) -> None:
    path = engine.work_dir / "evidence"
    path.write_bytes(content)
    name, settings = _as_known(reader)
    staged = stage(
        engine, measure(path), name=name, source="fuzz", reader=VARIANTS.get(reader, reader), settings=settings
    )
    last = 0
    for line in jsonl_lines(engine, staged):
        found = msgspec.json.decode(line)
        assert ("id" in found) != ("reject" in found), line
        assert found["evidence_line"] >= last, line
        last = found["evidence_line"]
    staged.discard()


@cache
def _as_known(reader: str) -> tuple[str, Settings]:
    path = next(path for path in inputs() if path.parent.name == reader)
    return path.name, settings_of(path)


@cache
def flow_seeds() -> dict[str, list[bytes]]:
    """Of every format of flows that has text or packets, the golden files."""
    found: dict[str, list[bytes]] = {}
    for path in sorted(FLOWS.iterdir()):
        chosen = choose_flows(Head(path.name, path.read_bytes()[: 1 << 16])) if path.suffix != ".expected" else None
        if chosen is not None:
            found.setdefault(chosen[0].name, []).append(path.read_bytes())
    return found


def _read_flows(work: Path, content: bytes) -> None:
    """In an engine of its own: what a reading leaves there has the names of binding logs' tables."""
    with Engine(work / "of-flows", threads=1) as engine:
        path = engine.work_dir / "flows"
        path.write_bytes(content)
        traffic = read_traffic(engine, [path], clock=BERLIN)
        for table in ("flows", "lookups"):
            [(wrong,)] = engine.rows(f'SELECT count(*) FROM {table} WHERE "at" IS NULL OR line IS NULL')
            assert wrong == 0, f"{table}: a row without a moment or a line"
        assert all(reject.reason.isprintable() for _, reject in traffic.rejected())
        traffic.close()


def _unpack(engine: Engine, content: bytes) -> None:
    path = engine.work_dir / "evidence"
    path.write_bytes(content)
    container = unpacking(path, "container", engine.work_dir, None)
    if container is not None:
        assert sum(1 for _ in container.members()) <= 1000
        assert all(text.isprintable() for text in container.warnings())


def _read_log(engine: Engine, reader: str, content: bytes) -> None:
    log = LogConfig(name="fuzz", reader=reader, zone="Europe/Berlin", lease_s=3600, interim_s=300)
    blocks = open_blocks(io.BytesIO(content))
    try:
        READERS[reader].stage(Staging(engine=engine, blocks=blocks, newest=NEWEST, oldest=OLDEST, log=log))
        [(wrong,)] = engine.rows("SELECT count(*) FROM staged_events WHERE moment IS NULL OR evidence_line IS NULL")
        snapshot = READERS[reader].snapshot
        assert wrong == 0 or snapshot, "an event without a moment or a line"
    finally:
        drop_staged(engine)
