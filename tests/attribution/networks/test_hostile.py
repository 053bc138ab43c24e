"""Whatever the bytes are: no reader raises, none loops, and what is good beside them is read."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.attribution.networks.networks_world import claims, forget, read_named, read_paths
from tests.attribution.networks.test_golden import INPUTS
from tocsin.attribution.networks import FORMATS, staging
from tocsin.attribution.subscribers import is_mail_address
from tocsin.engine import Engine, read_sql
from tocsin.evidence.lines import LINE_BYTES_MAX
from tocsin.lake import Lake
from tocsin.terms.errors import BadRequest

TEXTS = [name for name in FORMATS if name not in ("csv", "mrt", "rpsl")]
GOOD = {
    "pfx2as": "192.0.2.0\t24\t64500",
    "iptoasn": "192.0.2.0\t192.0.2.255\t64500\tDE\tX",
    "delegated": "ripencc|DE|ipv4|192.0.2.0|256|20200101|allocated|x",
}
_TOKENS = """192.0.2.0 :: 255.255.255.255 24 129 -1 | , _ AS 0 64500 99999999999999999999 inetnum: inet6num: route: / #
+ ripencc ipv4 ipv6 asn DE abuse-c: origin: ' " % 1e1 ffff allocated prefix"""
_tokens = st.sampled_from([*_TOKENS.split(), "\0", "\ufeff", "\xfc", "\t", "\n", "\r", "\n\n", " - "])
_soup = st.lists(_tokens, max_size=60).map(lambda parts: "".join(parts).encode())
_mangled = st.tuples(st.sampled_from(INPUTS), st.integers(0, 4000), st.binary(max_size=8)).map(
    lambda made: (
        (content := made[0].read_bytes())[: made[1] % len(content)] + made[2] + content[made[1] % len(content) :]
    )
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    of=st.sampled_from([name for name in FORMATS if name != "csv"]), content=_soup | _mangled | st.binary(max_size=300)
)
@example(of="mrt", content=b"PK\x03\x04")
def test_no_bytes_make_a_reader_raise(lake: Lake, tmp_path: Path, of: str, content: bytes) -> None:
    forget(lake)
    try:
        read = read_named(lake, tmp_path, content, of=of)
    except BadRequest:  # of a zip that is none, before anything is read
        assert content.startswith(b"PK")
    else:
        assert read.rejected >= 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=_soup | st.binary(max_size=300))
def test_no_rows_make_the_own_table_raise(lake: Lake, tmp_path: Path, content: bytes) -> None:
    forget(lake)
    read_named(
        lake, tmp_path, b"prefix,origin,country,abuse_contact\n" + content + b"\n192.0.2.0/24,64500,,\n", of="csv"
    )
    assert any(line.startswith("192.0.2.0/24") for line in claims(lake)) or b'"' in content


@pytest.mark.parametrize("of", TEXTS)
@pytest.mark.parametrize("bad", [b"\0", b"\xfc\xff", b"x" * (LINE_BYTES_MAX + 1)], ids=["nul", "not utf-8", "long"])
def test_a_line_that_cannot_be_read_is_left_out_and_the_next_read(
    lake: Lake, tmp_path: Path, of: str, bad: bytes
) -> None:
    read = read_named(lake, tmp_path, bad + b"\r\n" + GOOD[of].encode() + b"\r\n", of=of)
    assert [line.split()[0] for line in claims(lake)] == ["192.0.2.0/24"]
    assert [each.line for each in read.rejects] == [1]


def test_a_cut_gzip_gives_what_came_before_and_says_so(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    text = "".join(
        f"inetnum: 10.{step >> 8}.{step & 255}.0 - 10.{step >> 8}.{step & 255}.255\ncountry: DE\n\n"
        for step in range(9999)
    )
    path.write_bytes(gzip.compress(text.encode())[:-2000])
    read = read_paths(lake, [path])
    assert read.prefixes > 100
    assert ["cut off or damaged" in bad.reason for bad in read.rejects][:1] == [True]


def test_a_file_that_fails_while_it_is_read_changes_nothing(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path, **_: object) -> Iterator[bytes]:
        yield GOOD["pfx2as"].encode() + b"\n"
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(staging, "open_blocks", failing)
    for of in ("pfx2as", "rpsl"):
        with pytest.raises(BadRequest, match="Input/output error"):
            read_named(lake, tmp_path, GOOD["pfx2as"], of=of)
    assert claims(lake) == []


def test_all_rejects_are_counted_and_the_first_kept(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "REJECTS_KEPT_MAX", 3)
    read = read_named(lake, tmp_path, "192.0.2.0\t99\t1\n" * 10, of="pfx2as")
    assert (read.rejected, [bad.line for bad in read.rejects]) == (10, [1, 2, 3])


_MAILS = [
    *("a" * length + "@x.example" for length in (64, 65)),
    *("a@" + "b" * length + ".example" for length in (63, 64)),
    *("ä@x.example", "a@x", "a@b@x.example", "a@x.example\n", ".a@x.example", "a@-x.example"),
    "a@" + "b.c" * 84 + ".example",
]


@settings(max_examples=200, deadline=None)
@given(text=st.from_regex(r"\A[a-z.'+@-]{0,8}@?[a-z0-9.-]{0,12}\Z") | st.sampled_from(_MAILS))
def test_the_two_judges_of_mail_addresses_agree(text: str) -> None:
    assert bool(_JUDGE.rows("SELECT is_mail($text)", text=text)[0][0]) == is_mail_address(text)


def _judge() -> Engine:
    import tempfile

    engine = Engine(Path(tempfile.mkdtemp()))
    engine.run(read_sql("tocsin.attribution.networks", "macros"))
    return engine


_JUDGE = _judge()
