"""Where links lead, read as a browser reads them."""

from __future__ import annotations

import io
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.mailcheck import linkcheck
from tocsin.mailcheck.inspection import Claim, Inspection
from tocsin.mailcheck.link_lists import LinkLists, load_lists
from tocsin.mailcheck.links import LINKS_MAX, in_text, links_of, target_of
from tocsin.mailcheck.mail import Mail, read_mail
from tocsin.mailcheck.pasted import read_pasted
from tocsin.mailcheck.setup import Setup
from tocsin.terms.errors import BadConfig


def mail_of(html: str, sender: str = "Anna <anna@net.example>", subject: str = "x") -> Mail:
    head = f"From: {sender}\r\nTo: b@mail.example\r\nSubject: {subject}\r\nContent-Type: text/html; charset=utf-8"
    return read_mail(f"{head}\r\n\r\n{html}".encode())


def codes(mail: Mail, lists: LinkLists | None = None) -> set[str]:
    return {one.code for one in linkcheck.look(Inspection(mail=mail, claim=Claim(), setup=Setup(lists=lists)))}


@pytest.mark.parametrize(
    ("url", "host", "port", "user"),
    [
        ("https://www.shop.example/a?b", "www.shop.example", None, ""),
        ("HTTP:\\\\shop.example\\a", "shop.example", None, ""),
        (" h\nttp://shop.exam\tple/", "shop.example", None, ""),
        ("//shop.example:8081/x", "shop.example", 8081, ""),
        ("https://paypal.com@evil.example/", "evil.example", None, "paypal.com"),
        ("https://a@b@evil.example", "evil.example", None, "a@b"),
        ("http://evil%2Eexample/", "evil.example", None, ""),
        ("https://xn--pypal-4ve.com/", "p\u0430ypal.com", None, ""),
        ("http://[2001:db8::1]:81/", "[2001:db8::1]", 81, ""),
        ("https://https://csk.gov.in/", "csk.gov.in", None, ""),
        ("hxxp://shop.example/", "shop.example", None, ""),
        ("http:///shop.example", "shop.example", None, ""),
        ("javascript:alert(1)", "", None, ""),
    ],
)
def test_a_url_leads_where_a_browser_would_go(url: str, host: str, port: int | None, user: str) -> None:
    target = target_of(url)
    assert target is not None
    assert (target.host, target.port, target.user) == (host, port, user)


def test_a_relative_url_leads_nowhere() -> None:
    assert target_of("/a/b") is None
    assert target_of("") is None


def test_links_stand_in_many_places() -> None:
    mail = mail_of(
        '<a href="https://a.example/">x</a><map><area href="https://b.example/"></map><form action="https://c.example/">'
        '<button formaction="https://d.example/">y</button></form><meta http-equiv=refresh content="0; url=https://e.example/">'
        '<iframe src="https://f.example/"></iframe><img src="https://g.example/p.png" alt="at h.com/x"><p>https://i.com/z.</p>'
    )
    found = {(link.place, link.target.host) for link in links_of(mail).links}
    assert found == {
        ("link", "a.example"),
        ("link", "b.example"),
        ("form", "c.example"),
        ("form", "d.example"),
        ("refresh", "e.example"),
        ("frame", "f.example"),
        ("picture", "g.example"),
        ("text", "i.com"),
    }


