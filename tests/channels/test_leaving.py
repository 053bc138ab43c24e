"""Short messages and webhooks through a server that breaks at every step: nothing is lost or sent twice."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.breaking import drop, silence
from tests.channels.gateway import Act, answer, drip, gateway
from tests.channels.provider import code_of, decide, provider, sms_section
from tests.delivery import post_office
from tests.delivery.certificates import Trust, make_trust
from tocsin.book import audit, deliveries
from tocsin.notices.http.endpoint import endpoint_of
from tocsin.notices.http.exchange import ANSWER_BYTES_MAX, exchange
from tocsin.notices.smtp.reply import Broken
from tocsin.pipeline.house import House
from tocsin.pipeline.outbox import deliver_queued, queue_decided, send_notices
from tocsin.proof.known import Known, pin
from tocsin.proof.proof import read_proof, verify_proof

SECRET = "a secret of the gateway, long enough"


def house_of(folder: Path, section: str) -> House:
    (folder / "provider").mkdir(parents=True, exist_ok=True)
    (folder / "provider" / "secret").write_text(f"{SECRET}\n", "utf-8")
    return provider(folder / "provider", section)


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return make_trust(tmp_path_factory.mktemp("trust"))


def test_a_short_message_leaves_as_the_gateway_wants_it(tmp_path: Path) -> None:
    more = 'secret_file = "secret"\n[sms.headers]\nAuthorization = "Bearer {secret}"'
    with gateway() as server, house_of(tmp_path, sms_section(server.url(), more)) as house:
        name = decide(house, "sms", language="hi")
        assert send_notices(house).sent == (name,)
        assert send_notices(house).sent == ()
        (asked,) = server.asked
        assert asked.line == "POST /send HTTP/1.1"
        assert asked.headers["authorization"] == f"Bearer {SECRET}"
        told = json.loads(asked.body)
        assert (told["to"], told["from"]) == ("+4915112345678", "ExampleNet")
        assert told["reference"].startswith(name.lower())
        assert code_of(house, name) in told["text"]
        assert "कनेक्शन" in told["text"]
        assert post_office.state_of(house.book, name)[0] == "sent"
        with house.book.read() as tx:
            assert [e.object for e in audit.entries(tx) if e.action == "notice sent"] == [name]
            assert deliveries.attempts_of(tx, [name])[name][0].code == 202


def test_a_gateway_with_a_form_and_one_with_a_query(tmp_path: Path) -> None:
    form = 'content_type = "application/x-www-form-urlencoded"\nbody = "n={digits}&t={text}&k={secret}"'
    with gateway() as server:
        with house_of(tmp_path / "form", sms_section(server.url(), f'{form}\nsecret_file = "secret"')) as house:
            decide(house, "sms", language="de")
            assert len(send_notices(house).sent) == 1
        query = sms_section(server.url("/get?to={to}&text={text}"), 'method = "GET"')
        with house_of(tmp_path / "query", query) as house:
            decide(house, "sms")
            assert len(send_notices(house).sent) == 1
        posted = parse_qs(server.asked[0].body.decode())
        assert (posted["n"], posted["k"]) == (["4915112345678"], [SECRET])
        assert "Gerät an Ihrem Anschluss" in posted["t"][0]
        got = parse_qs(urlsplit(server.asked[1].line.split(" ")[1]).query)
        assert got["to"] == ["+4915112345678"]
        assert "a device on your line" in got["text"][0]
        assert server.asked[1].body == b""


STORY: list[tuple[Act, str, str]] = [
    (answer(200, "ok"), "sent", ""),
    (answer(400, "no such number"), "refused", "HTTP 400 no such number"),
    (answer(401), "queued", "takes nothing from us"),
    (answer(402, "no credit"), "queued", "no credit"),
    (answer(404), "queued", "takes nothing"),
    (answer(302, "", "Location: http://127.0.0.1:1/"), "queued", "takes nothing"),
    (answer(429, "slow"), "queued", ""),
    (answer(503, "later"), "queued", ""),
    (answer(500, "oops"), "uncertain", "HTTP 500 oops"),
    (b"SSH-2.0-what\r\n", "uncertain", "no HTTP"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "uncertain", "no HTTP"),
    (drop, "uncertain", "the last byte may have been sent"),
    (silence, "uncertain", "took too long"),
    (drip, "uncertain", "took too long|no HTTP"),
]


@pytest.mark.parametrize(("act", "state", "said"), STORY)
def test_what_the_gateway_does_decides_what_becomes_of_it(tmp_path: Path, act: Act, state: str, said: str) -> None:
    with gateway(act) as server, house_of(tmp_path, sms_section(server.url())) as house:
        name = decide(house, "sms")
        done = send_notices(house)
        found, reason = post_office.state_of(house.book, name)
        assert found == state
        assert any(part in f"{reason} {done.trouble}" for part in said.split("|")), (reason, done.trouble)
        assert len(server.asked) == 1
        again = deliver_queued(house)
        assert len(server.asked) == 1, "nothing is tried again at once"
        assert again.uncertain == ((name,) if state == "uncertain" else ())


def test_an_answer_before_the_question_is_none() -> None:
    """The body is longer than what waits in between, so that the server's word is there before its end."""
    told: list[bool] = []

    def before_last() -> bool:
        told.append(True)
        return True

    with gateway(early=answer(200, "ok")) as server:
        endpoint = endpoint_of(server.url(), "url", timeout_s=10)
        with pytest.raises(Broken, match="before it was asked"):
            exchange(endpoint, "POST", {}, b"x" * 32_000_000, before_last)
    assert told == [], "nobody was told that it leaves"


