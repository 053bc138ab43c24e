"""Uploads: received within bounds, read by a worker as a source, counted once, their rejects handed back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.faults import small_provider
from tests.web.demo_site import Clock
from tests.web.desk.cases_world import csrf
from tocsin.book import audit, uploads
from tocsin.book.uploads import Upload
from tocsin.pipeline.uploads import NAME_BYTES_MAX, safe_name
from tocsin.pipeline.work import Worker
from tocsin.web.desk import receiving
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]
_EVIL = "<script>alert(1)</script>"


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    """What the book is asked here is tested on both databases in tests/book/test_figures.py."""
    return sqlite_site


def feed(folder: Path, *rows: tuple[float, str, int]) -> bytes:
    """A sinkhole's report, with a record that cannot be read and would harm a spreadsheet or a page."""
    path = folder / "feed.csv"
    two = [(9.75, "198.51.100.14", 41_000), (9.8, "198.51.100.15", 41_001)]
    small_provider.write_sinkhole(path, list(rows) or two)
    return path.read_bytes() + f"=cmd|calc,{_EVIL}\n".encode()


def send(client: TestClient[Litestar], content: bytes, **changed: str) -> httpx.Response:
    values = csrf(client) | {"source": "cert", "name": "event4_sinkhole.csv"} | changed
    name = values.pop("name")
    return client.post("/upload", data=values, files={"file": (name, content, "text/csv")}, follow_redirects=False)


def work(site: Site) -> None:
    """Everything that waits is done."""
    worker = Worker(site.book, site.config, site.fresh_house, clock=site.clock)
    while worker.once():
        pass


def _only(site: Site) -> Upload:
    with site.book.read() as tx:
        (found,) = uploads.newest(tx, 10)
    return found


def _left(site: Site) -> list[Path]:
    folder = site.data / "uploads"
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_a_feed_is_read_as_its_source_and_its_rejects_are_shown(site: Site, as_role: AsRole, tmp_path: Path) -> None:
    client = as_role("agent")
    sent = send(client, feed(tmp_path))
    assert sent.status_code == 303
    assert "Waits for a worker" in client.get(sent.headers["location"]).text
    work(site)
    text = client.get(sent.headers["location"]).text
    assert "2 new sightings" in text
    assert "1 record could not be read." in text
    assert "What now?" in text
    assert _EVIL not in text
    assert (_only(site).records, _only(site).rejects, _only(site).sent_by) == (2, 1, "agent-1")
    assert _left(site) == []
    with site.book.read() as tx:
        line = audit.page(tx, audit.Wanted(action="upload"), 1)[0]
    assert "event4_sinkhole.csv" in line.object


def test_rejects_come_as_a_table_that_no_spreadsheet_runs(site: Site, as_role: AsRole, tmp_path: Path) -> None:
    client = as_role("agent")
    sent = send(client, feed(tmp_path))
    work(site)
    answer = client.get(f"{sent.headers['location']}/rejects.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment;")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["file"], row["line"]) == ("event4_sinkhole.csv", "4")
    assert row["excerpt"].startswith("'=cmd")


def test_the_same_file_again_adds_nothing_and_says_so(
    site: Site, as_role: AsRole, tmp_path: Path, clock: Clock
) -> None:
    client, content = as_role("agent"), feed(tmp_path)
    send(client, content)
    work(site)
    clock.forward(minutes=5)
    again = send(client, content, name="another name.csv")
    work(site)
    text = client.get(again.headers["location"]).text
    assert "It had come before: nothing was added" in text
    assert "as event4_sinkhole.csv" in text
    assert "Rejects" in text


def test_a_mail_with_a_feed_in_it_is_taken_apart(site: Site, as_role: AsRole, tmp_path: Path) -> None:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["Subject"] = "cert@example.net", "report"
    mail.set_content("see the file")
    mail.add_attachment(feed(tmp_path), maintype="text", subtype="csv", filename="2026-11-23-event4_sinkhole.csv")
    client = as_role("agent")
    sent = send(client, bytes(mail), name="report.eml")
    work(site)
    text = client.get(sent.headers["location"]).text
    assert "2 new sightings" in text
    assert "2026-11-23-event4_sinkhole.csv" in text


