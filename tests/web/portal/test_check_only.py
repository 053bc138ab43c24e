"""`tocsin serve --check-only`: a family, a library or a consumers' office runs it as it is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.web.portal.test_check_pages import PHISH
from tests.web.shared.processes import free_port, wait_for

_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


def is_up(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_it_needs_no_configuration_and_writes_no_file(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "mine.txt").write_text("paypal.com.evil.example\n", "utf-8")
    before = sorted(tmp_path.rglob("*"))
    listen = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "tocsin", "serve", "--check-only", "--listen", listen, "--lists", "lists"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    served = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    try:
        wait_for(lambda: is_up(f"http://{listen}/"))
        with httpx.Client(base_url=f"http://{listen}", headers={"Accept-Language": "de"}) as client:
            token = _TOKEN.search(client.get("/").text)
            assert token
            html = (
                b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<a href='http://paypal.com.evil.example/'>x</a>"
            )
            fields = {"_csrf_token": (None, token[1]), "mail": ("secret-name.eml", html)}
            assert "mine.txt" in client.post("/check", files=fields).text
            fields["mail"] = ("secret-name.eml", PHISH)
            answer = client.post("/check", files=fields)
        assert answer.status_code == 200
        assert '<html lang="de">' in answer.text
    finally:
        served.terminate()
        _, log = served.communicate(timeout=20)
    assert sorted(tmp_path.rglob("*")) == before
    for word in (b"secret-name", b"PayPal", b"evil.example", b"gift"):
        assert word not in log
