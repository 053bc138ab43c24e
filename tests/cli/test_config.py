"""What `tocsin config` shows, and what it does not."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from tocsin.cli.main import tocsin

CONFIG = """
[issuer]
name = "Example Net"
domain = "isp.example"
mail_from = "abuse@isp.example"

[provider]
prefixes = ["192.0.2.0/24"]

[book]
url = "postgresql+psycopg://tocsin:s3cret:@db.isp.example/tocsin"
"""


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text(CONFIG)
    for form in ((), ("--json",)):
        shown = CliRunner().invoke(tocsin, ["config", "--config", str(path), *form], standalone_mode=False).stdout
        assert "s3cret" not in shown
        assert "postgresql+psycopg://tocsin:***@db.isp.example/tocsin" in shown
