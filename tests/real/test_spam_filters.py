"""Notices in SpamAssassin and rspamd, as Debian packages them: a notice that is filed as spam warns nobody.

Neither has a network: SpamAssassin asks nobody (-L), and rspamd's only DNS server is ours, which knows one provider.
"""

from __future__ import annotations

import json
import mailbox
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from tests.mailcheck.mail_world import CODE, FACTS, RECIPIENT, TROUBLE
from tests.mailcheck.test_dns import Zone, server
from tests.mailcheck.test_own_letters import ISSUER, keys
from tocsin.notices.compose import compose
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.notices.seal import seal
from tocsin.notices.sentences import ROLES
from tocsin.notices.signer import dkim_record
from tocsin.notices.zone import DMARC, SPF
from tocsin.proof.facts import Trouble

SENDER, HOST = "192.0.2.25", "mx.net.example"
KINDS = {"infected": "infected-system", "attacker": "brute-force", "exposed": "vulnerable-system"}
RECEIVED = (
    f"Received: from {HOST} ({HOST} [{SENDER}])\r\n\tby mail.home.example with ESMTPS id 1\r\n"
    f"\tfor <{RECIPIENT}>; Tue, 24 Nov 2026 05:00:03 +0000\r\n"
)
# rspamd takes every vowel sign of Devanagari for a change of script, in any Hindi subject: up to 5 points, where 4 may
# delay a mail (greylist), 6 mark it as spam and 15 refuse it.
VOWEL_SIGNS = "R_MIXED_CHARSET"
HARMLESS = ("no action", "greylist")
STARTS_S_MAX = 180  # rspamd compiles its expressions first

Letters = dict[str, bytes]


def letter(language: str, *troubles: Trouble) -> bytes:
    facts = replace(FACTS, language=language, troubles=troubles)
    return RECEIVED.encode() + seal(compose(facts, CODE, ISSUER), facts, ISSUER, keys()).raw


@pytest.fixture(scope="module")
def letters() -> Letters:
    """Each role in each language; and letters of many troubles, with all that a feed may state, or hardly anything."""
    of_role = {role: replace(TROUBLE, role=role, kind=KINDS[role]) for role in ROLES}
    bare = replace(TROUBLE, malware=None, port=None, peer_address=None, source_ref=None, count=1)
    made = {f"{role}-{language}": letter(language, of_role[role]) for role, language in product(ROLES, LANGUAGES)}
    for language in LANGUAGES:
        made[f"bare-{language}"] = letter(language, bare)
        made[f"many-{language}"] = letter(language, *(replace(TROUBLE, port=port) for port in range(40000, 40009)))
    return made


