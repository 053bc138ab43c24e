"""Evidence that comes packed: each member that a reader knows is read as if it had come alone."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tests.evidence.containers_world import mail, mailbox, zipped
from tests.evidence.evidence_world import NOW, SINKHOLE, Read, sinkhole_file, sinkhole_row
from tocsin.book import evidence as book_evidence
from tocsin.evidence.reading import read_file
from tocsin.evidence.settle import Counts
from tocsin.lake import Lake
from tocsin.terms.errors import BadRequest

REPORT = sinkhole_file(sinkhole_row(), sinkhole_row(port=40001))
OTHER = sinkhole_file(sinkhole_row(address="192.0.2.11"))
OTHER_NAME = "2026-11-22-event4_sinkhole-example-asn.csv"

Come = Callable[..., Counts]


@pytest.fixture
def come(lake: Lake, tmp_path: Path) -> Come:
    def come(content: bytes, name: str, **more: object) -> Counts:
        path = tmp_path / name
        path.write_bytes(content)
        return read_file(lake, path, source="example", at=NOW, **more)  # type: ignore[arg-type]

    return come


def names(lake: Lake) -> dict[str, str]:
    with lake.book.read() as tx:
        return {each.name: each.sha256 for each in book_evidence.every(tx)}


def test_a_zip_of_one_file_is_a_compression_and_itself_the_evidence(read: Read) -> None:
    packed = zipped({SINKHOLE: REPORT})
    found = read(packed, "mail-attachment-1.bin")
    assert [line["evidence_line"] for line in found] == [2, 3]
    assert {line["evidence_sha256"] for line in found} == {sha256(packed).hexdigest()}
    assert {line["reader"] for line in found} == {"shadowserver:event4_sinkhole"}  # known by the member's name


def test_every_member_is_evidence_of_its_own(lake: Lake, come: Come) -> None:
    packed = zipped({SINKHOLE: REPORT, OTHER_NAME: OTHER})
    assert come(packed, "reports.zip").sightings == 3
    assert names(lake) == {
        f"reports.zip/{SINKHOLE}": sha256(REPORT).hexdigest(),
        f"reports.zip/{OTHER_NAME}": sha256(OTHER).hexdigest(),
        "reports.zip": sha256(packed).hexdigest(),
    }
    for digest in names(lake).values():
        kept = lake.root.parent / "evidence" / digest[:2] / digest[2:]
        assert sha256(kept.read_bytes()).hexdigest() == digest


def test_the_same_container_again_adds_nothing(come: Come) -> None:
    packed = zipped({SINKHOLE: REPORT, OTHER_NAME: OTHER})
    come(packed, "reports.zip")
    assert come(packed, "reports.zip") == Counts(already=True, reader="zip")


def test_the_same_report_in_two_mails_and_alone_is_read_once(come: Come) -> None:
    assert come(mail({SINKHOLE: REPORT}), "1.eml").sightings == 2
    again = come(mail({SINKHOLE: REPORT}, subject="Your report, again"), "2.eml")
    assert (again.sightings, again.pieces) == (0, 0)
    assert come(REPORT, SINKHOLE).already


def test_a_run_that_was_killed_between_two_members_goes_on(
    lake: Lake, come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = zipped({SINKHOLE: REPORT, OTHER_NAME: OTHER})
    with monkeypatch.context() as patch:
        real = lake.writing
        calls: list[str] = []

        def once(*tables: str) -> object:
            if calls:
                raise KeyboardInterrupt
            calls.append("first")
            return real(*tables)

        patch.setattr(lake, "writing", once)
        with pytest.raises(KeyboardInterrupt):
            come(packed, "reports.zip")
    assert list(names(lake)) == [f"reports.zip/{SINKHOLE}"]
    assert come(packed, "reports.zip").sightings == 1
    assert len(names(lake)) == 3
    assert not list(lake.engine.work_dir.glob("member-*"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (mail({SINKHOLE: REPORT}), "plain.eml"),
        (mail({SINKHOLE + ".zip": zipped({SINKHOLE: REPORT})}), "zipped.eml"),
        (mail({SINKHOLE + ".gz": gzip.compress(REPORT)}), "gzipped.eml"),
        (gzip.compress(mail({SINKHOLE: REPORT})), "plain.eml.gz"),
        (zipped({"mail.eml": mail({SINKHOLE: REPORT})}), "mail.zip"),
        (mailbox(mail({"note.txt": b"hello"}), mail({SINKHOLE: REPORT})), "box.mbox"),
        (zipped({"inner.zip": zipped({SINKHOLE: REPORT})}), "outer.zip"),
        (mail({SINKHOLE: REPORT}).replace(b"\n", b"\r\n"), "crlf.eml"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_report_is_found_where_it_lies(come: Come, content: bytes, name: str) -> None:
    found = come(content, name)
    assert (found.sightings, found.rejects, found.reader) == (2, 0, "shadowserver:event4_sinkhole")


def test_a_mail_on_a_stream_is_taken_apart(lake: Lake) -> None:
    assert read_file(lake, io.BytesIO(mail({SINKHOLE: REPORT})), source="example", at=NOW).sightings == 2


def test_members_that_nobody_knows_are_told_and_are_no_fault(come: Come) -> None:
    found = come(mail({SINKHOLE: REPORT, "README.txt": b"hello"}), "report.eml")
    assert found.warnings == ("no reader knows 2 of its members: report.eml/part-1, report.eml/README.txt",)
    assert found.rejects == 0


def test_a_container_of_nothing_that_is_known_is_an_error(lake: Lake, come: Come) -> None:
    with pytest.raises(BadRequest, match=r"nothing in this mail can be read: no reader knows 1 .*part-1"):
        come(mail({}), "hello.eml")
    assert names(lake) == {}


def test_a_reader_that_is_named_reads_the_members_that_it_knows(come: Come) -> None:
    assert come(mail({SINKHOLE: REPORT}), "1.eml", reader="shadowserver").sightings == 2
    with pytest.raises(BadRequest, match="nothing in this mail"):
        come(mail({SINKHOLE: REPORT}), "1.eml", reader="intelmq")


def test_a_member_of_the_past_is_a_reject_like_any_other(come: Come) -> None:
    old = sinkhole_file(sinkhole_row(at=f"{NOW - timedelta(days=500):%Y-%m-%d %H:%M:%S}"))
    assert come(zipped({SINKHOLE: old, "README": b"x"}), "reports.zip").rejects == 1
