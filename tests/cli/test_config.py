"""What `tocsin config` shows, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tocsin.cli.main import tocsin
from tocsin.cli.secrets import hide
from tocsin.pipeline.config import load_config
from tocsin.terms.errors import BadConfig

CONFIG = """
[issuer]
name = "Example Net"
domain = "isp.example"
mail_from = "abuse@isp.example"

[provider]
prefixes = ["192.0.2.0/24"]

[book]
url = "postgresql+psycopg://tocsin:s3cret:@db.isp.example/tocsin"

[[sources]]
name = "queue"
reader = "jsonl"
url = "amqp://guest:s3cret%2F@mq.isp.example/%2F/sightings"

[delivery]
via = "smtp"
host = "mail.isp.example"
user = "tocsin"
password_file = "password"
"""


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text(CONFIG)
    for form in ((), ("--json",)):
        shown = CliRunner().invoke(tocsin, ["config", "--config", str(path), *form], standalone_mode=False).stdout
        assert "s3cret" not in shown
        assert "postgresql+psycopg://tocsin:***@db.isp.example/tocsin" in shown
        assert "amqp://guest:***@mq.isp.example/%2F/sightings" in shown


URLS = {  # what is written, what is shown
    "redis://:pa/ss@h.example:6379/2/q": "redis://:***@h.example:6379/2/q",
    "redis://u:p@ss?#@h.example/2/q": "redis://u:***@h.example/2/q",
    'amqps://u:"quoted"@h.example/v/q': "amqps://u:***@h.example/v/q",
    "postgresql+psycopg://db.example/b?user=u&password=p": "postgresql+psycopg://db.example/b?user=u&password=***",
    "https://h.example/list?access_token=t&day=1": "https://h.example/list?access_token=***&day=1",
    "redis://h.example:6379/2/q": "redis://h.example:6379/2/q",
    "sqlite:////var/lib/book.sqlite": "sqlite:////var/lib/book.sqlite",
}


@pytest.mark.parametrize("written", URLS)
def test_passwords_of_every_form_of_url_are_hidden(written: str) -> None:
    assert hide({"sources": [{"url": written}]}) == {"sources": [{"url": URLS[written]}]}


def test_a_book_that_is_no_url_is_refused_without_being_quoted(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text(CONFIG.replace("postgresql+psycopg://", "postgresql:"))
    with pytest.raises(BadConfig) as refused:
        load_config(path)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ('via = "smtp"', "not the name of a server"),
        ('via = "smtp"\nhost = "mail.isp.example"\ntls = "none"', "in the clear"),
        ('via = "smtp"\nhost = "evil\\r\\nRCPT"', "not the name of a server"),
        ('user = "x"', "belong together"),
        ('password = "s3cret"', "not a setting"),
        ("per_minute = 0", "1 to 100000"),
        ('via = "pigeon"', "maildir, smtp"),
    ],
)
def test_a_way_out_that_cannot_be_is_named(tmp_path: Path, setting: str, complaint: str) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text(CONFIG.partition("[delivery]")[0] + f"[delivery]\n{setting}\n")
    with pytest.raises(BadConfig, match=complaint) as refused:
        load_config(path)
    assert "s3cret" not in str(refused.value)
