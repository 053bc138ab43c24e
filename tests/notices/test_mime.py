from __future__ import annotations

import email
import email.policy
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.notices.mime import alternative, field, unstructured

printable = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=200)
lines = st.lists(st.text(st.sampled_from("aé日=. From"), max_size=120), max_size=6).map("\n".join)


@given(lines, lines)
@example("From here\n.\n..\n", "From \n" + "x" * 300)
def test_both_parts_read_back_as_they_were_written(plain: str, html: str) -> None:
    body = alternative("=_b", (("plain", plain), ("html", html)))
    raw = b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="=_b"\r\n\r\n' + body
    first, second = email.message_from_bytes(raw, policy=email.policy.default).iter_parts()
    assert first.get_content().replace("\r\n", "\n") == plain
    assert second.get_content().replace("\r\n", "\n") == html
    assert all(len(line) <= 76 for line in body.split(b"\r\n"))
    assert not any(line.startswith(b"From ") for line in body.split(b"\r\n"))


@given(printable)
def test_a_subject_in_any_script_reads_back(text: str) -> None:
    value = unstructured(text)
    assert value.isascii()
    assert str(make_header(decode_header(value))) == text
    assert all(len(word) <= 66 for word in value.split(" ")) or value == text


@given(st.lists(st.text(st.sampled_from("abc"), min_size=1, max_size=70), min_size=1, max_size=12).map(" ".join))
def test_folding_only_adds_line_ends_before_blanks(value: str) -> None:
    name, folded = field("Subject", value)
    assert folded.replace("\r\n ", " ") == value
    assert all(len(line) <= 78 for line in f"{name}: {folded}".split("\r\n"))


def test_a_boundary_that_a_part_could_hold_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="boundary"):
        alternative("abc", ())
