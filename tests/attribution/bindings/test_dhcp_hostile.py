"""Hostile bytes and real ones: no reader of DHCP and RADIUS logs raises or loses a record, and a cut is said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.bindings import test_dhcpd, test_dnsmasq, test_kea, test_kea_legal, test_linelog, test_radacct
from tests.attribution.bindings.log_text import read_text
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import Engine
from tocsin.terms.errors import BadRequest

# A text of each that its reader takes whole.
TEXT_BY_READER = {
    "dhcpd": test_dhcpd.lease() + test_dhcpd.IA,
    "kea": test_kea.V4 + test_kea.row(context=test_kea.CONTEXTS[0]) + test_kea.row(state=1, mac=""),
    "kea-legal": f"{test_kea_legal.AT}Address: 192.0.2.7 has been assigned for 713 seconds to {test_kea_legal.DEVICE}"
    f"{test_kea_legal.RELAY}\n{test_kea_legal.AT}Administrator deleted the lease for address: 192.0.2.7\n",
    "dnsmasq": test_dnsmasq.LEASES,
    "dnsmasq-log": f"{test_dnsmasq.AT}7 DHCPACK(eth0) 192.0.2.7 {test_dnsmasq.MAC} meter\n"
    f"{test_dnsmasq.AT}7 sent size:  4 option: 51 lease-time  12h\n"
    f"{test_dnsmasq.AT}DHCPRELEASE(eth0) 192.0.2.7 {test_dnsmasq.MAC}\n",
    "radacct": test_radacct.csv(test_radacct.row(), test_radacct.row(acctsessionid="B")),
    "linelog": test_linelog.line() + test_linelog.line(Acct_Status_Type="Stop"),
}
EVIL = (
    *(
        "\0",
        "\r",
        "\n",
        "\n\n",
        "\t",
        '"',
        '"""',
        "\\",
        "\\777",
        "{",
        "}",
        "\n}\n",
        "lease 192.0.2.9 {\n",
        " {\n",
        ",",
        ";",
    ),
    *("=", "=0A", "%0A", "%", "0x", "[", "9" * 25, "-1", "\u202e", "\ufeff", "infinity", "NaN", "0000-00-00", "Feb 30"),
)


def log_of(reader: str) -> LogConfig:
    return LogConfig(name="log", reader=reader, zone="Asia/Tokyo", lease_s=600)


@st.composite
def spoilt(draw: st.DrawFn, text: str) -> bytes:
    """The text with something cut out and something put in, here and there."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 12))
        text = text[:at] + draw(st.sampled_from(EVIL) | st.text(max_size=6)) + text[at + gone :]
    data = text.encode("utf-8", errors="surrogatepass")
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.sampled_from((b"", b"\xff", b"\xc3", b"\x1f\x8b"))) + data[at:]


@pytest.mark.parametrize("reader", TEXT_BY_READER)
def test_no_bytes_make_a_reader_raise(engine: Engine, reader: str) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(spoilt(TEXT_BY_READER[reader]), st.sampled_from((1, 7, 1 << 16)))
    def check(data: bytes, block_bytes: int) -> None:
        try:
            found = read_text(engine, data, log_of(reader), block_bytes=block_bytes)
        except BadRequest:
            return  # of a file whose first line does not say what follows
        lines = data.count(b"\n") + data.count(b"\r") + 1
        assert all(1 <= told.line <= lines for told in found.events)
        assert all(1 <= line <= lines for line, _ in found.rejects)

    check()


@pytest.mark.parametrize("reader", TEXT_BY_READER)
def test_a_cut_file_gives_what_stood_before_the_cut_and_says_so(engine: Engine, reader: str) -> None:
    text = TEXT_BY_READER[reader]
    whole = read_text(engine, text, log_of(reader))
    assert whole.events
    assert whole.rejects == []
    found = read_text(engine, text.rstrip("\n}")[:-1], log_of(reader), cut="gzip data ends too early")
    assert found.events == [told for told in whole.events if told in found.events], "nothing that was not there"
    assert len(found.events) < len(whole.events)
    assert any("cut off here: gzip data ends too early" in reason for _, reason in found.rejects)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("heading", "reader", "zone", "events"),
    [
        ("isc-dhcpd-leases with option 82", "dhcpd", None, 1),
        ("isc-dhcpd-leases, same address twice", "dhcpd", None, 2),
        ("kea-csv v4", "kea", None, 2),
        ("kea-csv v6", "kea", None, 0),
        ("kea-forensic", "kea-legal", "Europe/Berlin", 3),
        ("kea-forensic", "kea-legal", "America/Los_Angeles", 1),
    ],
)
def test_no_record_of_the_real_samples_is_lost(
    shared: Path, engine: Engine, heading: str, reader: str, zone: str | None, events: int
) -> None:
    """Each is an event, or a reject with its reason: it has no time, or a zone's name that the log's zone has not."""
    samples = (shared / "lease_logs" / "samples.txt").read_text().split("\n## ")
    [text] = [sample.partition("\n")[2] for sample in samples if sample.startswith(heading)]
    log = LogConfig(name="log", reader=reader, zone=zone)
    found = read_text(engine, text, log, oldest=datetime(1970, 1, 1, tzinfo=UTC))
    assert len(found.events) == events
    expected = 5 - events if reader == "kea-legal" else 0
    assert len(found.rejects) == expected
    assert {reason for _, reason in found.rejects} <= {"no moment", "not a name of the configured zone at that time"}
