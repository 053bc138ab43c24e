"""A letter on paper: what stands in it and where; read by poppler, which is not ours."""

from __future__ import annotations

import io
import re
import subprocess
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from PIL import Image

from tests.channels.provider import code_of, decide, provider
from tests.delivery import post_office
from tests.delivery.test_verbs import say
from tests.notices.notice_world import BY_ROLE, CODE, INFECTED, ISSUER, ROLES, facts_about, keys
from tocsin.book import audit, notices
from tocsin.notices.channels import LetterConfig
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.notices.paper.compose import address_lines, compose_paper
from tocsin.notices.paper.folder import LetterFolder
from tocsin.pipeline.outbox import deliver_queued, queue_decided, send_notices
from tocsin.pipeline.uncertain import came_back
from tocsin.proof.facts import Facts
from tocsin.proof.known import Known, pin
from tocsin.proof.proof import read_proof, verify_proof
from tocsin.terms.errors import BadConfig, BadRequest, Refused

CONFIG = LetterConfig(via="folder", sender_address=("Ringstrasse 1", "12345 Musterstadt"))
PEOPLE = {
    "en": ("Anna Weber", "12 Sample Road\nFlat 4\nLONDON SW1A 1AA\nUNITED KINGDOM"),
    "de": ("Jörg Müller-Lüdenscheidt", "Musterweg 12\n12345 Musterstadt"),
    "hi": ("अंजलि शर्मा", "12 नमूना मार्ग\nनई दिल्ली 110001\nभारत"),
    "ja": ("見本 花子", "〒100-0001\n東京都千代田区見本町1-2-3"),
}
MM = 72 / 25.4  # points


def facts_for(language: str, role: str = "infected") -> Facts:
    name, address = PEOPLE[language]
    return replace(facts_about(BY_ROLE[role], language=language), name=name, recipient=address)


def letter(facts: Facts) -> bytes:
    return compose_paper(facts, CODE, ISSUER, keys(), CONFIG, Path("/"))


@cache
def made(language: str, role: str = "infected") -> bytes:
    return letter(facts_for(language, role))


def text_of(pdf: bytes, *options: str) -> str:
    done = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True, timeout=30)
    return done.stdout.decode()


