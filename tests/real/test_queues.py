"""Tocsin before and behind what runs already: real Redis lists, a real RabbitMQ."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.evidence.evidence_world import NOW
from tests.evidence.test_intelmq import EVENT
from tests.real.brokers import RABBITMQ, rabbitmq_server, redis_server
from tocsin.pipeline import queues
from tocsin.pipeline.house import House
from tocsin.pipeline.intake import Came, read_source_queue
from tocsin.pipeline.queues import open_inbox, open_outbox, parse_url
from tocsin.terms.errors import BadConfig, BadRequest

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None or not RABBITMQ.exists(),
    reason="brokers are not installed (apt-get install redis-server rabbitmq-server)",
)

MakeUrl = Callable[[str], str]


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with redis_server(tmp_path_factory.mktemp("redis")) as port:
        yield port


@pytest.fixture(scope="module")
def rabbitmq_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with rabbitmq_server(tmp_path_factory.mktemp("rabbitmq")) as port:
        yield port


@pytest.fixture(params=["redis", "amqp"])
def url_of(request: pytest.FixtureRequest) -> MakeUrl:
    """The URL of a new, empty queue of that name."""

    def make(name: str) -> str:
        if request.param == "redis":
            return f"redis://127.0.0.1:{request.getfixturevalue('redis_port')}/2/{name}"
        import pika

        port = request.getfixturevalue("rabbitmq_port")
        with pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", port)) as connection:
            channel = connection.channel()
            channel.queue_declare(name, durable=True)
            channel.queue_purge(name)
        return f"amqp://guest:guest@127.0.0.1:{port}/%2F/{name}"

    return make


@pytest.fixture
def house(tmp_path: Path) -> Callable[[str], House]:
    def make(url: str) -> House:
        config = tmp_path / "tocsin.toml"
        config.write_text(
            '[issuer]\nname = "Demo"\ndomain = "demo.example"\nmail_from = "a@demo.example"\n'
            '[provider]\nprefixes = ["192.0.2.0/24"]\n'
            f'[[sources]]\nname = "cert"\nreader = "intelmq"\nurl = "{url}"\n'
        )
        return House.open(config_file=config, data=tmp_path / "data", now=NOW)

    return make


def messages(count: int, first: int = 1) -> list[bytes]:
    return [msgspec.json.encode({"__type": "Event"} | EVENT | {"source.port": first + each}) for each in range(count)]


def send(url: str, lines: list[bytes]) -> None:
    with open_outbox(parse_url(url, "test"), is_intelmq=False) as outbox:
        for line in lines:
            outbox.write(line + b"\n")
        outbox.flush()


def left(url: str) -> int:
    with open_inbox(parse_url(url, "test")) as inbox:
        return inbox.waiting()


def read(house: House) -> list[Came]:
    with house:
        [source] = house.config.sources
        return list(read_source_queue(house, source))


def test_what_was_sent_is_read_oldest_first_and_leaves_the_queue(
    url_of: MakeUrl, house: Callable[[str], House], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = url_of("first")
    send(url, [*messages(25), b"not JSON", b'{"__type":"Report","raw":"AAAA"}'])
    with open_inbox(parse_url(url, "test")) as inbox:
        assert inbox.take()[:2] == messages(2)
    for module in ("queue_redis", "queue_amqp"):
        monkeypatch.setattr(f"tocsin.pipeline.{module}.BATCH_MESSAGES_MAX", 10)
    came = read(house(url))
    assert [each.records for each in came] == [10, 10, 5]
    assert sum(each.rejects for each in came) == 2
    assert left(url) == 0
    assert read(house(url)) == []


def test_a_run_that_was_killed_before_the_end_loses_nothing_and_adds_nothing_twice(
    url_of: MakeUrl, house: Callable[[str], House], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = url_of("killed")
    send(url, messages(20))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for module in ("queue_redis", "queue_amqp"):
        monkeypatch.setattr(f"tocsin.pipeline.{module}.Inbox.done", killed)
    with pytest.raises(KeyboardInterrupt):
        read(house(url))
    monkeypatch.undo()
    send(url, messages(5, first=101))
    came = read(house(url))
    assert sum(each.records for each in came) == 5
    assert left(url) == 0
    with house(url) as opened:
        rows = opened.lake.engine.rows(f"SELECT count(*), count(DISTINCT id) FROM {opened.lake.scan('sightings')}")
    assert rows == [(25, 25)]


def test_a_batch_that_cannot_be_read_stays(
    url_of: MakeUrl, house: Callable[[str], House], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = url_of("stays")
    send(url, messages(3))

    def refused(*_: object, **__: object) -> None:
        raise BadRequest("no")

    monkeypatch.setattr("tocsin.pipeline.intake.read_file", refused)
    assert [each.error for each in read(house(url))] == ["no"]
    monkeypatch.undo()
    assert [each.records for each in read(house(url))] == [3]


def test_two_that_read_one_redis_list_never_remove_what_the_other_has_not_kept(redis_port: int) -> None:
    place = parse_url(f"redis://127.0.0.1:{redis_port}/3/shared", "test")
    send(f"redis://127.0.0.1:{redis_port}/3/shared", messages(4))
    with open_inbox(place) as one, open_inbox(place) as two:
        assert one.take() == two.take() == messages(4)  # the second finds what the first has taken
        send(f"redis://127.0.0.1:{redis_port}/3/shared", messages(2, first=50))
        one.done()
        assert one.take() == messages(2, first=50)
        two.done()
        assert two.waiting() == 2
        assert two.take() == messages(2, first=50)


def test_events_are_sent_as_intelmqs_bots_take_them(url_of: MakeUrl, tmp_path: Path) -> None:
    url = url_of("sent")
    path = tmp_path / "events.json"
    path.write_bytes(b"\n".join(msgspec.json.encode(EVENT | {"source.port": port}) for port in (1, 2, 3)))
    command = [sys.executable, "-m", "tocsin", "read", str(path), "--to", "intelmq", "--send", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with open_inbox(parse_url(url, "test")) as inbox:
        taken = [json.loads(message) for message in inbox.take()]
    assert [each["source.port"] for each in taken] == [1, 2, 3]
    assert {each["__type"] for each in taken} == {"Event"}


def test_a_queue_that_is_not_there_is_an_error_that_names_no_password(
    house: Callable[[str], House], rabbitmq_port: int
) -> None:
    for url in (
        "redis://:secret@127.0.0.1:1/0/queue",
        "amqp://guest:secret@127.0.0.1:1/%2F/queue",
        f"amqp://guest:guest@127.0.0.1:{rabbitmq_port}/%2F/nowhere",
        f"amqp://guest:secret@127.0.0.1:{rabbitmq_port}/%2F/nowhere",
    ):
        [came] = read(house(url))
        assert "the queue did not answer as it should" in came.error
        assert "secret" not in came.error


@pytest.mark.parametrize(
    "url", ["", "http://a.example/0/q", "redis://h/0", "redis://h/x/q", "redis:///0/q", "redis://h:x/0/q", "amqp://h//"]
)
def test_what_is_no_queue_is_refused(url: str) -> None:
    with pytest.raises(BadConfig):
        parse_url(url, "sources.cert.url")


def test_a_queue_needs_a_reader(tmp_path: Path) -> None:
    from tocsin.pipeline.config import SourceSection

    with pytest.raises(BadConfig, match="not recognised by themselves"):
        SourceSection(name="cert", url="redis://127.0.0.1/0/q")


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tocsin.pipeline.queue_redis", None)
    monkeypatch.delattr(sys.modules["tocsin.pipeline"], "queue_redis", raising=False)
    with pytest.raises(BadRequest, match=r"tocsin\[queues\]"), queues.open_inbox(parse_url("redis://h/0/q", "x")):
        pass
