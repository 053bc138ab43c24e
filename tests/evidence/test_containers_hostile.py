"""Containers that mean harm, or are broken: bounded, said, and the rest goes on."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.containers_world import mail, mailbox, zipped
from tests.evidence.evidence_world import SINKHOLE, sinkhole_file, sinkhole_row
from tocsin.evidence import containers, mails, zips
from tocsin.evidence.containers import Unpacking, unpacking
from tocsin.evidence.lines import Truncated, open_blocks
from tocsin.evidence.mails import mail_parts
from tocsin.evidence.zips import label
from tocsin.terms.errors import BadRequest

REPORT = sinkhole_file(*(sinkhole_row(port=1024 + number) for number in range(2000)))


def took(tmp_path: Path, content: bytes, name: str = "reports.zip") -> tuple[list[str], Unpacking]:
    """The members that were taken out, and what was said of the others."""
    path = tmp_path / "container"
    path.write_bytes(content)
    container = unpacking(path, name, tmp_path, None)
    assert container is not None
    found = [member.name for member in container.members()]
    assert [each.name for each in tmp_path.iterdir()] == ["container"]  # nothing lies about
    return found, container


def with_flag(packed: bytes, name: bytes, *, at: int, value: int) -> bytes:
    """The archive with a 16-bit field of that member's directory entry (APPNOTE 4.3.12) set."""
    entry = packed.rindex(b"PK\x01\x02", 0, packed.rindex(name))
    return packed[: entry + at] + struct.pack("<H", value) + packed[entry + at + 2 :]


def test_names_are_labels_and_lead_nowhere(tmp_path: Path) -> None:
    evil = {f"../../../../tmp/evil/{SINKHOLE}": REPORT, f"/etc/{SINKHOLE}": REPORT, f"C:\\a\\{SINKHOLE}": REPORT}
    found, _ = took(tmp_path, zipped(evil))
    assert found == [
        f"reports.zip/tmp/evil/{SINKHOLE}",
        f"reports.zip/etc/{SINKHOLE}",
        f"reports.zip/C:/a/{SINKHOLE}",
    ]
    assert not Path("/tmp/evil").exists()


@given(st.text(max_size=400))
def test_a_label_is_one_line_without_a_way_out(name: str) -> None:
    shown = label(name)
    assert shown.isprintable()
    assert 0 < len(shown) <= 200
    assert ".." not in shown.split("/")
    assert not shown.startswith("/")


def test_a_cut_zip_says_so(tmp_path: Path) -> None:
    packed = zipped({SINKHOLE: REPORT, "b.csv": REPORT})
    for cut in (10, len(packed) // 2, len(packed) - 4):
        path = tmp_path / "cut.zip"
        path.write_bytes(packed[:cut])
        with pytest.raises(BadRequest, match="damaged or cut short"):
            unpacking(path, "cut.zip", tmp_path, None)
        with pytest.raises(BadRequest, match="damaged or cut short"):
            open_blocks(path)


def test_a_damaged_single_member_gives_what_came_before(tmp_path: Path) -> None:
    packed = bytearray(zipped({SINKHOLE: REPORT}))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "one.zip"
    path.write_bytes(packed)
    *good, last = open_blocks(path, block_bytes=4096)
    assert isinstance(last, Truncated)
    assert "zip data damaged" in last.why
    assert good
    assert REPORT.startswith(b"".join(each for each in good[:1] if isinstance(each, bytes)))


def test_a_damaged_member_is_left_out_and_the_others_are_read(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.csv": REPORT, SINKHOLE: REPORT}))
    packed[200] ^= 0xFF
    found, container = took(tmp_path, bytes(packed))
    assert found == [f"reports.zip/{SINKHOLE}"]
    assert container.faults[0].startswith("reports.zip/a.csv: zip data damaged")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    packed = with_flag(zipped({SINKHOLE: REPORT, "secret.csv": REPORT}), b"secret.csv", at=8, value=1)
    found, container = took(tmp_path, packed)
    assert found == [f"reports.zip/{SINKHOLE}"]
    assert container.faults == ["reports.zip/secret.csv: it is encrypted"]
    alone = with_flag(zipped({"secret.csv": REPORT}), b"secret.csv", at=8, value=1)
    found, container = took(tmp_path, alone)
    assert found == []
    with pytest.raises(BadRequest, match=r"nothing in this zip can be read: .*it is encrypted"):
        container.demand_any(0)


def test_methods_without_a_bound_of_memory_are_refused(tmp_path: Path) -> None:
    found, container = took(tmp_path, zipped({"a.csv": REPORT, "b.csv": REPORT}, zipfile.ZIP_LZMA))
    assert found == []
    assert "packed by method 14" in container.faults[0]


def test_a_bomb_by_ratio_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "SWELL_BYTES_FREE", 1 << 20)
    found, container = took(tmp_path, zipped({"bomb.csv": bytes(2 << 20), SINKHOLE: REPORT}))
    assert found == [f"reports.zip/{SINKHOLE}"]
    assert "it would swell from" in container.faults[0]


def test_a_zip_is_bounded_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "TOTAL_BYTES_MAX", len(REPORT))
    path = tmp_path / "big.zip"
    path.write_bytes(zipped({"a.csv": REPORT, "b.csv": b"x"}))
    with pytest.raises(BadRequest, match="bytes unpacked, at most"):
        unpacking(path, "big.zip", tmp_path, None)


def test_containers_in_containers_share_one_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "TOTAL_BYTES_MAX", 2 * len(REPORT))
    inner = zipped({SINKHOLE: REPORT, "b.csv": REPORT})
    found, container = took(tmp_path, zipped({"1.zip": inner, "2.zip": inner}))
    assert len(found) == 1
    assert "a container of more than" in container.faults[0]


