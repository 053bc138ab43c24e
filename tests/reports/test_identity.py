"""Who complains never reaches the accused: not in any form, not in any header, not from any reader's columns."""

from __future__ import annotations

import email
import email.policy
import json
import re
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from tests.reports.complaints import ACCUSED, IDENTITY, arf
from tests.reports.test_report import CONFIG, all_mails, run, sighting
from tocsin.notices.reports.group import Form

FORMS: tuple[Form, ...] = get_args(Form)
SOURCE = "acme-hospital"  # as the configuration names who told us
NAMES = (*IDENTITY, SOURCE, "hospital", "198.51.100.99", "secret-complainant", "ref-of-robin")
NETWORKS = "prefix,origin,country,abuse_contact\n192.0.2.0/24,64500,IN,abuse@one.example\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sightings with all that a source may tell of itself, and complaints with their mails."""
    config = CONFIG.replace('name = "sinkhole"', f'name = "{SOURCE}"\ntitle = "Acme Hospital"')
    (tmp_path / "tocsin.toml").write_text(config.partition("[[reports.contacts]]")[0] + '\n[reports]\nform = "FORM"\n')
    (tmp_path / "networks.csv").write_text(NETWORKS)
    whole = {
        "source": SOURCE,
        "observer": "victim.example",
        "source_ref": "ref-of-robin",
        "peer_address": "198.51.100.99",
        "peer_name": "mx7.victim.example",
        "peer_port": 25,
        "extra": {"reporter": "robin.smith@victim.example", "line": "login of robin failed on mx7.victim.example"},
    }
    kinds = (
        ("infected-system", "malicious-code", "infected"),
        ("brute-force", "intrusion-attempts", "attacker"),
        ("spam", "abusive-content", "attacker"),
        ("scanner", "information-gathering", "attacker"),
        ("potentially-unwanted-accessible", "vulnerable", "exposed"),
    )
    rows = [
        sighting(f"192.0.2.{place}", kind=kind, taxonomy=taxonomy, role=role, **whole)
        for place, (kind, taxonomy, role) in enumerate(kinds, 1)
    ]
    (tmp_path / "feed.jsonl").write_text("\n".join(rows) + "\n")
    (tmp_path / "complaint.eml").write_bytes(arf())
    return tmp_path


def readable(mail: email.message.Message) -> str:
    """Everything a program could find in it: each header, each part as it stands and decoded, XARF's evidence too."""
    found = [mail.as_string()]
    for part in mail.walk():
        found += [
            f"{name}: {email.header.make_header(email.header.decode_header(value))}" for name, value in part.items()
        ]
        payload = part.get_payload(decode=True)
        text = payload.decode(errors="replace") if isinstance(payload, bytes) else ""
        found.append(text)
        if part.get_content_type() == "application/json" and "xarf_version" in text:
            found += [b64decode(each["payload"]).decode() for each in json.loads(text)["evidence"]]
    return "\n".join(found).lower()


@pytest.mark.parametrize("form", FORMS)
def test_no_form_names_who_complained(form: Form, folder: Path) -> None:
    path = folder / "tocsin.toml"
    path.write_text(path.read_text().replace("FORM", form))
    run(folder, "init")
    run(folder, "networks", "update", str(folder / "networks.csv"), "--valid-from", "2026-01-01T00:00:00Z")
    for name in ("feed.jsonl", "complaint.eml"):
        run(folder, "read", str(folder / name), "--source", SOURCE)
    printed = run(folder, "report", at=timedelta(hours=1)).lower()
    run(folder, "report", "--send", at=timedelta(hours=1))
    mails = all_mails(folder)
    told = "\n".join(map(readable, mails))
    for address in (*(f"192.0.2.{place}" for place in range(1, 6)), ACCUSED):
        assert address in told  # something was told of each: the test looks at reports that are there
    for name in NAMES:
        word = re.compile(rf"(?<!\w){re.escape(name)}")  # `robin` is in `probing`, and nobody is named there
        assert not word.search(told), f"{form}: {name}"
        assert not word.search(printed), f"{form}, printed: {name}"
