"""Records with line breaks in quotes, and quotes that nobody closed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.evidence.lines import Reject, numbered_lines
from tocsin.evidence.records import RECORD_LINES_MAX, csv_columns

Read = tuple[dict[int, list[str]], dict[int, str]]


def read_csv(content: str, fields: int = 3, *, block: int = 1 << 20) -> Read:
    rejects: list[Reject] = []
    raw = content.encode()
    blocks = [raw[start : start + block] for start in range(0, len(raw), block)]
    reader = csv_columns(numbered_lines(blocks, rejects.append), [f"c{n}" for n in range(fields)], rejects.append)
    rows = reader.read_all().to_pylist()
    numbers = [row["line"] for row in rows]
    assert numbers == sorted(set(numbers))
    assert len({reject.line for reject in rejects}) == len(rejects)
    return {row.pop("line"): list(row.values()) for row in rows}, {reject.line: reject.reason for reject in rejects}


def test_a_record_is_numbered_by_the_line_it_starts_on() -> None:
    rows, rejects = read_csv('a,b,c\nd,"two\nlines",f\n\ng,"three\n\nlines, in all",i\nj,k,l\n')
    assert rows == {
        1: ["a", "b", "c"],
        2: ["d", "two\nlines", "f"],
        5: ["g", "three\n\nlines, in all", "i"],
        8: ["j", "k", "l"],
    }
    assert rejects == {}


def test_a_quote_that_nobody_closed_costs_one_line() -> None:
    rows, rejects = read_csv('a,b,c\nd,"e,f\ng,h,i\n"j",k,l\nm,n,o\n')
    assert sorted(rows) == [1, 3, 4, 5]
    assert rejects == {2: "a quote is opened and not closed"}


def test_two_unclosed_quotes_do_not_make_a_record_of_what_lies_between() -> None:
    rows, rejects = read_csv('a,"b,c\nd,e,f\ng,h,"i\n')
    assert rows == {2: ["d", "e", "f"]}
    assert sorted(rejects) == [1, 3]


def test_an_unclosed_quote_in_the_last_line_is_a_reject() -> None:
    assert read_csv('a,b,c\nd,e,"f')[1] == {2: "a quote is opened and not closed"}


def test_a_quote_within_a_text_is_a_character() -> None:
    assert read_csv('a,5" disk,c\n"d",e,f\n') == ({1: ["a", '5" disk', "c"], 2: ["d", "e", "f"]}, {})


def test_a_swallowing_quote_with_its_pair_elsewhere_is_still_one_reject() -> None:
    rows, rejects = read_csv('a,x"y,"z\nd,e,f\ng,h,i\n')
    assert sorted(rows) == [2, 3]
    assert list(rejects) == [1]


def test_ragged_records_say_how_many_fields_they_have() -> None:
    assert read_csv("a,b\nc,d,e\nf,g,h,i\n") == (
        {2: ["c", "d", "e"]},
        {1: "2 fields where the header has 3", 3: "4 fields where the header has 3"},
    )


def test_a_quoted_text_has_so_many_lines_and_not_one_more() -> None:
    most = 'a,"' + "\n" * (RECORD_LINES_MAX - 1) + '",c\n'
    assert sorted(read_csv(most)[0]) == [1]
    rows, rejects = read_csv(most.replace("\n", "\n\n", 1))
    assert rows == {}
    assert sorted(rejects) == [1, RECORD_LINES_MAX + 1]


def test_a_rejected_line_is_not_a_part_of_a_record() -> None:
    rows, rejects = read_csv('a,"b\nnul\0\nb",c\nd,e,f\n')
    assert rows == {4: ["d", "e", "f"]}
    assert sorted(rejects) == [1, 2, 3]


def test_a_bare_carriage_return_ends_no_record() -> None:
    rows, rejects = read_csv('a,"b\rb",c\nd,e\re,f\ng,h,i\n')
    assert rows == {1: ["a", "b\rb", "c"], 3: ["g", "h", "i"]}
    assert list(rejects) == [2]


HOSTILE = st.text(st.sampled_from('ab",\n\r é'), max_size=60)


@settings(deadline=None, max_examples=300)
@given(HOSTILE, st.integers(1, 70))
def test_where_the_blocks_end_changes_nothing(content: str, block: int) -> None:
    assert read_csv(content, block=block) == read_csv(content)


@settings(deadline=None, max_examples=300)
@given(HOSTILE)
def test_every_line_is_a_record_a_part_of_one_a_reject_or_blank(content: str) -> None:
    rows, rejects = read_csv(content)
    lines = content.replace("\r\n", "\n").split("\n")
    accounted = set(rejects)
    for number, fields in rows.items():
        accounted |= set(range(number, number + 1 + sum(field.count("\n") for field in fields)))
    assert not accounted & {number for number in rejects if number in rows}
    assert {number for number, line in enumerate(lines, 1) if line.rstrip("\r")} <= accounted