def words_of(pdf: bytes) -> list[tuple[int, float, float, str]]:
    """(page from 1, millimetres from the left and from the top, word)."""
    page = ElementTree.fromstring(re.sub(r'xmlns="[^"]*"|<!DOCTYPE[^>]*>', "", text_of(pdf, "-bbox")))
    return [
        (number, float(word.get("xMin", 0)) / MM, float(word.get("yMin", 0)) / MM, word.text or "")
        for number, sheet in enumerate(page.iter("page"), start=1)
        for word in sheet.iter("word")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
def test_every_letter_says_the_facts_and_the_code(language: str, role: str) -> None:
    facts, packed = facts_for(language, role), "".join(text_of(made(language, role)).split())
    trouble = facts.troubles[0]
    told = [facts.notice, CODE, facts.issuer_name, trouble.address, trouble.source, trouble.source_ref, "2026-11-24"]
    told += ["03:16:38", *PEOPLE[language][1].split("\n"), str(trouble.port)]
    for each in told:
        assert "".join(str(each).split()) in packed, each
    if language != "hi":  # signs of vowels come out of a PDF in the order in which they are drawn
        assert "".join(facts.name.split()) in packed


def test_the_proof_can_be_read_back_from_the_paper() -> None:
    for language in LANGUAGES:
        proof = read_proof(text_of(made(language), "-raw"))
        assert proof.facts == facts_for(language)
        assert verify_proof(proof, Known(keys=(pin(keys().proof.public, ISSUER.name),))).result == "supports"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_address_lies_in_the_window_and_nothing_else_does(language: str) -> None:
    """DIN 5008 form B: 20 to 105 mm from the left, 45 to 90 mm from the top."""
    inside = [word for page, x, y, word in words_of(made(language)) if page == 1 and 20 <= x < 105 and 45 <= y < 90]
    wanted = [*address_lines(facts_for(language)), "Example Broadband", *CONFIG.sender_address]
    packed = "".join(inside)
    for line in wanted:
        if language != "hi" or line.isascii():
            assert "".join(line.split()) in packed
    assert len(packed) <= sum(len("".join(line.split())) for line in wanted) + 2, packed  # the dots of the return line


def test_the_code_is_large_and_the_marks_are_where_the_folding_is() -> None:
    sheet = picture(made("de"), 0)
    at = {name: y for name, y in (("fold", 105), ("hole", 148.5), ("second fold", 210))}
    for name, y in at.items():
        row = round(y / 25.4 * 100)
        strip = sheet.crop((round(6 / 25.4 * 100), row - 1, round(9 / 25.4 * 100), row + 2))
        assert strip.tobytes() != b"\xff" * len(strip.tobytes()), name
    empty = sheet.crop((round(6 / 25.4 * 100), 460, round(9 / 25.4 * 100), 490))
    assert empty.tobytes() == b"\xff" * len(empty.tobytes())
    (size,) = {round(word[3], 1) for word in sized(made("de")) if word[4] == CODE}
    assert size > 6, "millimetres"


def picture(pdf: bytes, page: int) -> Image.Image:
    """A page in grey, 100 points an inch."""
    command = ["pdftoppm", "-r", "100", "-gray", "-f", str(page + 1), "-l", str(page + 1), "-singlefile", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True, timeout=60)
    return Image.open(io.BytesIO(done.stdout)).convert("L")


def sized(pdf: bytes) -> list[tuple[int, float, float, float, str]]:
    page = ElementTree.fromstring(re.sub(r'xmlns="[^"]*"|<!DOCTYPE[^>]*>', "", text_of(pdf, "-bbox")))
    return [
        (0, 0.0, 0.0, (float(word.get("yMax", 0)) - float(word.get("yMin", 0))) / MM, word.text or "")
        for word in page.iter("word")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_font_is_in_the_file_and_draws_every_sign(language: str) -> None:
    done = subprocess.run(["pdffonts", "-"], input=made(language), capture_output=True, check=True, timeout=30)
    rows = [line.split() for line in done.stdout.decode().splitlines()[2:]]
    assert rows
    assert all("yes" in row[-5] for row in rows), "embedded"
    wanted = {"hi": "Devanagari", "ja": "CJK"}.get(language, "NotoSans")
    assert any(wanted in row[0] for row in rows)


def test_the_same_facts_give_the_same_bytes() -> None:
    assert letter(facts_for("ja")) == made("ja")


def test_markup_in_a_name_is_a_name() -> None:
    hostile = '#read("/etc/passwd") *bold* $x$ @ref <a> "'
    facts = replace(facts_for("en"), name=hostile, troubles=(replace(INFECTED, source='#panic("x")'),))
    text = " ".join(text_of(letter(facts)).split())
    assert '#read("/etc/passwd")' in text
    assert '#panic("x")' in text


def test_a_sign_that_no_font_has_makes_no_letter() -> None:
    with pytest.raises(Refused, match="cannot be set"):
        letter(replace(facts_for("en"), name="Anna \U0001f9ff Weber"))


@pytest.mark.parametrize(
    ("name", "address", "why"),
    [
        ("Anna", "", "a name and one to 5 lines"),
        ("", "Street 1\nTown", "a name and one to 5 lines"),
        ("Anna", "1\n2\n3\n4\n5\n6", "a name and one to 5 lines"),
        ("Anna", "x" * 49, "too long for the window"),
    ],
)
def test_an_address_that_no_window_shows_is_refused(name: str, address: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        letter(replace(facts_for("en"), name=name, recipient=address))


def test_six_lines_fit() -> None:
    facts = replace(facts_for("en"), recipient="\n".join(f"{number} {'W' * 40}" for number in range(1, 6)))
    inside = [word for page, x, y, word in words_of(letter(facts)) if page == 1 and 20 <= x < 105 and 45 <= y < 90]
    assert inside.count("W" * 40) == 5


def test_without_an_address_to_go_back_to_there_is_no_configuration() -> None:
    for lines in ((), ("1", "2", "3", "4", "5")):
        with pytest.raises(BadConfig, match="one to four lines"):
            LetterConfig(via="folder", sender_address=lines)


SECTION = '[letter]\nvia = "folder"\nsender_address = ["Ringstrasse 1", "12345 Musterstadt"]\n'


def test_a_letter_lies_in_the_folder_once(tmp_path: Path) -> None:
    with provider(tmp_path / "provider", SECTION) as house:
        name = decide(house, "letter", language="de")
        assert send_notices(house).sent == (name,)
        path = house.letters / f"{name}.pdf"
        assert code_of(house, name) in text_of(path.read_bytes())
        assert path.stat().st_mode & 0o077 == 0
        before = path.stat().st_mtime_ns
        assert send_notices(house).sent == ()
        assert path.stat().st_mtime_ns == before
        assert post_office.state_of(house.book, name)[0] == "sent"


def test_what_was_printed_is_not_printed_again(tmp_path: Path) -> None:
    """Killed after the file was written and before that was noted; meanwhile the printer took it."""
    with provider(tmp_path / "provider", SECTION) as house:
        name = decide(house, "letter")
        assert list(queue_decided(house)) == []
        LetterFolder(house.letters)  # makes it
        (house.letters / "taken" / f"{name}.pdf").write_bytes(b"printed")
        assert deliver_queued(house).sent == (name,)
        assert not (house.letters / f"{name}.pdf").exists()


def test_a_letter_that_the_post_returns_opens_its_case(tmp_path: Path) -> None:
    with provider(tmp_path / "provider", SECTION) as house:
        name = decide(house, "letter")
        with pytest.raises(BadRequest, match="has not left"):
            came_back(house, name, reason="moved away")
        send_notices(house)
        with pytest.raises(BadRequest, match="why it came back"):
            came_back(house, name, reason=" ")
        came_back(house, name.lower(), reason="the post returned it: moved away")
        assert post_office.state_of(house.book, name) == ("bounced", "the post returned it: moved away")
        assert post_office.case_story(house.book, name)[-1][0] == "open"
        with house.book.read() as tx:
            assert notices.dead_addresses(tx, [1]) == {1: {PEOPLE["de"][1].lower()}}
            assert list(audit.entries(tx))[-1].action == "notice came back"


def test_the_verb_says_that_it_came_back(tmp_path: Path) -> None:
    folder = tmp_path / "provider"
    with provider(folder, SECTION) as house:
        name = decide(house, "letter")
        send_notices(house)
        done = say(house, "notify", "--came-back", name, "--reason", "moved away")
        assert (done.return_value, "its case is open again" in done.stdout) == (0, True)
    with post_office.open_house(folder) as house:
        assert post_office.state_of(house.book, name)[0] == "bounced"
