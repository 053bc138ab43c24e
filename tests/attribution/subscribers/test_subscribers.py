"""subscribers.csv: the newest file is the whole truth, and a row that could name the wrong household is left out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.attribution.subscribers import BEGINNING, SubscribersRead, is_mail_address, read_subscribers
from tocsin.book import Book
from tocsin.book.contracts import contracts_of, refs_of
from tocsin.terms.errors import BadRequest

HEADER = "subscriber,account,name,email,language,zone,line,line_id,starts_at,ends_at"
ADA = "C-1,u1,Ada Example,ada@home.example,en,Europe/London,00-5550-1001,eth 0/1,2024-01-01T00:00:00Z,"
BEN = "C-2,u2,Ben Example,ben@home.example,ja,Asia/Tokyo,00-5550-1002,,2024-01-01T00:00:00Z,"


def read(book: Book, folder: Path, *rows: str, header: str = HEADER) -> SubscribersRead:
    path = folder / "subscribers.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return read_subscribers(book, path, languages=("en", "ja"), language="en")


def refs(book: Book) -> dict[int, str]:
    with book.read() as tx:
        return refs_of(tx, range(1, 100))


def test_a_contract_is_what_its_row_says(book: Book, tmp_path: Path) -> None:
    found = read(book, tmp_path, ADA, BEN)
    assert (found.contracts, found.rejects, found.already) == (2, (), False)
    with book.read() as tx:
        (ben,) = contracts_of(tx, 2)
    assert (ben.name, ben.email, ben.language, ben.zone) == ("Ben Example", "ben@home.example", "ja", "Asia/Tokyo")
    assert (ben.line, ben.line_id) == ("00-5550-1002", None)
    assert (ben.starts_at, ben.ends_at) == (datetime(2024, 1, 1, tzinfo=UTC), None)


def test_the_same_file_again_does_nothing(book: Book, tmp_path: Path) -> None:
    read(book, tmp_path, ADA, BEN)
    again = read(book, tmp_path, ADA, BEN)
    assert again.already
    assert again.contracts == 0


def test_a_newer_file_is_the_whole_truth_and_numbers_stay(book: Book, tmp_path: Path) -> None:
    read(book, tmp_path, ADA, BEN)
    before = refs(book)
    newcomer = ADA.replace("C-1,u1", "A-0,u0")
    assert read(book, tmp_path, newcomer, BEN).contracts == 2
    after = refs(book)
    assert {number: after[number] for number in before} == before
    assert set(after.values()) == {"C-1", "C-2", "A-0"}
    with book.read() as tx:
        assert contracts_of(tx, next(number for number, ref in after.items() if ref == "C-1")) == []


def test_overlapping_contracts_of_one_account_are_both_left_out(book: Book, tmp_path: Path) -> None:
    first = ADA + "2024-06-01T00:00:00Z"
    second = BEN.replace("u2", "u1").replace("2024-01-01", "2024-05-31")
    found = read(book, tmp_path, first, second, BEN)
    assert found.contracts == 1
    assert [(reject.line, reject.value) for reject in found.rejects] == [(2, "u1"), (3, "u1")]
    assert all("overlap" in reject.reason for reject in found.rejects)


def test_a_line_that_passes_on_at_once_does_not_overlap(book: Book, tmp_path: Path) -> None:
    moment = datetime(2024, 6, 1, tzinfo=UTC)
    found = read(
        book, tmp_path, ADA + "2024-06-01T00:00:00Z", BEN.replace("u2", "u1").replace("2024-01-01", "2024-06-01")
    )
    assert (found.contracts, found.rejects) == (2, ())
    with book.read() as tx:
        (before,), (after,) = contracts_of(tx, 1), contracts_of(tx, 2)
    assert (before.name, before.ends_at, after.name, after.starts_at) == ("Ada Example", moment, "Ben Example", moment)


@settings(max_examples=25, deadline=None)
@given(spans=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9) | st.none()), min_size=1, max_size=6, unique=True))
def test_what_is_kept_never_overlaps_and_what_is_left_out_does(
    spans: list[tuple[int, int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    spans = [(start, end) for start, end in spans if end is None or end > start]
    folder = tmp_path_factory.mktemp("world")
    book = Book.at(folder)
    book.migrate()
    rows = [
        f"C-{place},u1,Ada Example,ada@home.example,en,UTC,1,,2024-01-0{start}T00:00:00Z,"
        + (f"2024-01-0{end}T00:00:00Z" if end else "")
        for place, (start, end) in enumerate(spans)
    ]
    found = read(book, folder, *rows)
    book.close()
    doubtful = {
        place + 2
        for place, (start, end) in enumerate(spans)
        for other, (first, last) in enumerate(spans)
        if other != place and start < (last or 99) and first < (end or 99)
    }
    assert {reject.line for reject in found.rejects} == doubtful
    assert found.contracts == len(spans) - len(doubtful)


def test_an_equal_row_is_kept_once(book: Book, tmp_path: Path) -> None:
    found = read(book, tmp_path, ADA, ADA)
    assert found.contracts == 1
    assert [(reject.line, reject.reason) for reject in found.rejects] == [(3, "the same contract as in line 2")]


@pytest.mark.parametrize(
    ("row", "reason", "value"),
    [
        (ADA.replace("ada@home.example", "ada@home"), "not a mail address", "ada@home"),
        (ADA.replace("Europe/London", "Europe/Lundun"), "not an IANA time zone", "Europe/Lundun"),
        (ADA.replace("Europe/London", "../../etc/passwd"), "not an IANA time zone", "../../etc/passwd"),
        (ADA.replace("Ada Example", "A\u202eda"), "not a name of 1 to 300 printable characters", "A\u202eda"),
        (ADA.replace("C-1", ""), "not a subscriber of 1 to 100 printable characters", ""),
        (
            ADA.replace("2024-01-01T00:00:00Z", "2024-01-01"),
            "starts_at is not an RFC 3339 moment with a zone",
            "2024-01-01",
        ),
        (ADA + "2023-01-01T00:00:00Z", "it ends before it starts", "2023-01-01T00:00:00Z"),
        (ADA + ",,", "12 fields where the first line has 10", ADA + ",,"),
        ('C-1,"u1', "not a CSV record: unexpected end of data", 'C-1,"u1'),
    ],
)
def test_a_bad_row_is_left_out_with_its_line_and_value(
    book: Book, tmp_path: Path, row: str, reason: str, value: str
) -> None:
    found = read(book, tmp_path, BEN, row)
    assert found.contracts == 1
    (reject,) = found.rejects
    assert (reject.file, reject.line, reject.reason) == ("subscribers.csv", 3, reason)
    assert reject.value in (value, value.encode("unicode_escape").decode())


def test_an_unknown_language_gets_the_issuers(book: Book, tmp_path: Path) -> None:
    rows = (
        ADA.replace(",en,", ",fi,"),
        BEN.replace(",ja,", ",ja-JP,"),
        ADA.replace("C-1,u1", "C-3,u3").replace(",en,", ",,"),
    )
    read(book, tmp_path, *rows)
    with book.read() as tx:
        assert [contracts_of(tx, number)[0].language for number in (1, 2, 3)] == ["en", "ja", "en"]


def test_columns_may_stand_in_any_order_and_dates_may_be_absent(book: Book, tmp_path: Path) -> None:
    found = read(book, tmp_path, "1,ada@home.example,Ada,u1,C-1", header="line,email,name,account,subscriber")
    assert found.contracts == 1
    with book.read() as tx:
        (ada,) = contracts_of(tx, 1)
    assert (ada.zone, ada.language, ada.starts_at, ada.ends_at) == ("UTC", "en", BEGINNING, None)


def test_a_file_without_the_columns_is_refused_and_nothing_is_lost(book: Book, tmp_path: Path) -> None:
    read(book, tmp_path, ADA)
    with pytest.raises(BadRequest, match="no column 'subscriber'"):
        read(book, tmp_path, "x", header="customer")
    with book.read() as tx:
        assert len(contracts_of(tx, 1)) == 1


@pytest.mark.parametrize("text", ["a@b.example", "first.last+tag@sub.home.example", "o'hara@xn--bcher-kva.example"])
def test_an_ordinary_mail_address_is_one(text: str) -> None:
    assert is_mail_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a@b",
        "a b@c.example",
        "a@b.example\n",
        "a@b.example\r\nBcc: x@y.example",
        "a@@b.example",
        "<a@b.example>",
        ".a@b.example",
        "a@-b.example",
        "a@b..example",
        f"{'a' * 65}@b.example",
        f"a@{'b' * 64}.example",
        f"a@{'b.' * 126}example",
        "a@b.example,c@d.example",
    ],
)
def test_what_is_no_plain_mail_address_is_refused(text: str) -> None:
    assert not is_mail_address(text)


MORE = "subscriber,account,name,email,line,phone,postal_address,line_kind,care_alarm,medical"


def test_what_other_channels_and_the_garden_need_is_kept(book: Book, tmp_path: Path) -> None:
    row = 'C-1,u1,Ada,ada@home.example,1,+44 (20) 7946-0001,"1 High Street | Flat 2|London",Private,no,YES'
    assert read(book, tmp_path, row, header=MORE).rejects == ()
    with book.read() as tx:
        (ada,) = contracts_of(tx, 1)
    assert (ada.phone, ada.postal_address) == ("+442079460001", "1 High Street\nFlat 2\nLondon")
    assert (ada.line_kind, ada.care_alarm, ada.medical) == ("private", False, True)


def test_what_the_file_does_not_say_is_unknown_and_not_no(book: Book, tmp_path: Path) -> None:
    read(book, tmp_path, "C-1,u1,Ada,ada@home.example,1,,,,,", ADA.replace("C-1,u1", "C-2,u2"), header=MORE)
    with book.read() as tx:
        (ada,) = contracts_of(tx, 1)
    assert (ada.phone, ada.postal_address, ada.line_kind, ada.care_alarm, ada.medical) == (None,) * 5


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("020 7946 0001,,,,", "not a telephone number"),
        ("+1234567890123456,,,,", "not a telephone number"),  # sixteen digits
        (",a|b|c|d|e|f,,,", "not a postal_address"),
        (f",{'a' * 501},,,", "not a postal_address"),
        (",,company,,", "line_kind is none of private, business"),
        (",,,perhaps,", "care_alarm is none of yes, no"),
        (",,,,1", "medical is none of yes, no"),
    ],
)
def test_a_row_with_a_wrong_field_of_those_is_left_out(book: Book, tmp_path: Path, fields: str, reason: str) -> None:
    found = read(book, tmp_path, f"C-1,u1,Ada,ada@home.example,1,{fields}", header=MORE)
    assert found.contracts == 0
    assert found.rejects[0].reason.startswith(reason)
