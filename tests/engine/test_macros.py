"""The engine's macros against the same question asked the slow way. Many values a query: a query costs milliseconds."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.engine import Engine, table_of
from tocsin.terms.addresses import parse_address
from tocsin.terms.identity import sighting_id

QUIETLY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

# Printable, and no NUL: lines with one never get this far.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
OCTET = st.one_of(
    st.integers(0, 300).map(str), st.sampled_from(["", "00", "01", "1e1", " 1", "1 ", "-1", "+1", "٣", "0x1"])
)
GROUP = st.one_of(
    st.integers(0, 0xFFFF).map("{:x}".format), st.sampled_from(["", "0000", "00001", "g", "FFFF", "ABcd", "1.2"])
)
V4 = st.lists(OCTET, min_size=3, max_size=5).map(".".join)
V6 = st.tuples(
    st.lists(GROUP, max_size=9).map(":".join),
    st.sampled_from(["", "::", ":", "%eth0", "::1", "::ffff:", "/64"]),
    st.one_of(st.just(""), V4),
).map("".join)
ADDRESS = st.one_of(
    V4,
    V6,
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda a: ipaddress.IPv6Address(a).exploded.upper()),
    TEXT,
)


def ask(
    engine: Engine, expression: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]
) -> list[object]:
    """One value for each row, in order, in a single query."""
    numbered = [(*row, number) for number, row in enumerate(rows)]
    engine.add("asked", table_of([*columns, ("place", "UBIGINT")], list(zip(*numbered, strict=True))))
    answers = [row[0] for row in engine.rows(f"SELECT {expression} FROM asked ORDER BY place")]
    engine.drop("asked")
    return list(answers)


def ask_texts(engine: Engine, expression: str, texts: Sequence[str]) -> list[object]:
    return ask(engine, expression, [("txt", "VARCHAR")], [(text,) for text in texts])


def slow_address(text: str) -> UUID | None:
    try:
        return parse_address(text)
    except ValueError:
        return None


@QUIETLY
@given(st.lists(ADDRESS, min_size=1, max_size=200))
def test_address_of_takes_exactly_what_inet_pton_takes(engine: Engine, texts: list[str]) -> None:
    assert ask_texts(engine, "address_of(txt)", texts) == [slow_address(text) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.1",
        "0.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "2001:db8::1",
        "1::8",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8",
        "::ffff:192.0.2.1",
        "64:ff9b::192.0.2.33",
        "1:2:3:4:5:6:192.0.2.1",
        "FE80::A",
    ],
)
def test_address_of_takes_every_form_of_an_address(engine: Engine, text: str) -> None:
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    packed = socket.inet_pton(family, text)
    expected = UUID(bytes=packed if len(packed) == 16 else b"\0" * 10 + b"\xff\xff" + packed)
    assert ask_texts(engine, "address_of(txt)", [text]) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.256",
        " 1.2.3.4",
        "1.2.3.4 ",
        "1e1.2.3.4",
        "1.2.3.4\n",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1.2.3",
        "::1.2.3.04",
        "1:2:3:4:5:6:7:1.2.3.4",
        "12345::",
        "fe80::1%eth0",
        "[::1]",
        "::1/128",
        "::g",
    ],
)
def test_address_of_refuses_what_is_no_address(engine: Engine, text: str) -> None:
    assert ask_texts(engine, "address_of(txt)", [text]) == [None]


def slow_port(text: str) -> int | None:
    plain = text.isascii() and text.isdigit() and len(text) <= 5 and not text.startswith("0")
    return int(text) if plain and int(text) <= 65535 else None


@QUIETLY
@given(
    st.lists(
        st.one_of(st.integers(-5, 70000).map(str), st.sampled_from(["", "080", "8 0", "80.0", "1e3", "٨٠"]), TEXT),
        min_size=1,
    )
)
def test_port_of_is_one_to_65535_in_plain_digits(engine: Engine, texts: list[str]) -> None:
    assert ask_texts(engine, "port_of(txt)", texts) == [slow_port(text) for text in texts]


MOMENT = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 30))  # noqa: DTZ001 - the texts say the zone


@QUIETLY
@given(st.lists(st.tuples(MOMENT, st.integers(-14 * 60, 14 * 60)), min_size=1, max_size=50))
def test_moment_of_reads_every_form_that_it_promises(engine: Engine, moments: list[tuple[datetime, int]]) -> None:
    texts: list[str] = []
    expected: list[datetime | None] = []
    for moment, minutes in moments:
        whole = moment.replace(microsecond=0)
        local = whole.replace(tzinfo=timezone(timedelta(minutes=minutes)))
        for text, told in (
            (whole.isoformat(" "), whole.replace(tzinfo=UTC)),
            (whole.isoformat("T") + "Z", whole.replace(tzinfo=UTC)),
            (moment.isoformat(" ", timespec="microseconds"), moment.replace(tzinfo=UTC)),
            (moment.isoformat("T", timespec="microseconds") + "Z", moment.replace(tzinfo=UTC)),
            (whole.isoformat("T") + "+00:00", whole.replace(tzinfo=UTC)),
            (local.isoformat(), _shifted(whole, minutes)),
        ):
            if told is not None:
                texts.append(text)
                expected.append(told)
    assert ask_texts(engine, "moment_of(txt)", texts) == expected


def _shifted(whole: datetime, minutes: int) -> datetime | None:
    try:
        return (whole - timedelta(minutes=minutes)).replace(tzinfo=UTC)
    except OverflowError:
        return None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24",
        "24 Nov 2026",
        "1764000000",
        "2026-11-24 25:00:00",
        "2026-02-30 00:00:00",
        "2026-11-24  03:16:38",
        "infinity",
        "2026-11-24 03:16:38 BC",
        "2026-11-24 03:16",
        "-2026-11-24 03:16:38",
        "2026-11-24 03:16:38 CET",
        "epoch",
        "now",
    ],
)
def test_moment_of_refuses_what_a_cast_would_take_or_guess(engine: Engine, text: str) -> None:
    assert ask_texts(engine, "moment_of(txt)", [text]) == [None]


@QUIETLY
@given(st.lists(st.tuples(st.uuids(), st.integers(0, 128)), min_size=1, max_size=200))
def test_network_of_keeps_the_first_bits(engine: Engine, networks: list[tuple[UUID, int]]) -> None:
    columns = [("address", "UUID"), ("bits", "UTINYINT")]
    expected = [UUID(int=address.int >> (128 - bits) << (128 - bits)) for address, bits in networks]
    assert ask(engine, "network_of(address::UUID, bits)", columns, networks) == expected


SIGHTING = st.tuples(
    TEXT,
    TEXT,
    st.none() | TEXT,
    st.datetimes().map(lambda moment: moment.replace(tzinfo=UTC)),
    st.uuids(),
    st.none() | st.integers(1, 65535),
    st.none() | st.sampled_from(["tcp", "udp"]),
    st.none() | st.uuids(),
)


@QUIETLY
@given(st.lists(SIGHTING, min_size=1, max_size=50))
def test_sighting_id_is_the_same_in_sql_and_in_python(engine: Engine, sightings: list[tuple[object, ...]]) -> None:
    columns = [
        *((name, "VARCHAR") for name in ("source", "kind", "malware")),
        ("seen_at", "TIMESTAMP"),
        ("address", "UUID"),
        ("port", "USMALLINT"),
        ("protocol", "VARCHAR"),
        ("peer", "UUID"),
    ]
    expression = "sighting_id(source, kind, malware, seen_at, address::UUID, port, protocol, peer::UUID)"
    naive = [tuple(v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in row) for row in sightings]
    make: Callable[..., UUID] = sighting_id
    assert ask(engine, expression, columns, naive) == [make(*row) for row in sightings]


@QUIETLY
@given(st.lists(TEXT, min_size=1))
def test_bounded_text_shows_no_control_characters_and_keeps_its_bound(engine: Engine, texts: list[str]) -> None:
    for text, kept in zip(texts, ask_texts(engine, "bounded_text(txt, 20)", texts), strict=True):
        if kept is None:
            assert not [c for c in text if c.isprintable() and not c.isspace()]
        else:
            assert isinstance(kept, str)
            assert 0 < len(kept) <= 20
            assert not [c for c in kept if c < " " or "\x7f" <= c <= "\x9f" or c in "\u200b\u200e\u202e\u2028\ufeff"]


def test_no_host_has_these_addresses(engine: Engine) -> None:
    texts = ["0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "ff02::1"]
    assert ask_texts(engine, "is_no_host(address_of(txt))", texts) == [True] * len(texts)


def test_hosts_have_these_addresses(engine: Engine) -> None:
    texts = [
        "1.0.0.0",
        "100.64.0.1",
        "126.255.255.255",
        "128.0.0.1",
        "192.0.2.1",
        "223.255.255.255",
        "2001:db8::1",
        "fd00::1",
    ]
    assert ask_texts(engine, "is_no_host(address_of(txt))", texts) == [False] * len(texts)
