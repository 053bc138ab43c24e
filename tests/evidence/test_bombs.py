"""Every reader of the table against what is made to hurt: it ends soon, raises nothing but a bad request, says why."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.evidence.containers_world import zipped
from tests.evidence.golden_files import inputs, reader_of, settings_of
from tocsin.engine import Engine
from tocsin.evidence.containers import unpacking
from tocsin.evidence.formats import readers
from tocsin.evidence.read import stage
from tocsin.evidence.store import measure
from tocsin.evidence.writers.jsonl import jsonl_lines
from tocsin.terms.errors import BadRequest

CPU_S_MAX = 20  # of one reader and one bomb, beside a busy neighbour; each takes well under one
BY_READER = {path.parent.name: path for path in sorted(inputs(), key=lambda path: -path.stat().st_size)}
_LINE = b"192.0.2.7 " * 105_000  # 1 MB
_DTD = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">' + b"".join(
    b'<!ENTITY c%d "%s">' % (n, (b"&b;" if not n else b"&c%d;" % (n - 1)) * 10) for n in range(9)
)
_INJECTED = b'user="x\r\nNov 23 08:59:01 host sshd[1]: Failed password for root from 203.0.113.66 port 1 ssh2\r\n'

Bomb = Callable[[bytes], bytes]


def _in_the_middle(piece: bytes) -> Bomb:
    def put(content: bytes) -> bytes:
        place = content.find(b"\n", len(content) // 2) + 1
        return content[:place] + piece + content[place:]

    return put


_LINES = (
    _LINE,
    b"\0" * 1_000_000,
    b"1.1.1.1" * 60_000,
    b":" * 200_000,
    b"9" * 200_000,
    b" \t" * 250_000 + b"x",
    b"(" * 100_000 + b"<" * 100_000 + b"\\" * 100_000,
    b"Date: Mon, 23 Nov 2026 " * 20_000,
    _INJECTED,
)
BOMBS: dict[str, Bomb] = {
    "lines of a megabyte": _in_the_middle(b"\n".join(_LINES) + b"\n"),
    "a line without end": lambda content: content + b'"' * 200_001 + _LINE,
    "empty lines": lambda content: content + b"\n" * 300_000,
    "nested": lambda content: b"[" * 100_000 + b'{"a":' * 100_000 + content,
    "entities in entities": lambda content: _DTD + b"]><a>&c8;</a>" + b"<a>" * 100_000 + content,
    "a charset that is none": lambda content: content.replace(b"utf-8", b"x-" + b"y" * 500),
    "a header without end": lambda content: b"X: " + b"a\r\n\t" * 100_000 + b"\r\n" + content,
}


def test_no_reader_is_forgotten() -> None:
    assert set(BY_READER) == set(readers())


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("reader", readers())
def test_it_ends_and_says_why(engine: Engine, tmp_path: Path, reader: str, bomb: str) -> None:
    path = BY_READER[reader]
    content = BOMBS[bomb](path.read_bytes())
    evidence = tmp_path / "evidence"
    evidence.write_bytes(content)
    began = time.process_time()
    lines, refused = _read(engine, evidence, path)
    assert len(refused) < 2_000
    assert lines or refused
    assert time.process_time() - began < CPU_S_MAX
    for line in lines:
        assert ("id" in line) != ("reject" in line)
        if "reject" in line:
            assert 0 < len(str(line["reject"])) < 1_000
            assert "\n" not in str(line["reject"])


def _read(engine: Engine, evidence: Path, path: Path) -> tuple[list[dict[str, object]], str]:
    """What was read, or why nothing was."""
    told, reader = settings_of(path), reader_of(path)
    try:
        staged = stage(engine, measure(evidence), name=path.name, source="x", reader=reader, settings=told)
    except BadRequest as error:
        return [], str(error)
    lines = [msgspec.json.decode(line) for line in jsonl_lines(engine, staged)]
    staged.discard()
    return lines, ""


_FENCES = b"--f\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 6_000
MAIL = b"From: a@net.example\r\nTo: b@isp.example\r\nSubject: s\r\nMessage-ID: <1@net.example>\r\nMIME-Version: 1.0\r\n"


@pytest.mark.parametrize(
    "content",
    [
        MAIL + b'Content-Type: multipart/mixed; boundary="f"\r\n\r\n' + _FENCES,
        MAIL + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3_000)),
        zipped({f"{n}.csv": b"\0" * 20_000_000 for n in range(2)}),
        zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"d.csv": b"ip\n192.0.2.1\n"})})}), "e.csv": b"x\n"}),
    ],
    ids=["a mail of six thousand parts", "parts in parts", "a zip that unpacks a thousandfold", "zips in zips"],
)
def test_a_container_that_bursts_is_refused_with_its_reason(tmp_path: Path, content: bytes) -> None:
    evidence = tmp_path / "evidence"
    evidence.write_bytes(content)
    began = time.process_time()
    box = unpacking(evidence, "evidence", tmp_path, None)
    assert box is not None
    with pytest.raises(BadRequest) as refused:
        box.demand_any(len(list(box.members())))
    assert 0 < len(str(refused.value)) < 2_000
    assert time.process_time() - began < CPU_S_MAX