def test_a_server_that_hangs_up_before_the_last_byte_has_nothing(tmp_path: Path) -> None:
    with gateway(early=drop) as server, house_of(tmp_path, sms_section(server.url())) as house:
        name = decide(house, "sms")
        assert send_notices(house).sent == ()
        assert post_office.state_of(house.book, name)[0] in ("queued", "uncertain")
        assert server.asked == []


def test_nobody_listens_and_it_goes_when_somebody_does(tmp_path: Path) -> None:
    with gateway() as server:
        port = server.port
    folder = tmp_path / "provider"
    with house_of(tmp_path, sms_section(f"http://127.0.0.1:{port}/")) as house:
        name = decide(house, "sms")
        done = send_notices(house)
        assert (done.sent, done.waiting) == ((), 1)
        assert "no connection" in done.trouble
        with house.book.read() as tx:
            assert [a.outcome for a in deliveries.attempts_of(tx, [name])[name]] == ["closed"]
    with gateway() as server:
        config = folder / "tocsin.toml"
        config.write_text(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{server.port}", config.read_text("utf-8")), "utf-8")
        with post_office.open_house(folder, post_office.NOW + timedelta(minutes=2)) as house:
            assert send_notices(house).sent == (name,)


def test_retry_after_is_obeyed(tmp_path: Path) -> None:
    with gateway(answer(429, "", "Retry-After: 7200")) as server:
        with house_of(tmp_path, sms_section(server.url())) as house:
            name = decide(house, "sms")
            send_notices(house)
        for minutes, sent in ((119, ()), (121, (name,))):
            moment = post_office.NOW + timedelta(minutes=minutes)
            with post_office.open_house(tmp_path / "provider", moment) as house:
                assert send_notices(house).sent == sent


def test_a_yes_that_is_none_reaches_nobody_twice(tmp_path: Path) -> None:
    """A gateway that says 200 to everything; what it does not accept is shown to a person, and the round ends."""
    section = 'accepted = "\\"status\\":\\"0\\""\nunknown_number = "unknown subscriber"'
    script = [answer(200, '{"status":"0"}'), answer(200, "unknown subscriber"), *[answer(200, '{"status":"9"}')] * 5]
    with gateway(*script) as server, house_of(tmp_path, sms_section(server.url(), section)) as house:
        names = [decide(house, "sms", number) for number in range(1, 8)]
        done = send_notices(house)
        states = post_office.states(house.book)
        assert [states[name] for name in names] == ["sent", "bounced", *["uncertain"] * 3, *["queued"] * 2]
        assert "nobody knows whether they left" in done.trouble
        assert [each.notice for each in done.bounced] == [names[1]]
        story = post_office.case_story(house.book, names[1])
        assert story[-1] == ("open", f"{names[1]} came back: HTTP 200 unknown subscriber")


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path, trust: Trust) -> None:
    with gateway(tls=trust.server_context()) as server:
        with house_of(tmp_path / "a", sms_section(server.url())) as house:
            decide(house, "sms")
            assert "certificate is not trusted" in send_notices(house).trouble
        assert server.asked == []
        with house_of(tmp_path / "b", sms_section(server.url(), f'ca_file = "{trust.ca}"')) as house:
            decide(house, "sms")
            assert len(send_notices(house).sent) == 1


