"""The API: keys, pages, problems, pushing, asking, acting; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.api.api_world import V1, fresh, key_for, lines, push, sighting
from tests.web.demo_site import DESK, Clock
from tests.web.garden_world import told_case, with_garden
from tocsin.book import api_keys, audit
from tocsin.book.tables_people import api_answers
from tocsin.pipeline.api_keys import make_key, shut_key
from tocsin.terms.errors import BadRequest
from tocsin.web.api import keys
from tocsin.web.app import make_desk
from tocsin.web.shared.limits import Limit
from tocsin.web.shared.site import Site

Client = TestClient[Litestar]
OURS = "198.51.100.11"


def told(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    kind = "application/json" if status < 400 else "application/problem+json"
    assert answer.headers["content-type"].startswith(kind)
    return answer.json()


@pytest.fixture
def sqlite_client(sqlite_site: Site) -> Iterator[Client]:
    """For what no database can change."""
    with TestClient(make_desk(sqlite_site), base_url=DESK) as client:
        yield client


# --- keys --------------------------------------------------------------------------------------------------------


def test_a_key_opens_what_its_scopes_say_until_it_is_shut(desk_client: Client, site: Site) -> None:
    header = key_for(site, "cases:read")
    told(desk_client.get(f"{V1}/cases", headers=header))
    problem = told(desk_client.get(f"{V1}/notices", headers=header), 403)
    assert "notices:read" in problem["detail"]
    with site.book.write() as tx:
        (kept,) = api_keys.every(tx)
        assert kept.used_at == site.clock()
        assert shut_key(tx, kept.handle, at=site.clock(), by="a test", reason="lost")
    told(desk_client.get(f"{V1}/cases", headers=header), 401)


def test_a_key_ends_by_itself(desk_client: Client, site: Site, clock: Clock) -> None:
    header = key_for(site, "cases:read", expires_at=clock() + timedelta(days=1))
    told(desk_client.get(f"{V1}/cases", headers=header))
    clock.forward(days=1)
    told(desk_client.get(f"{V1}/cases", headers=header), 401)


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 500, "Bearer ü"])
def test_what_is_no_key_opens_nothing(sqlite_client: Client, sent: str) -> None:
    answer = sqlite_client.get(f"{V1}/cases", headers={b"Authorization": sent.encode("latin-1")})
    assert told(answer, 401)["status"] == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_session_is_no_key(as_role: Any) -> None:
    told(as_role("admin").get(f"{V1}/cases"), 401)


@pytest.mark.parametrize(
    ("scopes", "networks"),
    [([], []), (["all"], []), (["health"], ["192.0.2.0/24"]), (["sightings:write"], ["AS64500"]), (["health"], ["x"])],
)
def test_a_key_that_makes_no_sense_is_not_made(sqlite_site: Site, scopes: list[str], networks: list[str]) -> None:
    with pytest.raises(BadRequest), sqlite_site.book.write() as tx:
        make_key(tx, "a program", scopes, networks=networks, at=sqlite_site.clock(), by="a test")


def test_whoever_asks_too_often_waits_and_nobody_else(
    sqlite_client: Client, sqlite_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "PER_KEY", Limit(burst=3, per_s=0.01))
    fast, other = key_for(sqlite_site, "cases:read"), key_for(sqlite_site, "cases:read")
    for left in (2, 1, 0):
        answer = sqlite_client.get(f"{V1}/cases", headers=fast)
        told(answer)
        assert f"r={left};" in answer.headers["ratelimit"]
    answer = sqlite_client.get(f"{V1}/cases", headers=fast)
    told(answer, 429)
    assert int(answer.headers["retry-after"]) > 60
    told(sqlite_client.get(f"{V1}/cases", headers=other))


def test_guessing_keys_is_slowed(sqlite_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "BAD_KEYS", Limit(burst=2, per_s=0.01))
    codes = [sqlite_client.get(f"{V1}/cases", headers={"Authorization": f"Bearer k{n}"}).status_code for n in range(4)]
    assert codes == [401, 401, 429, 429]


# --- problems ----------------------------------------------------------------------------------------------------


def test_every_error_is_a_problem(desk_client: Client, site: Site) -> None:
    header = key_for(site)
    json_type = {"Content-Type": "application/json"}
    told(desk_client.get(f"{V1}/nothing-here", headers=header), 404)
    told(desk_client.get(f"{V1}/cases/C-NONE", headers=header), 404)
    told(desk_client.delete(f"{V1}/cases", headers=header), 405)
    told(desk_client.get(f"{V1}/cases", params={"limit": 1001}, headers=header), 400)
    told(desk_client.get(f"{V1}/cases", params={"stat": "open"}, headers=header), 400)
    told(desk_client.get(f"{V1}/cases?limit=1&limit=2", headers=header), 400)
    told(push(desk_client, header | {"Content-Type": "text/csv"}, b"a,b"), 415)
    told(push(desk_client, header, b""), 400)
    told(push(desk_client, header, b"not json"), 400)
    told(desk_client.post(f"{V1}/sightings", content=b"{}", headers=header | json_type), 400)  # no Idempotency-Key
    large = {"Content-Length": "32000001"}
    told(desk_client.post(f"{V1}/sightings", content=b"{}", headers=header | json_type | fresh() | large), 413)


def test_a_bug_of_ours_is_a_problem_that_says_nothing(
    sqlite_client: Client, sqlite_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("tocsin.web.api.seen.seen_page", break_down)
    params = {"time.min": "2026-11-23T00:00:00Z"}
    problem = told(sqlite_client.get(f"{V1}/sightings", params=params, headers=key_for(sqlite_site)), 500)
    assert "secret" not in str(problem)


def test_the_parts_that_are_wrong_are_named(sqlite_client: Client, sqlite_site: Site) -> None:
    params = {"address": OURS, "at": "yesterday", "reason": "why not"}
    problem = told(sqlite_client.get(f"{V1}/attribution", params=params, headers=key_for(sqlite_site)), 400)
    assert [fault["name"] for fault in problem["errors"]] == ["at"]


# --- pushing -----------------------------------------------------------------------------------------------------


def test_a_push_is_kept_and_answered_with_what_became_of_it(desk_client: Client, site: Site) -> None:
    header = key_for(site)
    body = lines(*(sighting(number, site.clock()) for number in range(-5, 0)), "not a sighting")
    answer = told(push(desk_client, header, body))
    assert (answer["reader"], answer["sightings"], answer["pieces"], answer["rejected"]) == ("jsonl", 5, 0, 1)
    assert [(each["line"], each["reason"]) for each in answer["rejects"]] == [(6, "not a JSON object")]
    again = told(push(desk_client, header, body))
    assert again["already"]
    assert again["sightings"] == 5
    params = {"time.min": "2026-11-23T14:00:00Z", "address": "192.0.2.7"}
    seen = told(desk_client.get(f"{V1}/sightings", params=params, headers=header))
    assert len(seen["items"]) == 5
    assert not list((site.data / "uploads").glob("*"))


def test_an_array_in_one_line_is_read(sqlite_client: Client, sqlite_site: Site) -> None:
    body = lines([sighting(number, sqlite_site.clock()) for number in range(-2000, 0)])
    assert told(push(sqlite_client, key_for(sqlite_site), body))["sightings"] == 2000


XARF = {
    "xarf_version": "4.0.0",
    "report_id": "5e8c7c36-1c1b-4f52-8f7f-0d4a0c6a2d11",
    "timestamp": "2026-11-23T12:00:00Z",
    "reporter": {"org": "Example", "contact": "abuse@reporter.example", "domain": "reporter.example"},
    "sender": {"org": "Example", "contact": "abuse@reporter.example", "domain": "reporter.example"},
    "source_identifier": "192.0.2.9",
    "source_port": 4711,
    "category": "infrastructure",
    "type": "botnet",
    "malware_family": "mirai",
    "evidence_source": "honeypot",
}
INTELMQ = {
    "classification.taxonomy": "malicious-code",
    "classification.type": "infected-system",
    "time.source": "2026-11-23T12:00:00+00:00",
    "source.ip": "192.0.2.9",
    "source.port": 4711,
    "feed.name": "Example",
}
N6 = {
    "id": "a" * 32,
    "source": "example.channel",
    "restriction": "public",
    "confidence": "high",
    "category": "bots",
    "time": "2026-11-23T12:00:00Z",
    "address": [{"ip": "192.0.2.9"}],
    "sport": 4711,
}


@pytest.mark.parametrize(("reader", "record"), [("xarf", XARF), ("intelmq", INTELMQ), ("n6", N6)])
def test_other_forms_are_read_too(
    sqlite_client: Client, sqlite_site: Site, reader: str, record: dict[str, object]
) -> None:
    answer = told(push(sqlite_client, key_for(sqlite_site), lines(record)))
    assert (answer["reader"], answer["sightings"], answer["rejected"]) == (reader, 1, 0)


def test_a_key_pushes_only_as_its_sources(desk_client: Client, site: Site) -> None:
    body = lines(sighting(-1, site.clock()))
    told(push(desk_client, key_for(site, "sightings:write", sources=["another"]), body), 403)
    told(push(desk_client, key_for(site, "sightings:write", sources=["cert"]), body))
    told(push(desk_client, key_for(site), body, source="nobody's"), 400)


def test_the_same_request_is_done_once_and_another_with_its_name_is_refused(desk_client: Client, site: Site) -> None:
    header = key_for(site) | fresh()
    first = push(desk_client, header, lines(sighting(-1, site.clock())))
    again = push(desk_client, header, lines(sighting(-1, site.clock())))
    assert told(first) == told(again)
    assert again.headers["idempotent-replayed"] == "true"
    told(push(desk_client, header, lines(sighting(-2, site.clock()))), 422)
    other = key_for(site) | {"Idempotency-Key": header["Idempotency-Key"]}
    assert told(push(desk_client, other, lines(sighting(-2, site.clock()))))["sightings"] == 1


def test_several_push_at_once_and_each_is_read(sqlite_client: Client, sqlite_site: Site) -> None:
    header = key_for(sqlite_site)
    bodies = [lines(sighting(-number, sqlite_site.clock())) for number in range(1, 7)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda body: push(sqlite_client, header, body), bodies))
    assert [told(answer)["sightings"] for answer in answers] == [1] * 6


def test_a_request_is_not_begun_twice_at_once(sqlite_client: Client, sqlite_site: Site) -> None:
    header = key_for(sqlite_site) | fresh()
    told(push(sqlite_client, header, lines(sighting(-1, sqlite_site.clock()))))
    with sqlite_site.book.write() as tx:
        tx.execute(api_answers.update().values(status=None, answer=None))
    told(push(sqlite_client, header, lines(sighting(-1, sqlite_site.clock()))), 409)


def test_what_could_not_be_done_may_be_tried_again(sqlite_client: Client, sqlite_site: Site) -> None:
    header = key_for(sqlite_site) | fresh()
    told(push(sqlite_client, header, b"not json"), 400)
    assert told(push(sqlite_client, header, lines(sighting(-1, sqlite_site.clock()))))["sightings"] == 1


# --- asking ------------------------------------------------------------------------------------------------------


def test_an_attribution_names_the_subscriber_and_is_in_the_audit(desk_client: Client, site: Site) -> None:
    header = key_for(site)
    params = {"address": OURS, "at": "2026-11-23T09:30:00Z", "port": "40001", "reason": "ticket 7 asks"}
    answer = told(desk_client.get(f"{V1}/attribution", params=params, headers=header))
    assert answer["outcome"] == "subscriber"
    assert answer["subscriber"]
    assert answer["bindings"]
    with site.book.read() as tx:
        reasons = [entry.reason for entry in audit.entries(tx) if entry.action == "who"]
    assert reasons == ["ticket 7 asks"]


def test_an_attribution_needs_a_reason_and_a_time(sqlite_client: Client, sqlite_site: Site, clock: Clock) -> None:
    header = key_for(sqlite_site)
    ask = {"address": OURS, "at": "2026-11-23T09:30:00Z", "reason": "ticket 7"}
    for name in ask:
        less = {key: value for key, value in ask.items() if key != name}
        told(sqlite_client.get(f"{V1}/attribution", params=less, headers=header), 400)
    later = ask | {"at": (clock() + timedelta(hours=1)).isoformat()}
    told(sqlite_client.get(f"{V1}/attribution", params=later, headers=header), 400)


@pytest.mark.parametrize("path", ["cases", "notices", "sightings"])
def test_pages_hold_everything_once(desk_client: Client, site: Site, path: str) -> None:
    header = key_for(site)
    params: dict[str, str | int] = {"time.min": "2026-11-20T00:00:00Z"} if path == "sightings" else {}
    limit = "opt.limit" if path == "sightings" else "limit"
    whole = told(desk_client.get(f"{V1}/{path}", params=params, headers=header))["items"]
    assert len(whole) > 3
    found: list[object] = []
    cursor = None
    while True:
        more = params | {limit: 2} | ({"cursor": cursor} if cursor else {})
        page = told(desk_client.get(f"{V1}/{path}", params=more, headers=header))
        assert len(page["items"]) <= 2
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole


def test_a_cursor_opens_for_its_own_key_and_question_alone(sqlite_client: Client, sqlite_site: Site) -> None:
    header = key_for(sqlite_site)
    cursor = told(sqlite_client.get(f"{V1}/cases", params={"limit": 1}, headers=header))["next"]
    told(sqlite_client.get(f"{V1}/cases", params={"cursor": cursor}, headers=header))
    told(sqlite_client.get(f"{V1}/cases", params={"cursor": cursor, "state": "open"}, headers=header), 400)
    told(sqlite_client.get(f"{V1}/notices", params={"cursor": cursor}, headers=header), 400)
    told(sqlite_client.get(f"{V1}/cases", params={"cursor": cursor}, headers=key_for(sqlite_site)), 400)
    told(sqlite_client.get(f"{V1}/cases", params={"cursor": cursor[:-2] + "AA"}, headers=header), 400)


def test_sightings_by_prefix_system_and_time(sqlite_client: Client, sqlite_site: Site) -> None:
    header = key_for(sqlite_site)

    def asked(**params: str) -> list[dict[str, Any]]:
        params = {name.replace("_", "."): value for name, value in params.items()}
        return list(told(sqlite_client.get(f"{V1}/sightings", params=params, headers=header))["items"])

    everything = asked(time_min="2026-11-20T00:00:00Z")
    moments = sorted({each["seen_at"] for each in everything})
    first = moments[0]
    assert {each["seen_at"] for each in asked(time_min=first, time_max=first)} == {first}
    assert asked(time_min=first, time_until=first) == []
    assert asked(time_min=first, prefix="198.51.100.11/32") == asked(time_min=first, address=OURS)
    assert asked(time_min=first, prefix="192.0.2.0/24") == []
    assert asked(time_min=first, asn="64999") == []


# --- acting ------------------------------------------------------------------------------------------------------


def test_an_action_is_done_once_and_is_in_the_case(desk_client: Client, site: Site) -> None:
    header = key_for(site)
    case = told(desk_client.get(f"{V1}/cases", headers=header))["items"][0]["case"]
    name = fresh()
    do = {"action": "hold", "reason": "the caller asked"}
    first = told(desk_client.post(f"{V1}/cases/{case}/actions", json=do, headers=header | name))
    assert (first["is_done"], first["state"]) == (True, "held")
    assert told(desk_client.post(f"{V1}/cases/{case}/actions", json=do, headers=header | name)) == first
    moves = told(desk_client.get(f"{V1}/cases/{case}", headers=header))["moves"]
    assert [move["reason"] for move in moves].count("the caller asked") == 1
    assert moves[-1]["actor"].startswith("key ")
    refused = told(desk_client.post(f"{V1}/cases/{case}/actions", json=do, headers=header | fresh()))
    assert not refused["is_done"]
    assert refused["said"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"action":"hold"}', b'{"action":"burn","reason":"because"}', b'{"action":1,"reason":2}'],
)
def test_an_action_that_is_none_is_told_so(sqlite_client: Client, sqlite_site: Site, body: bytes) -> None:
    header = key_for(sqlite_site) | fresh() | {"Content-Type": "application/json"}
    case = told(sqlite_client.get(f"{V1}/cases", headers=header))["items"][0]["case"]
    told(sqlite_client.post(f"{V1}/cases/{case}/actions", content=body, headers=header), 400)


# --- watching ----------------------------------------------------------------------------------------------------


def test_health_says_up_and_nothing_more(sqlite_client: Client) -> None:
    assert told(sqlite_client.get(f"{V1}/health")) == {"status": "ok"}


def test_metrics_count_states_and_name_nobody(desk_client: Client, site: Site) -> None:
    header = key_for(site)
    desk_client.get(f"{V1}/cases/C-SECRET", headers=header)
    answer = desk_client.get("/metrics", headers=header)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'tocsin_cases{state="notified"}' in answer.text
    assert 'route="/api/v1/cases/{case}"' in answer.text
    assert "C-SECRET" not in answer.text
    assert "set-cookie" not in answer.headers
    told(desk_client.get("/metrics"), 401)


def test_a_program_asks_for_the_garden_and_lets_out_and_a_person_approves(desk_client: Client, site: Site) -> None:
    case, header = told_case(with_garden(site)).case, key_for(site)
    path = f"{V1}/cases/{case}/actions"
    before = told(desk_client.get(f"{V1}/cases/{case}", headers=header))
    assert before["quarantines"] == []
    assert "garden" in before["actions"]
    nobody = told(
        desk_client.post(path, json={"action": "release", "reason": "a doctor rang"}, headers=header | fresh())
    )
    assert (nobody["is_done"], nobody["said"]) == (False, f"{case}: its line is not in the garden")
    ask = {"action": "garden", "reason": "seen again"}
    assert told(desk_client.post(path, json=ask, headers=header | fresh()))["is_done"]
    [stay] = told(desk_client.get(f"{V1}/cases/{case}", headers=header))["quarantines"]
    assert (stay["state"], stay["reason"]) == ("asked", "seen again")
    assert not told(desk_client.post(path, json=ask, headers=header | fresh()))["is_done"], "it is asked for already"
    with_garden(site, on=False)
    assert told(desk_client.post(path, json={"action": "release", "reason": "let go"}, headers=header | fresh()))[
        "is_done"
    ]
    [stay] = told(desk_client.get(f"{V1}/cases/{case}", headers=header))["quarantines"]
    assert (stay["state"], stay["way"]) == ("released", "desk")
    assert not told(desk_client.post(path, json=ask, headers=header | fresh()))["is_done"], "the garden is shut"
