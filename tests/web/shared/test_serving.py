"""`tocsin serve` keeps its processes up, ends them with itself, and says plainly what it cannot do."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from tests.web.shared.processes import Start, free_port, starting, wait_for
from tocsin.cli import serve
from tocsin.terms.errors import BadRequest


@pytest.fixture
def start() -> Iterator[Start]:
    with starting() as begin:
        yield begin


@pytest.fixture
def served(demo_folder: Path, tmp_path: Path) -> tuple[Path, str, str]:
    """A configuration of the demo with free ports, and where portal and desk will be."""
    portal, desk = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    text = (demo_folder / "tocsin.toml").read_text("utf-8")
    text = text.replace('data = "data"', f'data = "{demo_folder / "data"}"').replace("[web]\n", "")
    path = tmp_path / "tocsin.toml"
    path.write_text(f'{text.replace("proxies =", "# proxies =")}[web]\nportal = "{portal}"\ndesk = "{desk}"\n', "utf-8")
    return path, f"http://{portal}", f"http://{desk}"


def answers(url: str) -> bool:
    try:
        return httpx.get(url, follow_redirects=True).status_code == 200
    except httpx.TransportError:
        return False


def processes_of(config: Path) -> dict[int, str]:
    """Each running process of that configuration: what it serves, by its number."""
    found = {}
    for each in Path("/proc").iterdir():
        try:
            words = (each / "cmdline").read_bytes().decode().split("\0")
        except (OSError, ValueError):
            continue
        if str(config) in words and "serve" in words:
            found[int(each.name)] = words[words.index("--only") + 1] if "--only" in words else "all"
    return found


def test_it_serves_both_and_starts_again_what_died(served: tuple[Path, str, str], start: Start) -> None:
    config, portal, desk = served
    parent = start("tocsin", "serve", "--config", config)
    wait_for(lambda: answers(portal) and answers(f"{desk}/sign-in"))
    running = processes_of(config)
    assert sorted(running.values()) == ["all", "desk", "portal", "worker"]
    first = next(number for number, part in running.items() if part == "portal")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: first not in processes_of(config))
    wait_for(lambda: answers(portal))
    parent.kill()
    parent.wait()
    wait_for(lambda: processes_of(config) == {})  # nothing stays behind, not even now


def test_a_port_in_use_is_said_in_plain_words(served: tuple[Path, str, str], start: Start) -> None:
    config, portal, _ = served
    first = start("tocsin", "serve", "--only", "portal", "--config", config)
    wait_for(lambda: answers(portal))
    second = start("tocsin", "serve", "--config", config)
    assert second.wait(60) == 2
    assert b"cannot listen: Address already in use" in (second.stderr.read() if second.stderr else b"")
    assert first.poll() is None


def test_without_the_webs_packages_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> object:
        raise ModuleNotFoundError("No module named 'litestar'", name="litestar")

    monkeypatch.setattr(serve, "import_module", missing)
    done = CliRunner().invoke(serve.command, [])
    assert isinstance(done.exception, BadRequest)
    assert str(done.exception) == "litestar is not installed (pip install 'tocsin[web]')"