def test_an_answer_without_end_is_cut(tmp_path: Path) -> None:
    huge = answer(200, "x" * (ANSWER_BYTES_MAX + 1))
    with gateway(huge) as server, house_of(tmp_path, sms_section(server.url())) as house:
        name = decide(house, "sms")
        assert send_notices(house).sent == (name,)


def test_a_gateway_that_quotes_the_secret_does_not_get_it_into_the_book(tmp_path: Path) -> None:
    more = 'secret_file = "secret"\n[sms.headers]\nX-Key = "{secret}"'
    with (
        gateway(answer(400, f"bad key {SECRET}")) as server,
        house_of(tmp_path, sms_section(server.url(), more)) as house,
    ):
        name = decide(house, "sms")
        send_notices(house)
        assert SECRET not in post_office.state_of(house.book, name)[1]


@pytest.mark.parametrize("channel", ["sms", "letter", "webhook"])
def test_a_channel_that_is_not_configured_refuses(tmp_path: Path, channel: str) -> None:
    with house_of(tmp_path, "") as house:
        name = decide(house, channel)
        (refused,) = queue_decided(house)
        assert f"([{channel}])" in refused.reason
        assert post_office.case_story(house.book, name)[-1][0] == "open"


def test_a_number_of_no_nation_and_a_notice_that_waited_too_long(tmp_path: Path) -> None:
    with gateway() as server, house_of(tmp_path, sms_section(server.url())) as house:
        decide(house, "sms", to="0170 1234567")
        late = decide(house, "sms", 2)
        assert ["international form" in each.reason for each in queue_decided(house)] == [True]
        with post_office.open_house(tmp_path / "provider", post_office.NOW + timedelta(days=30)) as later:
            assert [each.notice for each in deliver_queued(later).refused] == [late]
        assert server.asked == []


# --- webhooks ---


def hook(url: str) -> str:
    return f'[webhook]\nvia = "http"\nurl = "{url}"\nsecret_file = "secret"\ntimeout_s = 1\nper_minute = 100000\n'


def test_a_webhook_is_signed_twice_and_carries_the_whole_notice(tmp_path: Path) -> None:
    with gateway() as server, house_of(tmp_path, hook(server.url("/notices"))) as house:
        name = decide(house, "webhook", language="ja")
        assert send_notices(house).sent == (name,)
        (asked,) = server.asked
        told = json.loads(asked.body)
        assert (told["notice"], told["subscriber"], told["cases"]) == (name, "K-1", ["C-000000000001"])
        assert told["code"] == code_of(house, name)
        assert told["facts"]["troubles"][0]["malware"] == "mirai"
        proof = read_proof(told["proof"])
        known = Known(keys=(pin(house.keys.proof.public, house.issuer.name),))
        assert verify_proof(proof, known).result == "supports"
        signed = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
        by_secret, by_key = asked.headers["webhook-signature"].split(" ")
        mac = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
        assert by_secret == f"v1,{mac}"
        public = Ed25519PublicKey.from_public_bytes(house.keys.proof.raw_public)
        public.verify(base64.b64decode(by_key.removeprefix("v1a,")), signed)


@pytest.mark.parametrize("act", [drop, silence, answer(500), answer(503), b"nonsense\r\n"])
def test_a_webhook_is_sent_again_under_the_same_key(tmp_path: Path, act: Act) -> None:
    """Its receiver knows it by its key: what may have arrived is no question for a person."""
    with gateway(act) as server:
        with house_of(tmp_path, hook(server.url())) as house:
            name = decide(house, "webhook")
            send_notices(house)
            assert post_office.state_of(house.book, name)[0] == "queued"
        with post_office.open_house(tmp_path / "provider", post_office.NOW + timedelta(minutes=2)) as house:
            assert deliver_queued(house).sent == (name,)
        first, second = server.asked
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == second.headers["idempotency-key"]
        assert first.body == second.body


def test_a_short_secret_is_none(tmp_path: Path) -> None:
    with house_of(tmp_path, hook("http://127.0.0.1:9/")) as house:
        (tmp_path / "provider" / "secret").write_text("short\n", "utf-8")
        decide(house, "webhook")
        with pytest.raises(Exception, match="shorter than 24 bytes"):
            send_notices(house)
