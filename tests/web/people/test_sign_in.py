"""Who gets in, how, for how long, and what a stranger learns by trying."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import msgspec
import pyotp
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.demo_site import DESK, Clock
from tests.web.signing_in import sign_in
from tocsin.book import audit, people, sessions
from tocsin.pipeline.passwords import hash_password
from tocsin.web.app import make_desk
from tocsin.web.people import slowing
from tocsin.web.shared.limits import Limit
from tocsin.web.shared.site import Site

PASSWORD = "bakotu-fafi-teno-lumi"
Client = TestClient[Litestar]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slowing, "BY_CLIENT", Limit(burst=200, per_s=10))
    monkeypatch.setattr(slowing, "BY_NAME", Limit(burst=200, per_s=10))


def add(site: Site, name: str, role: people.Role = "agent", password: str = PASSWORD) -> None:
    with site.book.write() as tx:
        people.add(tx, name, role, at=site.clock(), by="a test")
        people.set_password(tx, name, hash_password(password), at=site.clock())


def offer(site: Site) -> None:
    """Second factors are offered, not demanded."""
    with site.config_file.open("a", encoding="utf-8") as file:
        file.write('[people]\nsecond_factor = "offered"\n')


def post(client: Client, path: str, **fields: str) -> httpx.Response:
    client.get("/sign-in", follow_redirects=False)
    token = client.cookies.get("desk_form") or ""
    return client.post(path, data={"_csrf_token": token, **fields}, follow_redirects=False)


def signed(client: Client, name: str, password: str = PASSWORD, **more: str) -> tuple[int, str, str]:
    answer = post(client, "/sign-in", name=name, password=password, **more)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_whoever_is_not_signed_in_is_shown_where_to_and_comes_back(site: Site, desk_client: Client) -> None:
    add(site, "anna")
    offer(site)
    answer = desk_client.get("/people?x=1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fpeople%3Fx%3D1")
    assert signed(desk_client, "anna", next="/account?said=x")[:2] == (303, "/account?said=x")
    assert desk_client.get("/account").status_code == 200


@pytest.mark.parametrize("bad", ["//evil.example", "/\\evil.example", "https://evil.example", "/a\\b", "/\n/x"])
def test_nobody_is_sent_to_another_site(sqlite_site: Site, bad: str) -> None:
    add(sqlite_site, "anna")
    offer(sqlite_site)
    with TestClient(make_desk(sqlite_site), base_url=DESK) as client:
        assert signed(client, "Anna", next=bad)[:2] == (303, "/")


def test_a_wrong_password_an_unknown_name_and_somebody_shut_out_get_one_answer(site: Site, desk_client: Client) -> None:
    add(site, "anna")
    add(site, "bert")
    add(site, "carl", "admin")
    with site.book.write() as tx:
        people.disable(tx, "bert", at=site.clock(), by="carl")
    wrong = [signed(desk_client, "anna", "not-it-at-all"), signed(desk_client, "nobody"), signed(desk_client, "bert")]
    plain = [
        (status, place, re.sub(r'value="[^"]*"', "", text).replace(name, ""))
        for (status, place, text), name in zip(wrong, ("anna", "nobody", "bert"), strict=True)
    ]
    assert plain[0] == plain[1] == plain[2]
    assert "desk_session" not in desk_client.cookies


def test_an_unknown_name_costs_as_much_work_as_a_known_one(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.pipeline import passwords

    add(sqlite_site, "anna")
    worked: list[str] = []
    hasher = passwords._hasher()
    passwords._nobodys()

    class Watched:
        def verify(self, kept: str, password: str) -> bool:
            worked.append(kept.rpartition("$")[0].rpartition("$")[0])
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Watched)
    with TestClient(make_desk(sqlite_site), base_url=DESK) as client:
        signed(client, "anna", "not-it-at-all"), signed(client, "nobody", "not-it-at-all")
    assert len(worked) == 2
    assert worked[0] == worked[1]  # the same algorithm and parameters


def test_the_second_factor_is_set_up_at_the_first_sign_in_and_asked_for_at_the_next(
    site: Site, desk_client: Client, clock: Clock
) -> None:
    add(site, "anna")
    assert signed(desk_client, "anna")[:2] == (303, "/account/factor")
    assert desk_client.get("/account", follow_redirects=False).headers["location"] == "/account/factor"
    shown = desk_client.get("/account/factor")
    assert "<svg" in shown.text
    found = re.search(r'<p class="mono">([A-Z2-7 ]+)</p>', shown.text)
    assert found
    totp = pyotp.TOTP(found[1].replace(" ", ""))
    number = totp.at(clock())
    before = desk_client.cookies["desk_session"]
    done = post(desk_client, "/account/factor", number=number)
    codes = re.findall(r'<li class="mono">([a-z2-7-]+)</li>', done.text)
    assert len(set(codes)) == 10
    assert desk_client.cookies["desk_session"] != before
    assert desk_client.get("/account").status_code == 200
    with TestClient(make_desk(site), base_url=DESK) as other:
        assert signed(other, "anna", next="/account")[:2] == (303, "/sign-in/factor?next=%2Faccount")
        assert other.get("/account", follow_redirects=False).headers["location"] == "/sign-in/factor"
        assert post(other, "/sign-in/factor", number=number).status_code == 422
        clock.forward(seconds=30)
        answer = post(other, "/sign-in/factor", number=totp.at(clock()), next="/account")
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    for expected in (303, 422):  # a recovery code opens once
        with TestClient(make_desk(site), base_url=DESK) as other:
            signed(other, "anna")
            assert post(other, "/sign-in/factor", number=codes[3].upper()).status_code == expected
    with site.book.read() as tx:
        kept = people.demand(tx, "anna")
    assert kept.totp is not None
    assert found[1].replace(" ", "").encode() not in kept.totp


def test_five_wrong_numbers_and_it_begins_anew(sqlite_site: Site) -> None:
    add(sqlite_site, "anna")
    from tocsin.web.people import factors

    with sqlite_site.book.write() as tx:
        people.set_factor(tx, "anna", factors.sealed(sqlite_site.keys.secret, "anna", factors.new_secret()))
    with TestClient(make_desk(sqlite_site), base_url=DESK) as client:
        signed(client, "anna")
        told = [post(client, "/sign-in/factor", number="000000") for _ in range(5)]
    assert [each.status_code for each in told] == [422, 422, 422, 422, 303]
    with sqlite_site.book.read() as tx:
        assert sessions.of_person(tx, "anna", at=sqlite_site.clock(), seen_since=LONG_AGO) == []


def test_a_session_ends_when_idle_and_in_any_case(site: Site, desk_client: Client, clock: Clock) -> None:
    add(site, "anna")
    offer(site)
    signed(desk_client, "anna")
    clock.forward(minutes=59)
    assert desk_client.get("/account").status_code == 200
    clock.forward(minutes=61)
    assert desk_client.get("/account", follow_redirects=False).status_code == 303
    signed(desk_client, "anna")
    for _ in range(13):
        clock.forward(minutes=58)
        last = desk_client.get("/account", follow_redirects=False).status_code
    assert last == 303


def test_the_token_changes_at_sign_in_and_the_book_never_holds_it(site: Site, desk_client: Client) -> None:
    add(site, "anna")
    offer(site)
    desk_client.cookies.set("desk_session", "planted-by-somebody", domain="127.0.0.1")
    signed(desk_client, "anna")
    first = dict(desk_client.cookies.items())["desk_session"]
    assert first != "planted-by-somebody"
    with site.book.read() as tx:
        mine = sessions.of_person(tx, "anna", at=site.clock(), seen_since=LONG_AGO)
    assert [len(each.session) for each in mine] == [64]
    assert first not in repr(mine)


def test_signing_out_ends_the_session_in_the_book(site: Site, desk_client: Client) -> None:
    add(site, "anna")
    offer(site)
    signed(desk_client, "anna")
    token = desk_client.cookies["desk_session"]
    answer = post(desk_client, "/sign-out")
    assert answer.headers["location"] == "/sign-in?out=1"
    desk_client.cookies.set("desk_session", token)
    assert desk_client.get("/account", follow_redirects=False).status_code == 303
    with site.book.read() as tx:
        assert [entry.action for entry in audit.entries(tx)][-2:] == ["signed in", "signed out"]


def test_https_makes_the_cookie_the_hosts_own(sqlite_site: Site) -> None:
    add(sqlite_site, "anna")
    offer(sqlite_site)
    sqlite_site.web = msgspec.structs.replace(sqlite_site.web, desk_url="https://desk.isp.example")
    with TestClient(make_desk(sqlite_site), base_url="https://desk.isp.example") as client:
        client.get("/sign-in")
        data = {"_csrf_token": client.cookies["__Host-form"], "name": "anna", "password": PASSWORD}
        answer = client.post("/sign-in", data=data, follow_redirects=False)
    cookies = answer.headers.get_list("set-cookie")
    session = next(each for each in cookies if each.startswith("__Host-session="))
    assert re.fullmatch(r"__Host-session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", session)


def test_guessing_is_slowed_and_a_known_browser_still_gets_in(
    sqlite_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slowing, "BY_NAME", Limit(burst=3, per_s=1 / 60))
    add(sqlite_site, "anna")
    offer(sqlite_site)
    app = make_desk(sqlite_site)
    with TestClient(app, base_url=DESK) as home, TestClient(app, base_url=DESK) as thief:
        assert signed(home, "anna")[0] == 303
        known = home.cookies["desk_known"]
        told = [signed(thief, "anna", f"guess number {number}")[0] for number in range(4)]
        assert told[-1] == 429
        assert signed(thief, "bert", "another name")[0] == 422
        home.cookies.delete("desk_session")
        home.cookies.set("desk_known", known)
        assert signed(home, "anna")[0] == 303


def test_a_disabled_person_is_out_at_once_and_a_role_changes_at_the_next_click(
    site: Site, as_role: Callable[[str], Client]
) -> None:
    admin, agent = as_role("admin"), as_role("agent")
    assert agent.get("/people").status_code == 403
    post(admin, "/people/agent-1/role", role="admin", reason="on call")
    assert agent.get("/people").status_code == 200
    post(admin, "/people/agent-1/disable", reason="has left")
    assert agent.get("/people", follow_redirects=False).status_code == 303
    told = post(admin, "/people/admin-1/disable", reason="by mistake")
    assert told.status_code == 422
    assert "only admin" in told.text


def test_a_link_lets_somebody_choose_a_password_once(
    site: Site, as_role: Callable[[str], Client], desk_client: Client
) -> None:
    offer(site)
    admin = as_role("admin")
    shown = post(admin, "/people", name="Dora", role="lead")
    found = re.search(r"/welcome/([\w-]{43})", shown.text)
    assert found
    path = found[0]
    assert "dora" in desk_client.get(path).text
    assert "Too short" in post(desk_client, path, chosen="short", again="short").text
    assert post(desk_client, path, chosen=PASSWORD, again=PASSWORD).status_code == 303
    assert post(desk_client, path, chosen=PASSWORD, again=PASSWORD).status_code == 404
    assert signed(desk_client, "dora")[0] == 303
    assert found[1] not in "".join(str(entry) for entry in _audit(site))


def test_a_link_is_good_for_two_days(site: Site, as_role: Callable[[str], Client], clock: Clock) -> None:
    admin = as_role("admin")
    found = re.search(r"/welcome/[\w-]{43}", post(admin, "/people", name="dora", role="lead").text)
    assert found
    clock.forward(hours=47)
    assert admin.get(found[0]).status_code == 200
    clock.forward(hours=2)
    assert admin.get(found[0]).status_code == 404


def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(site: Site, desk_client: Client) -> None:
    add(site, "anna")
    offer(site)
    signed(desk_client, "anna")
    with TestClient(make_desk(site), base_url=DESK) as other:
        signed(other, "anna")
        new = "fogalu-neki-pavo-zuti"
        wrong = post(other, "/account/password", present="no", chosen=new, again=new)
        assert "not your password" in wrong.text
        assert post(other, "/account/password", present=PASSWORD, chosen=new, again=new).status_code == 303
        assert other.get("/account").status_code == 200
    assert desk_client.get("/account", follow_redirects=False).status_code == 303
    assert signed(desk_client, "anna", new)[0] == 303


def test_a_new_second_factor_needs_the_password_and_a_link_keeps_the_old_one(
    site: Site, as_role: Callable[[str], Client], desk_client: Client, clock: Clock
) -> None:
    add(site, "anna")
    offer(site)
    signed(desk_client, "anna")
    found = re.search(r'<p class="mono">([A-Z2-7 ]+)</p>', desk_client.get("/account/factor").text)
    assert found
    totp = pyotp.TOTP(found[1].replace(" ", ""))
    assert "not your password" in post(desk_client, "/account/factor", number=totp.at(clock())).text
    assert "Recovery codes" in post(desk_client, "/account/factor", number=totp.at(clock()), present=PASSWORD).text
    admin = as_role("admin")
    link = re.search(r"/welcome/[\w-]{43}", post(admin, "/people/anna/link").text)
    assert link
    new = "fogalu-neki-pavo-zuti"
    post(desk_client, link[0], chosen=new, again=new)
    with TestClient(make_desk(site), base_url=DESK) as other:
        assert signed(other, "anna", new)[:2] == (303, "/sign-in/factor")
        post(admin, "/people/anna/factor")
        assert signed(other, "anna", new)[:2] == (303, "/")
        post(admin, "/people/anna/sign-out")
        assert other.get("/account", follow_redirects=False).status_code == 303


def test_a_password_that_is_out_is_not_taken(sqlite_site: Site) -> None:
    from tocsin.pipeline.people import fault_in

    (sqlite_site.config_file.parent / "out.txt").write_text("fogalu-neki-pavo-zuti\nanother one that is out\n")
    with sqlite_site.config_file.open("a", encoding="utf-8") as file:
        file.write('[people]\nrefused_passwords = "out.txt"\n')
    told = [
        fault_in(sqlite_site.config, sqlite_site.config_file, each, name="anna")
        for each in ("another one that is out", "another one that is not")
    ]
    assert told == ["That one is on lists of passwords that have been found out elsewhere.", ""]


def test_one_ends_ones_own_sessions_and_nobody_elses(site: Site, desk_client: Client) -> None:
    sign_in(desk_client, site, "agent", name="anna")
    with TestClient(make_desk(site), base_url=DESK) as second, TestClient(make_desk(site), base_url=DESK) as foreign:
        sign_in(second, site, "agent", name="anna")
        sign_in(foreign, site, "agent", name="bert")
        with site.book.read() as tx:
            here = sessions.of_person(tx, "bert", at=site.clock(), seen_since=site.clock())
        assert post(desk_client, f"/account/sessions/{here[0].handle}/end").status_code == 404
        assert foreign.get("/account").status_code == 200
        assert post(desk_client, "/account/sessions/end-others").status_code == 303
        assert second.get("/account", follow_redirects=False).status_code == 303
    assert desk_client.get("/account").status_code == 200


def _audit(site: Site) -> list[audit.Entry]:
    with site.book.read() as tx:
        return list(audit.entries(tx))