@pytest.mark.skipif(shutil.which("spamassassin") is None, reason="needs Debian's spamassassin")
def test_spamassassin_does_not_call_a_notice_spam(letters: Letters, tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "notices")
    for raw in letters.values():
        box.add(raw.removeprefix(RECEIVED.encode()).replace(b"\r\n", b"\n"))  # it takes 192.0.2.0/24 for forged
    box.close()
    (tmp_path / "prefs").write_text("report_safe 0\nuse_bayes 0\nuse_auto_whitelist 0\nuse_txrep 0\n")
    command = ["spamassassin", "-L", "--mbox", f"--prefspath={tmp_path}/prefs"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    with (tmp_path / "notices").open("rb") as given:
        ran = subprocess.run(command, stdin=given, capture_output=True, check=True, env=environment, timeout=300)
    (tmp_path / "judged").write_bytes(ran.stdout)
    said = {
        name: str(mail["X-Spam-Status"]) for name, mail in zip(letters, mailbox.mbox(tmp_path / "judged"), strict=True)
    }
    assert {name: line for name, line in said.items() if not line.startswith("No, ")} == {}
    scores = {name: float(line.split("score=")[1].split()[0]) for name, line in said.items()}
    assert {name: said[name] for name, score in scores.items() if score >= 1} == {}


class Symbol(msgspec.Struct):
    score: float
    options: list[str] = []


class Said(msgspec.Struct):
    """What rspamd says: its action, its points, and why."""

    action: str
    score: float
    symbols: dict[str, Symbol]

    @property
    def of_vowel_signs(self) -> float:
        return self.symbols[VOWEL_SIGNS].score if VOWEL_SIGNS in self.symbols else 0

    def against(self) -> list[str]:
        return [f"{name} {one.score} {one.options}" for name, one in self.symbols.items() if one.score > 0]


ZONE: Zone = {
    ("net.example.", "TXT"): [f'"{SPF}"'],
    ("net.example.", "MX"): [f"10 {HOST}."],
    ("_dmarc.net.example.", "TXT"): [f'"{DMARC}"'],
    (f"{HOST}.", "A"): [SENDER],
    (f"{'.'.join(reversed(SENDER.split('.')))}.in-addr.arpa.", "PTR"): [f"{HOST}."],
    ("mail.example.", "MX"): ["10 mx.mail.example."],
}


@contextmanager
def rspamd(folder: Path, dns: str) -> Iterator[str]:
    """Debian's set-up of rspamd with nothing but one worker on loopback; what asks others is off."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        door = f"127.0.0.1:{free.getsockname()[1]}"
    local = folder / "etc" / "local.d"
    local.mkdir(parents=True)
    off = ("worker-controller.inc", "worker-proxy.inc", "worker-fuzzy.inc")
    asks = ("rbl", "fuzzy_check", "asn", "greylist", "ratelimit", "history_redis", "neural", "url_redirector")
    for name in (*off, *(f"{module}.conf" for module in asks)):
        (local / name).write_text("enabled = false;\n")
    (local / "worker-normal.inc").write_text(f'bind_socket = "{door}";\ncount = 1;\n')
    (local / "options.inc").write_text(f'dns {{ nameserver = ["{dns}"]; timeout = 1s; retransmits = 2; }}\n')
    (local / "logging.inc").write_text('type = "console";\n')
    places = {"LOCAL_CONFDIR": "etc", "DBDIR": "db", "RUNDIR": "run", "LOGDIR": "log"}
    for place in places.values():
        (folder / place).mkdir(exist_ok=True)
    variables = [f"--var={name}={folder / place}" for name, place in places.items()]
    with (folder / "out").open("wb") as out:
        command = ["rspamd", "-f", "-i", "-c", "/etc/rspamd/rspamd.conf", *variables]
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder)
        try:
            _wait_for(door, process)
            yield door
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(door: str, process: subprocess.Popen[bytes]) -> None:
    host, _, port = door.partition(":")
    ends = time.monotonic() + STARTS_S_MAX
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"rspamd did not start: {process.poll()}")


def ask(door: str, raw: bytes) -> Said:
    envelope = ["--ip", SENDER, "--helo", HOST, "--hostname", HOST, "--from", ISSUER.mail_from, "--rcpt", RECIPIENT]
    command = ["rspamc", "-h", door, "--json", *envelope, "symbols"]
    ran = subprocess.run(command, input=raw, capture_output=True, check=True, timeout=60)
    return msgspec.convert(json.loads(ran.stdout), Said)


@pytest.mark.skipif(shutil.which("rspamd") is None, reason="needs Debian's rspamd")
def test_rspamd_does_not_call_a_notice_spam_and_finds_it_signed(letters: Letters, tmp_path: Path) -> None:
    record = dkim_record(keys().dkim.public_key())
    pieces = " ".join(f'"{record[start : start + 255]}"' for start in range(0, len(record), 255))
    zone = ZONE | {(f"{ISSUER.selector}._domainkey.net.example.", "TXT"): [pieces]}
    with server(zone) as dns, rspamd(tmp_path, dns) as door:
        said = {name: ask(door, raw) for name, raw in letters.items()}
    told = {name: (one.action, one.score, one.against()) for name, one in said.items()}
    assert {name: one for name, one in told.items() if one[0] not in HARMLESS} == {}
    assert {name for name, one in told.items() if one[0] != "no action"} <= {
        name for name in told if name.endswith("-hi")
    }
    assert {name: told[name] for name, one in said.items() if one.score - one.of_vowel_signs >= 1} == {}
    for one in said.values():
        assert one.symbols.keys() >= {"R_DKIM_ALLOW", "R_SPF_ALLOW", "DMARC_POLICY_ALLOW"}