def test_a_short_message_has_links_without_a_scheme() -> None:
    found = [link.url for link in in_text("Pay at bit.ly/3abc, or www.shop.com. See file.txt and 1.2/3 and a@b.com/x")]
    assert found == ["www.shop.com", "bit.ly/3abc"]


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ('<a href="https://evil-pages.com/">www.paypal.com</a>', "link-names-another"),
        ('<a href="https://other-pages.com/">www.some-site.com</a>', "link-text-differs"),
        ('<a href="https://mtn1.in/">x</a>', "link-lookalike"),
        ('<a href="https://paypal.com.evil-pages.com/">x</a>', "link-joined"),
        ('<a href="https://p\u0430ypal.com/">x</a>', "link-mixed"),
        ('<a href="https://müller-markt.de/">x</a>', "link-letters"),
        ('<a href="http://8.8.8.8/">x</a>', "link-address"),
        ('<a href="http://0x08080808/">x</a>', "link-hidden-address"),
        ('<a href="https://www.bank.com@evil-pages.com/">x</a>', "link-user"),
        ('<a href="https://shop-pages.com:4443/">x</a>', "link-port"),
        ('<a href="javascript:alert(1)">x</a>', "link-runs"),
        ('<a href="data:text/html,x">x</a>', "link-runs"),
        ('<meta http-equiv=refresh content="0;url=https://evil-pages.com/">', "link-by-itself"),
        ('<a href="https://bit.ly/x">x</a>', "link-short"),
        ('<a href="https://someone.web.app/">x</a>', "link-hosting"),
        ('<a href="https://www.google.com/url?q=https://evil-pages.com/">x</a>', "link-passed-on"),
        ('<a href="https://pages.com/?to=https%3A%2F%2Fevil-pages.com%2F">x</a>', "link-passed-on"),
        ('<a href="https://nkn5zun99r.com/">x</a>', "link-random"),
        ('<a href="https://pages.com/?m=b%40mail.example">x</a>', "link-names-reader"),
        ('<form action="https://pages.com/"><input type=password></form>', "form-password"),
        ('<form action="https://pages.com/"></form>', "form-inside"),
        ('<a href="https://pages.com/"><img src="https://pages.com/a.png"></a>', "link-picture-only"),
        ('<a href="https://pages.com/">x</a>', "links-not-sender"),
        ('<a href="https://pages.shop/">x</a>', "link-ending"),
        ('<a href="https://pages.com/">x</a>', "links-lead"),
        ('<a href="https://pages.com/">x</a><p>Y\u043eur \u0430ccount</p>', "text-disguised"),
    ],
)
def test_a_link_is_found_to_be(html: str, code: str) -> None:
    assert code in codes(mail_of(html))


def test_links_to_the_senders_own_site_are_not_looked_into() -> None:
    html = '<a href="https://a1b2c3d4.shop-pages.com:4443/?u=https%3A%2F%2Fother.com%2F">www.other.com</a>'
    assert codes(mail_of(html, "Shop <a@shop-pages.com>")) == {"links-lead"}


def test_who_claims_an_organisation_and_leads_elsewhere_is_told() -> None:
    html = '<a href="https://pages.com/">x</a>'
    assert "links-elsewhere" in codes(mail_of(html, "PayPal <a@pages.com>"))
    assert "subject-elsewhere" in codes(mail_of(html, subject="Your PayPal account"))
    real = '<a href="https://www.paypal.com/x">x</a>'
    assert not codes(mail_of(real, "PayPal <a@paypal.com>")) & {"links-elsewhere", "links-not-sender"}


def test_a_provider_may_lead_to_its_countrys_response_team() -> None:
    sms = "Dear customer, per BSNL your device may be infected. Visit https://www.csk.gov.in/ for the free tool."
    assert "subject-elsewhere" not in codes(read_pasted(sms.encode()))
    assert "subject-elsewhere" in codes(read_pasted(sms.replace("csk.gov.in", "csk-help.com").encode()))


