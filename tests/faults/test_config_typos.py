"""A configuration with a slip: one line that names the file, the place, what stands there and what is allowed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.faults import small_provider
from tocsin.cli.main import main

TYPOS = {  # the slip: (what stands there, what is written instead, what the line must name)
    "an unknown setting": ('mail_from = "', 'mail_form = "', ("`issuer.mail_form`", "did you mean `mail_from`")),
    "an unknown setting in a list": ('title = "', 'titel = "', ("`sources[0].titel`", "did you mean `title`", "trust")),
    "an unknown section": ("[lake]", "[lakes]", ("`lakes`", "did you mean `lake`")),
    "a number as text": ("interim_s = 1800", 'interim_s = "1800"', ("`logs[0].interim_s`", "'1800'", "int")),
    "text as a number": ('name = "Small Net"', "name = 7", ("`issuer.name`", "7", "str")),
    "one path for a list": (
        'paths = ["static.csv"]',
        'paths = "static.csv"',
        ("`logs[1].paths`", "'static.csv'", "array"),
    ),
    "yes for true": ("send = true", 'send = "yes"', ("`notices.send`", "'yes'", "bool")),
    "a word that is none of several": (
        'trust = "known"',
        'trust = "freind"',
        ("sources[0].trust", "'freind'", "stranger"),
    ),
    "a language that nobody writes": ('domain = "', 'language = "tlh"\ndomain = "', ("issuer.language", "'tlh'", "ja")),
    "a missing setting": ('mail_from = "abuse@isp.example"\n', "", ("`issuer`", "`mail_from`")),
    "a missing name": ('name = "cert"\n', "", ("`sources[0]`", "`name`")),
    "a missing section": ("[issuer]", "[lake.issuer]", ("issuer",)),
    "an own prefix that is none": (
        'prefixes = ["198.51.100.0/24", "203',
        'prefixes = ["198.51.100.7/24", "203',
        ("provider.prefixes", "198.51.100.7/24", "192.0.2.0/24"),
    ),
    "a log's prefix that is none": (
        'prefixes = ["203.0.113.0/24"]',
        'prefixes = ["203.0.113.0/33"]',
        ("logs.static.prefixes", "203.0.113.0/33"),
    ),
    "no prefix at all": (
        'prefixes = ["198.51.100.0/24", "203.0.113.0/24"]',
        "prefixes = []",
        ("provider.prefixes", "name your own"),
    ),
    "an unknown reader": ('reader = "freeradius"', 'reader = "freeraduis"', ("radius", "'freeraduis'", "freeradius")),
    "an unknown reader of a source": (
        'paths = ["feeds/*.csv"]',
        'paths = ["feeds/*.csv"]\nreader = "shadowserfer"',
        ("sources.cert.reader", "'shadowserfer'", "shadowserver"),
    ),
    "two logs of one name": ('name = "static"', 'name = "radius"', ("'radius'", "logs")),
    "a source named like a log": ('name = "cert"', 'name = "radius"', ("'radius'", "rename one")),
    "more than all": ("share_max = 1.0", "share_max = 100", ("notices.share_max", "100", "0 to 1")),
    "a zone that is nowhere": ('domain = "', 'zone = "Asia/Tokio"\ndomain = "', ("issuer.zone", "'Asia/Tokio'")),
    "a memory that is none": ("threads = 1", 'memory = "lots"', ("lake.memory", "'lots'")),
    "no threads": ("threads = 1", "threads = 0", ("lake.threads", "0")),
    "a broken line": ("[lake]", "[lake", ("not TOML", "line")),
    "a database that is none": ("[lake]", '[book]\nurl = "nonsense"\n[lake]', ("book", "url")),
}


@pytest.mark.parametrize("verb", ["run", "config"])
@pytest.mark.parametrize(("there", "instead", "named"), TYPOS.values(), ids=TYPOS.keys())
def test_a_slip_is_named_with_its_place_and_what_is_allowed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: str,
    there: str,
    instead: str,
    named: tuple[str, ...],
) -> None:
    small_provider.found(tmp_path)
    config = tmp_path / "tocsin.toml"
    right = config.read_text("utf-8")
    assert there in right
    config.write_text(right.replace(there, instead, 1), "utf-8")
    monkeypatch.setattr(sys, "argv", ["tocsin", verb, "--config", str(config)])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert said.count("\n") == 1, said
    assert all(part in said for part in (str(config), *named)), said
    assert not (tmp_path / "data" / "book.sqlite").exists()
