"""In the whole chain: a mail that its sender has signed is the source's, any other a stranger's or rejected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.mailcheck.mail_world import record, signed
from tocsin.cli.main import tocsin
from tocsin.pipeline.config import load_config
from tocsin.terms.errors import BadConfig
from tocsin.terms.roles import Trust

GOLDEN = Path(__file__).parent / "golden" / "fail2ban" / "complaint.eml"
CONFIG = """
data = "data"
[issuer]
name = "Example Net"
domain = "isp.example"
mail_from = "abuse@isp.example"
[provider]
prefixes = ["192.0.2.0/24"]
[senders]
zone = "zone.txt"
[[sources]]
name = "cert"
title = "Example CERT"
trust = "known"
paths = ["mails/*"]
[sources.sender]
from = "net.example"
dkim = "net.example"
"""


def mail(number: int = 1) -> bytes:
    raw = GOLDEN.read_bytes().replace(b"server.example", b"net.example").replace(b"<1@", b"<%d@" % number)
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.toml").write_text(CONFIG)
    text = record()
    pieces = " ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200))
    (tmp_path / "zone.txt").write_text(f"$ORIGIN net.example.\n$TTL 60\ns1._domainkey IN TXT {pieces}\n")
    (tmp_path / "mails").mkdir()
    run(tmp_path, "init")
    return tmp_path


def run(folder: Path, *arguments: str, given: bytes | None = None) -> list[dict[str, object]]:
    config = ["--config", str(folder / "tocsin.toml")]
    timed = [] if arguments[0] == "init" else ["--now", "2026-11-24T06:00:00Z", "--json"]
    result = CliRunner().invoke(
        tocsin, [*arguments, *config, *timed], input=given, standalone_mode=False, catch_exceptions=False
    )
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def held(folder: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in run(folder, "held", "192.0.2.79", "--reason", "a test"):
        found[str(line["source"])] = found.get(str(line["source"]), 0) + 1
    return found


def test_a_signed_mail_is_the_sources_and_any_other_a_strangers(folder: Path) -> None:
    (folder / "mails/a.eml").write_bytes(signed(mail()))
    (folder / "mails/b.eml").write_bytes(mail(2))
    good, bad = (line for line in run(folder, "read") if str(line["name"]).endswith(".eml"))
    assert (good["of"], good.get("warnings", [])) == ("cert", [])
    assert bad["of"] == "cert~strangers"
    assert "no DKIM signature of net.example" in str(bad["warnings"])
    assert set(held(folder)) == {"cert", "cert~strangers"}
    config = load_config(folder / "tocsin.toml")
    assert config.trust() == {"cert": Trust.KNOWN, "cert~strangers": Trust.STRANGER}
    assert config.titles()["cert~strangers"] == "Example CERT (sender not shown)"


def test_a_replay_adds_nothing_whatever_is_put_before_it(folder: Path) -> None:
    (folder / "mails/a.eml").write_bytes(signed(mail()))
    run(folder, "read")
    before = held(folder)
    (folder / "mails/b.eml").write_bytes(b"Received: from evil.example by mx; x\r\n" + signed(mail()))
    (folder / "mails/c.eml").write_bytes(signed(mail()))
    again = [line for line in run(folder, "read") if line["name"] in {"b.eml", "c.eml"}]
    assert all(line["of"] == "cert" and not line["records"] for line in again)
    assert held(folder) == before


def test_where_it_is_to_be_rejected_it_is_with_its_reason(folder: Path) -> None:
    (folder / "tocsin.toml").write_text(f'{CONFIG}otherwise = "reject"\n')
    (folder / "mails/b.eml").write_bytes(mail())
    [bad] = [line for line in run(folder, "read") if line["name"] == "b.eml"]
    assert (bad["rejects"], bad["records"]) == (1, 0)
    assert "rejected, not shown to be from net.example: it has no DKIM signature" in str(bad["warnings"])
    assert held(folder) == {}


def test_each_mail_of_a_mailbox_stands_for_itself_and_what_is_no_mail_is_nobodys(folder: Path) -> None:
    line = b"From x Mon Nov 23 09:00:00 2026\n"
    box = line + signed(mail()) + b"\n" + line + mail(2).replace(b"192.0.2.79", b"192.0.2.79") + b"\n"
    (folder / "mails/box.mbox").write_bytes(box)
    (folder / "mails/list.jsonl").write_text(
        '{"time.source": "2026-11-23T10:00:00+00:00", "source.ip": "192.0.2.79"}\n'
    )
    lines = {str(line["name"]): line for line in run(folder, "read")}
    assert "box.mbox#2: not shown" in str(lines["box.mbox"]["warnings"])
    assert "it is no mail" in str(lines["list.jsonl"]["warnings"])
    assert held(folder)["cert"] == held(folder)["cert~strangers"] - 1  # the event of the list


def test_a_mail_on_standard_input_is_judged_too(folder: Path) -> None:
    [line] = run(folder, "read", "-", "--source", "cert", given=mail())
    assert line["of"] == "cert~strangers"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sources.sender]\nfrom = "cert.example"\n', "anybody can write a From"),
        ('[sources.sender]\ndkim = "CERT.example"\n', "no domain"),
        ('[sources.sender]\npgp = "ABCD"\n', "no fingerprint"),
        ('[sources.sender]\nfrom = "two words"\ndkim = "cert.example"\n', "no address or domain"),
        ('[senders]\ndns = ["system", "192.0.2.53"]\n', "either"),
        ('[senders]\nauthserv = "a b"\n', "no server"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(folder: Path, text: str, said: str) -> None:
    base = CONFIG.partition("[senders]")[0]
    source = '[[sources]]\nname = "cert"\n' if text.startswith("[sources") else ""
    (folder / "tocsin.toml").write_text(f"{base}{source}{text}")
    with pytest.raises(BadConfig, match=said):
        load_config(folder / "tocsin.toml")