def test_what_is_on_a_local_list_is_told_and_what_is_on_none_means_little(tmp_path: Path) -> None:
    (tmp_path / "urls.csv").write_text(
        '# id,url\n"1","2026-01-01","https://bad-pages.com/a,b","online"\n', encoding="utf-8"
    )
    (tmp_path / "hosts.txt").write_text("0.0.0.0 evil-pages.com\nworse-pages.com\n||ads-pages.com^\n", encoding="utf-8")
    (tmp_path / "notes.md").write_text("good-pages.com\n", encoding="utf-8")
    lists = load_lists(tmp_path)
    assert lists.names == ["hosts.txt", "urls.csv"]

    def listed(url: str) -> set[str]:
        return codes(mail_of(f'<a href="{url}">x</a>'), lists) & {"link-listed", "links-not-listed"}

    for url in (
        "https://bad-pages.com/a,b#x",
        "http://evil-pages.com/any",
        "https://worse-pages.com",
        "http://ads-pages.com/",
    ):
        assert listed(url) == {"link-listed"}, url
    for url in ("https://bad-pages.com/", "https://good-pages.com/"):
        assert listed(url) == {"links-not-listed"}, url
    assert "link-listed-written" in codes(mail_of("<p>seen at https://evil-pages.com/x</p>"), lists)


def test_a_folder_of_lists_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read"):
        load_lists(tmp_path / "none")
    (tmp_path / "broken.gz").write_bytes(b"no gzip")
    with pytest.raises(BadConfig, match=r"broken\.gz"):
        load_lists(tmp_path)


@pytest.mark.parametrize(
    "html",
    [
        "<a href='https://a.example/'>" * 20_000,
        "<div>" * 50_000,
        "a." * 120_000,
        "https://" * 30_000,
        "www." * 60_000,
        "<a href='" + "x" * 200_000 + "'>",
        "<a href='https://" + "a@" * 100_000 + "'>",
        "<a href='https://" + "." * 100_000 + "'>",
        "=http://" * 30_000,
        "<p>" + "я" * 100_000 + "a" * 100_000,
        "&#x41;" * 40_000,
        "<a href=https://xn--" + "9" * 5_000 + ">x",
    ],
    ids=range(12),
)
def test_bombs_of_links_take_bounded_time(html: str) -> None:
    mail = mail_of(html)
    started = time.process_time()
    codes(mail)
    assert time.process_time() - started < 2
    assert len(links_of(mail).links) <= LINKS_MAX


@given(st.text(max_size=500))
@settings(max_examples=200, deadline=None)
def test_no_url_breaks_it(url: str) -> None:
    for one in (url, f"http://{url}", f"https://a:{url}@{url}:{url}/"):
        target_of(one)
    codes(mail_of(f'<a href="http://{url}">{url}</a> http://{url} {url}'))


def with_picture(picture: bytes, kind: str = "png") -> Mail:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Anna <anna@net.example>", "b@mail.example", "x"
    message.set_content("scan this")
    message.add_attachment(picture, maintype="image", subtype=kind)
    return read_mail(message.as_bytes())


def drawn(text: str, kind: str = "PNG") -> bytes:
    zxingcpp, image = pytest.importorskip("zxingcpp"), pytest.importorskip("PIL.Image")
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=5)
    file = io.BytesIO()
    image.frombuffer("L", (code.shape[1], code.shape[0]), bytes(code)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_code_in_a_picture_is_a_link(kind: str) -> None:
    found = codes(with_picture(drawn("https://paypal-login.com/x", kind), kind.lower()))
    assert {"link-in-picture", "link-joined", "links-lead"} <= found


def test_a_code_that_is_no_link_says_nothing() -> None:
    assert codes(with_picture(drawn("WIFI:S:home;;"))) == set()


@pytest.mark.parametrize(
    "picture", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"x" * 100, b"GIF89a" + b"\xff" * 1_000]
)
def test_pictures_that_are_none_show_no_code(picture: bytes) -> None:
    assert codes(with_picture(picture)) == set()


def test_a_picture_of_too_many_pixels_is_not_drawn() -> None:
    image = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    image.new("1", (40_000, 40_000)).save(file, "PNG")
    started = time.process_time()
    assert codes(with_picture(file.getvalue())) == set()
    assert time.process_time() - started < 1


def test_without_the_extra_pictures_are_said_to_be_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    assert codes(with_picture(b"x")) == {"pictures-not-read"}