def test_a_zip_of_too_many_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(zipped({str(number): b"" for number in range(21)}))
    monkeypatch.setattr(zips, "MEMBERS_MAX", 20)
    with pytest.raises(BadRequest, match="a zip of 21 members"):
        unpacking(path, "many.zip", tmp_path, None)


def test_a_directory_without_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "directory.zip"
    directory = (b"PK\x01\x02" + bytes(42)) * 100_000
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(directory), 4, 0)
    path.write_bytes(b"PK\x03\x04" + directory + end)
    tracemalloc.start()
    with pytest.raises(BadRequest, match="its directory is longer than"):
        unpacking(path, "directory.zip", tmp_path, None)
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


def overlapping(count: int) -> bytes:
    """`count` members of the directory that are all the same bytes of the archive."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(REPORT) + body.flush()
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, zlib.crc32(REPORT), len(packed), len(REPORT), 5, 0)
    local = b"PK\x03\x04" + fields + b"a.csv" + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a.csv"
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(entry) * count, len(local), 0)
    return local + entry * count + end


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    found, container = took(tmp_path, overlapping(30))
    assert found == []
    assert set(container.faults) == {"reports.zip/a.csv: it shares its bytes with another member"}


def test_zip64_is_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (SINKHOLE, "b.csv"):
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(REPORT)
    found, _ = took(tmp_path, out.getvalue())
    assert len(found) == 2


def test_a_zip_with_something_before_it_is_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "sfx"
    path.write_bytes(b"MZ" + zipped({SINKHOLE: REPORT}))
    assert unpacking(path, "sfx", tmp_path, None) is None  # and no reader knows it: it is an error


def test_a_third_layer_is_not_opened(tmp_path: Path) -> None:
    inner = zipped({SINKHOLE: REPORT, "b": b"x"})
    for _ in range(3):
        inner = zipped({"inner.zip": inner, "c": b"x"})
    found, container = took(tmp_path, inner)
    assert found == []
    assert container.faults == ["reports.zip/inner.zip/inner.zip: containers are nested too deep"]


def test_a_mail_of_too_many_parts_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    many = mail({f"{number}.csv": b"x" for number in range(40)})
    assert len(mail_parts(many).parts) == 41
    monkeypatch.setattr(mails, "PARTS_MAX", 40)
    assert mail_parts(many).faults == ("a mail has more than 40 parts",)
    monkeypatch.setattr(mails, "BOUNDARY_LINES_MAX", 40)
    assert mail_parts(many).faults == ("a mail has too many parts",)


def test_the_blocks_of_a_delivery_status_are_bounded() -> None:
    status = b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * (mails.STATUS_LINES_MAX - 1)
    assert mail_parts(status).faults == ("a mail has more than 1000 parts",)
    assert mail_parts(status + b"\n" * 4).faults == ("a mail has too many parts",)


def nested(depth: int) -> bytes:
    head = b"From: a@feed.example\nTo: b@feed.example\nSubject: s\nMIME-Version: 1.0\n"
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (level, level) for level in range(depth)
    )
    return head + opened + b"Content-Type: text/plain\n\nhello\n"


@pytest.mark.parametrize("depth", [11, 100, 2000])
def test_a_mail_that_is_nested_too_deep_says_so(depth: int) -> None:
    found = mail_parts(nested(depth))
    assert found.parts == ()
    assert found.faults == ("a mail's parts are nested too deep",)


def test_a_mail_that_is_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (mails, containers):
        monkeypatch.setattr(module, "MAIL_BYTES_MAX", 20_000)
    long = mail({SINKHOLE: REPORT})
    found, container = took(tmp_path, long, "long.eml")
    assert found == []
    assert container.faults == ["long.eml: a mail is longer than 20000 bytes"]
    short = mail({SINKHOLE: sinkhole_file(sinkhole_row())})
    found, container = took(tmp_path, mailbox(long, short), "box")
    assert found == [f"box/{SINKHOLE}"]
    assert container.faults == ["box: a mail is longer than 20000 bytes"]


def test_base64_garbage_is_a_part_that_nobody_knows(tmp_path: Path) -> None:
    head, _, body = mail({"a.csv": b"0123456789" * 100}).partition(b"MDEyMzQ1")
    for garbage in (b"!!!!\0\xff", b"=" * 400, b"A", b"\n" * 50):
        found, container = took(tmp_path, head + garbage + body, "m.eml")
        assert found == []
        assert container.unknown == ["m.eml/part-1", "m.eml/a.csv"]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_stands_in_a_container_nothing_is_raised_but_a_bad_request(
    tmp_path: Path, data: st.DataObject
) -> None:
    honest = data.draw(
        st.sampled_from(
            [
                zipped({SINKHOLE: REPORT[:3000], "b.csv": REPORT[:3000]}),
                zipped({SINKHOLE: REPORT[:3000]}),
                mail({SINKHOLE: REPORT[:3000], "a.zip": zipped({"x": b"x", "y": b"y"})}),
                mailbox(mail({}), mail({SINKHOLE: REPORT[:3000]})),
            ]
        )
    )
    broken = bytearray(honest)
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(honest) - 1), st.integers(0, 255)), max_size=12)
    ):
        broken[place] = value
    path = tmp_path / "container"
    path.write_bytes(broken[: data.draw(st.integers(len(honest) // 2, len(honest)))])
    try:
        container = unpacking(path, "container", tmp_path, None)
        if container is not None:
            assert sum(1 for _ in container.members()) <= 8
    except BadRequest:
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["container"]