def test_what_nobody_can_read_is_refused_with_why(site: Site, as_role: AsRole) -> None:
    client = as_role("agent")
    sent = send(client, b"\x00\x01\x02 nothing of this world", name=f"{_EVIL}.bin")
    work(site)
    text = client.get(sent.headers["location"]).text
    assert "It could not be read" in text
    assert _EVIL not in text
    assert str(site.data) not in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"source": "nobody"}, "choose a source"),
        ({"reader": "no-such-format"}, "Choose a format of the list."),
        ({"name": ""}, "Choose a file."),
    ],
)
def test_a_form_that_is_not_filled_in_says_what_is_missing(
    site: Site, as_role: AsRole, changed: dict[str, str], said: str
) -> None:
    answer = send(as_role("agent"), b"x,y\n1,2\n", **changed)
    assert answer.status_code == 400
    assert said in answer.text
    assert _left(site) == []


def test_an_empty_file_is_not_taken(site: Site, as_role: AsRole) -> None:
    assert "The file is empty." in send(as_role("agent"), b"").text
    assert _left(site) == []


def test_a_file_past_the_bound_is_not_kept(site: Site, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.web.desk.uploading._MB", 10)  # 200 of these are 2,000 bytes
    answer = send(as_role("agent"), b"x" * 2_001)
    assert answer.status_code == 400
    assert "has more than" in answer.text
    assert _left(site) == []
    assert send(as_role("agent"), b"x" * 2_000).status_code == 303


def test_a_form_without_our_token_writes_nothing(site: Site, as_role: AsRole) -> None:
    client = as_role("agent")
    for token in ("", "0" * 128, csrf(client)["_csrf_token"][:-1] + "x"):
        answer = send(client, b"x,y\n", _csrf_token=token)
        assert answer.status_code == 403
    assert _left(site) == []
    assert not (site.data / "uploads").exists()


def test_a_file_before_the_token_is_refused(site: Site, as_role: AsRole) -> None:
    client = as_role("agent")
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nevil\r\n'
        b'--b\r\nContent-Disposition: form-data; name="_csrf_token"\r\n\r\n'
        + csrf(client)["_csrf_token"].encode()
        + b"\r\n--b--\r\n"
    )
    answer = client.post("/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 403
    assert _left(site) == []


@pytest.mark.parametrize("cut", [10, 200, 420])
def test_a_form_that_breaks_off_leaves_nothing(site: Site, as_role: AsRole, cut: int) -> None:
    client = as_role("agent")
    head = f'--b\r\nContent-Disposition: form-data; name="_csrf_token"\r\n\r\n{csrf(client)["_csrf_token"]}\r\n'
    body = head + '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' + "y" * 300
    answer = client.post(
        "/upload", content=body.encode()[:cut], headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code in (400, 403)
    assert _left(site) == []


def test_a_field_is_bounded(as_role: AsRole) -> None:
    answer = send(as_role("agent"), b"x", source="s" * (receiving.FIELD_BYTES_MAX + 1))
    assert answer.status_code == 400
    assert "too long" in answer.text


@pytest.mark.parametrize("role", ["viewer", "phone"])
def test_who_may_not_upload_sends_nothing_to_the_disk(site: Site, as_role: AsRole, role: str) -> None:
    client = as_role(role)
    assert client.get("/upload").status_code == 403
    files = {"file": ("x.csv", b"x", "text/csv")}
    assert client.post("/upload", data={"source": "cert"}, files=files).status_code == 403
    assert not (site.data / "uploads").exists()


def test_an_upload_that_is_not_there_is_not_found(as_role: AsRole) -> None:
    assert as_role("agent").get("/upload/0123456789abcdef").status_code == 404


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\feeds\\a.csv", "a.csv"),
        (".bashrc", "bashrc"),
        ("--help", "help"),
        ("a\x00b\nc\u202ed.csv", "a_b_c_d.csv"),
        ("", "upload"),
        ("/", "upload"),
        ("日本語.csv", "日本語.csv"),
    ],
)
def test_a_name_leads_nowhere(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending() -> None:
    assert len(safe_name("ä" * 500 + ".csv").encode()) <= NAME_BYTES_MAX
    assert safe_name("ä" * 500 + ".csv").endswith(".csv")
