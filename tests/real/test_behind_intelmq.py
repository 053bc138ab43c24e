"""The recipes of docs/behind-intelmq.md, as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.evidence.evidence_world import NOW
from tests.evidence.test_intelmq import EVENT
from tests.evidence.test_n6 import RECORD
from tests.real.brokers import redis_server
from tocsin.pipeline.config import SourceSection
from tocsin.pipeline.tomlfile import as_struct
from tocsin.terms.moments import format_moment

PAGE = Path(__file__).parents[2] / "docs" / "behind-intelmq.md"
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
CONFIG = """
[issuer]
name = "Demo"
domain = "demo.example"
mail_from = "a@demo.example"
[provider]
prefixes = ["192.0.2.0/24"]
"""

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="redis-server is not installed (apt-get install redis-server)"
)


def tocsin(folder: Path, *arguments: str) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "tocsin", *arguments, "--now", format_moment(NOW)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return [msgspec.json.decode(line) for line in done.stdout.splitlines()]


def test_the_sources_of_the_page_read_what_it_says(tmp_path: Path) -> None:
    blocks = [block for kind, block in BLOCKS if kind == "toml"]
    assert len(blocks) == 3
    with redis_server(tmp_path) as port:
        for number, block in enumerate(blocks):
            import tomllib

            [source] = (as_struct(each, SourceSection, where="page") for each in tomllib.loads(block)["sources"])
            folder = tmp_path / str(number)
            folder.mkdir()
            told = RECORD if source.reader == "n6" else {"__type": "Event"} | EVENT
            (folder / "given.json").write_bytes(msgspec.json.encode(told))
            text = re.sub(r"paths = .*", 'paths = ["given.json"]', block).replace(":6379/", f":{port}/")
            (folder / "tocsin.toml").write_text(CONFIG + text)
            if source.url:
                queue = source.url.rpartition("/")[2]
                push = ["redis-cli", "-p", str(port), "-n", "2", "-x", "LPUSH", queue]
                subprocess.run(push, input=(folder / "given.json").read_bytes(), check=True, capture_output=True)
            came = tocsin(folder, "read", "--data", str(folder / "data"), "--json")
            assert [(each["of"], each["records"], each["rejects"]) for each in came] == [(source.name, 1, 0)]
            if source.url:
                assert tocsin(folder, "read", "--data", str(folder / "data"), "--json") == []


def test_the_commands_of_the_page_send_what_it_says(tmp_path: Path) -> None:
    [block] = [block for _, block in BLOCKS if "--send" in block]
    printed, sent = block.strip().splitlines()
    (tmp_path / "sinkhole.log").write_bytes(msgspec.json.encode(EVENT))
    [event] = tocsin(tmp_path, *printed.partition(" > ")[0].split()[1:])
    assert event["source.ip"] == EVENT["source.ip"]
    with redis_server(tmp_path) as port:
        assert tocsin(tmp_path, *sent.replace(":6379/", f":{port}/").split()[1:]) == []
        pop = ["redis-cli", "-p", str(port), "-n", "2", "RPOP", "deduplicator-expert-queue"]
        taken = msgspec.json.decode(subprocess.run(pop, check=True, capture_output=True).stdout)
    assert taken == {"__type": "Event"} | event
