"""Kea's lease files: a journal in CSV, whose columns differ by version."""

from __future__ import annotations

import pytest

from tests.attribution.bindings.log_text import NOON_EPOCH, Told, read_text
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import Engine
from tocsin.terms.errors import BadRequest

LOG = LogConfig(name="dhcp", reader="kea")
V4 = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n"
V6 = (
    "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,"
    "hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n"
)
OLD = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname\n"  # Kea 0.9
MAC, DUID = "02:00:00:00:00:01", "00:01:00:01:2a:2b:2c:2d:02:00:00:00:00:01"


def row(
    address: str = "192.0.2.7", *, mac: str = MAC, life: int = 600, end: int = 600, state: int = 0, context: str = ""
) -> str:
    return f"{address},{mac},,{life},{NOON_EPOCH + end},1,0,0,meter,{state},{context},0\n"


def row_v6(address: str, kind: int, bits: int) -> str:
    return f"{address},{DUID},600,{NOON_EPOCH + 600},1,500,{kind},7,{bits},0,0,,,0,,1,2,0\n"


def test_a_lease_is_held_from_its_end_less_its_lifetime(engine: Engine) -> None:
    [told] = read_text(engine, V4 + row(), LOG).events
    assert told == Told(line=2, status="lease", at=0, account=MAC, network="192.0.2.7", until=600)


def test_any_version_names_its_columns(engine: Engine) -> None:
    text = OLD + f"192.0.2.7,{MAC},,600,{NOON_EPOCH + 600},1,0,0,meter\n"
    assert read_text(engine, text, LOG).brief() == [("lease", 0, MAC, "192.0.2.7")]


def test_addresses_and_prefixes_of_ipv6(engine: Engine) -> None:
    text = V6 + row_v6("2001:db8::7", 0, 128) + row_v6("2001:db8:aa00::", 2, 56) + row_v6("2001:db8::8", 1, 128)
    assert [(told.network, told.account) for told in read_text(engine, text, LOG).events] == [
        *[("2001:db8::7", DUID), ("2001:db8:aa00::/56", DUID), ("2001:db8::8", DUID)]
    ]


def test_a_reclaimed_lease_was_over_at_its_end(engine: Engine) -> None:
    assert read_text(engine, V4 + row(state=2), LOG).brief() == [("release", 600, MAC, "192.0.2.7")]


def test_a_deleted_lease_was_over_after_all_that_the_journal_had_told(engine: Engine) -> None:
    """Its row says when the client was last heard (here: noon), not when the lease was deleted."""
    text = V4 + row() + row("192.0.2.8", mac="02:00:00:00:00:02", end=900) + row(life=0, end=0)
    assert read_text(engine, text, LOG).brief()[2] == ("release", 300, MAC, "192.0.2.7")


def test_a_lease_that_was_deleted_before_anything_else_was_told_is_over(engine: Engine) -> None:
    """At the same moment the end would be taken for that of the lease before, and the client would hold it on."""
    assert read_text(engine, V4 + row() + row(life=0, end=0), LOG).brief() == [
        ("lease", 0, MAC, "192.0.2.7"),
        ("release", 1, MAC, "192.0.2.7"),
    ]


def test_a_declined_address_is_no_longer_his_who_declined_it(engine: Engine) -> None:
    text = V4 + row() + row(mac="", life=86_400, end=86_403, state=1)
    assert read_text(engine, text, LOG).brief()[1] == ("release", 4, MAC, "192.0.2.7")


def test_a_lease_for_ever_is_held_for_ever(engine: Engine) -> None:
    [told] = read_text(engine, V4 + row(life=4_294_967_295, end=4_294_967_295), LOG).events
    assert (told.at, told.until) == (0, 4_294_967_295)


CONTEXTS = (
    '{ "ISC": { "relay-agent-info": "0x0105686F7764790203AABBCC" } }',
    '{ "ISC": { "relay-agent-info": { "remote-id": "AABBCC"&#x2c "sub-options": "0x0105686F7764790203AABBCC" } } }',
    '{ "ISC": { "relay-agent-info": "0x0203AABBCC0105686F776479" } }',
)


@pytest.mark.parametrize(
    ("account_from", "account"), [("circuit-id", "howdy"), ("circuit-id/remote-id", "howdy/aa:bb:cc")]
)
def test_option_82_is_in_the_user_context(engine: Engine, account_from: str, account: str) -> None:
    log = LogConfig(name="dhcp", reader="kea", account_from=account_from)
    found = read_text(engine, V4 + "".join(row(context=context) for context in CONTEXTS), log)
    assert [told.account for told in found.events] == [account] * len(CONTEXTS)


def test_a_cut_option_82_is_none(engine: Engine) -> None:
    log = LogConfig(name="dhcp", reader="kea", account_from="circuit-id")
    text = "".join(
        row(context=f'{{ "ISC": {{ "relay-agent-info": "0x{cut}" }} }}') for cut in ("01", "01zz", "0105", "ff")
    )
    found = read_text(engine, V4 + text, log)
    assert ({told.account for told in found.events}, found.rejects) == ({None}, [])


def test_a_header_in_between_is_passed_over(engine: Engine) -> None:
    found = read_text(engine, V4 + row() + V4 + row("192.0.2.8"), LOG)
    assert ([told.line for told in found.events], found.rejects) == ([2, 4], [])


def test_a_file_without_a_header_is_refused(engine: Engine) -> None:
    with pytest.raises(BadRequest, match="columns"):
        read_text(engine, row(), LOG)
    assert read_text(engine, "", LOG).events == []


def test_a_client_without_a_name_is_nobody(engine: Engine) -> None:
    [told] = read_text(engine, V4 + row(mac=""), LOG).events
    assert (told.status, told.account) == ("lease", None)


def test_a_bad_row_is_a_reject(engine: Engine) -> None:
    reason_by_row = {
        "192.0.2.7,,\n": "3 fields where the header has 12",
        row().replace(",600,", ",x,"): "not a valid_lifetime and an expire that fit",
        row(state=9): "not a state of a lease: 9",
        row("192.0.2.777"): "not an IP address: 192.0.2.777",
    }
    found = read_text(engine, "".join((V4, *reason_by_row, row("192.0.2.8"))), LOG)
    assert [told.network for told in found.events] == ["192.0.2.8"]
    assert found.rejects == list(enumerate(reason_by_row.values(), 2))
