"""A household behind a carrier's NAT, from the files of its machines to the one answer, as an operator sets it up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tocsin.cli.main import tocsin

CONFIG = """
[issuer]
name = "Example Net"
domain = "isp.example"
mail_from = "abuse@isp.example"

[provider]
prefixes = ["192.0.2.0/24", "198.51.100.0/24"]

[[logs]]
name = "leases"
reader = "dhcpd"
paths = ["dhcpd.leases"]
prefixes = ["100.64.0.0/10"]
account_from = "circuit-id"

[[logs]]
name = "nat"
reader = "juniper"
paths = ["nat.log"]
prefixes = ["192.0.2.0/24"]
inside_logs = ["leases"]
zone = "Asia/Kolkata"
gap_s_max = 86400

[[logs]]
name = "fixed"
reader = "deterministic"
paths = ["fixed.csv"]
prefixes = ["198.51.100.0/24"]
inside_logs = ["leases"]

[subscribers]
paths = ["subscribers.csv"]
"""
LEASE = """lease {address} {{
  starts 2 2026/11/24 {starts};
  ends 2 2026/11/24 {ends};
  cltt 2 2026/11/24 {starts};
  binding state active;
  hardware ethernet 02:00:5e:00:00:{last:02x};
  option agent.circuit-id "{circuit}";
}}
"""
# 2026-11-24T02:00:00Z is 6a159d20; 90 minutes later the block is another household's.
NAT = """<14>Nov 24 07:30:00 cgn-1 RT_NAT: RT_SRC_NAT_PBA_ALLOC: Subscriber 100.64.0.1 used/maximum [1/4] blocks, \
allocates port block [2048-2303] from 192.0.2.9 in source pool P lsys_id: 0 epoch 0x{anna:x}
<14>Nov 24 09:00:00 cgn-1 RT_NAT: RT_SRC_NAT_PBA_RELEASE: Subscriber 100.64.0.1 used/maximum [0/4] blocks, \
releases port block [2048-2303] from 192.0.2.9 in source pool P lsys_id: 0 epoch 0x{gone:x}
<14>Nov 24 09:00:30 cgn-1 RT_NAT: RT_SRC_NAT_PBA_ALLOC: Subscriber 100.64.0.2 used/maximum [1/4] blocks, \
allocates port block [2048-2303] from 192.0.2.9 in source pool P lsys_id: 0 epoch 0x{bela:x}
<14>Nov 24 11:00:00 cgn-1 RT_NAT: RT_SRC_NAT_PBA_RELEASE: Subscriber 100.64.0.2 used/maximum [0/4] blocks, \
releases port block [2048-2303] from 192.0.2.9 in source pool P lsys_id: 0 epoch 0x{over:x}
"""
EPOCH = 1_795_485_600  # 2026-11-24T02:00:00Z

Who = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nat")
    (folder / "tocsin.toml").write_text(f'data = "data"\n{CONFIG}')
    leases = [("100.64.0.1", "anna", 1), ("100.64.0.2", "bela", 2)]
    (folder / "dhcpd.leases").write_text(
        "".join(
            LEASE.format(address=address, circuit=circuit, last=last, starts=starts, ends=ends)
            for starts, ends in (("01:00:00", "05:00:00"), ("03:00:00", "09:00:00"))
            for address, circuit, last in leases
        )
        + LEASE.format(address="100.64.0.9", circuit="zoe", last=9, starts="08:00:00", ends="09:00:00")
    )
    (folder / "nat.log").write_text(NAT.format(anna=EPOCH, gone=EPOCH + 5_400, bela=EPOCH + 5_430, over=EPOCH + 12_600))
    (folder / "fixed.csv").write_text("inside,outside\n100.64.0.0/28,198.51.100.4/30\n")
    (folder / "subscribers.csv").write_text(
        "subscriber,account,name,email,line\n"
        "C-anna,anna,Anna Example,anna@home.example,line 1\n"
        "C-bela,bela,Bela Example,bela@home.example,line 2\n"
    )
    for verb in ("read", "attribute"):
        _do(folder, verb)
    return folder


def _do(folder: Path, *words: str) -> str:
    told = ("--config", str(folder / "tocsin.toml"), "--now", "2026-11-24T12:00:00Z")
    done = CliRunner().invoke(tocsin, [*words, *told], catch_exceptions=False, standalone_mode=False)
    assert done.return_value in (None, 0), done.output
    return done.stdout


@pytest.fixture
def who(folder: Path) -> Who:
    def ask(address: str, port: int | None, at: str) -> str:
        words = ["who", address, "--at", f"2026-11-24T{at}Z", "--json"]
        answer = json.loads(_do(folder, *words, *(("--port", str(port)) if port else ())))
        return str(answer.get("subscriber", answer["reason"]))

    return ask


@pytest.mark.parametrize(
    ("port", "at", "answer"),
    [
        (2_048, "02:10:00", "C-anna"),
        (2_303, "03:29:00", "C-anna"),
        (2_100, "03:30:04", "held-for-a-part"),
        (2_100, "03:30:12", "nobody-held-it"),
        (2_100, "03:31:00", "C-bela"),
        (2_304, "03:31:00", "port-outside-every-range"),
        (None, "03:31:00", "no-port"),
        (2_100, "06:00:00", "log-not-read-so-far"),
    ],
)
def test_a_block_of_ports_is_whose_the_inside_address_was(who: Who, port: int | None, at: str, answer: str) -> None:
    assert who("192.0.2.9", port, at) == answer


def test_a_deterministic_nat_needs_no_log_of_its_own(who: Who) -> None:
    # Sixteen hosts behind four addresses: four an address, 16,128 ports each.
    assert who("198.51.100.4", 1_024 + 16_128, "02:10:00") == "C-anna"
    assert who("198.51.100.4", 1_024 + 2 * 16_128, "07:10:00") == "C-bela"
    assert who("198.51.100.5", 1_024, "02:10:00") == "nobody-held-it"


def test_a_binding_log_is_shown_before_it_is_configured(folder: Path) -> None:
    shown = CliRunner().invoke(tocsin, ["read", str(folder / "nat.log"), "--as", "juniper", "--to", "jsonl"])
    first = json.loads(shown.stdout.splitlines()[0])
    assert (first["status"], first["moment"], first["inside"]) == ("start", "2026-11-24T02:00:00Z", "100.64.0.1/32")
    assert (first["network"], first["port_first"], first["port_last"]) == ("192.0.2.9/32", 2_048, 2_303)
