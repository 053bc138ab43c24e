from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.notices.wrapping import width, wrapped

line = st.text(st.sampled_from("ab cdé.,-日本語。、「」【】ーっ"), max_size=120).map(
    lambda text: " ".join(text.split())
)


@given(line, st.integers(20, 70))
def test_no_line_is_wider_than_asked_and_no_character_is_lost(text: str, columns: int) -> None:
    lines = wrapped(text, "1. ", "   ", columns).split("\n")
    assert max(width(part) for part in lines) <= columns
    assert "".join("".join(lines).split()) == "".join(f"1. {text}".split())


@given(
    st.lists(
        st.sampled_from(["日", "本", "語。", "は、", "待って", "データ", "か」。", "word"]), min_size=1, max_size=60
    )
)
def test_no_line_starts_with_a_mark_that_closes(pieces: list[str]) -> None:
    for part in wrapped("".join(pieces), columns=40).split("\n"):
        assert part[0] not in "。、っー」"


def test_a_word_longer_than_a_line_is_broken() -> None:
    assert wrapped("x" * 25, columns=20) == "x" * 20 + "\n" + "x" * 5


def test_words_stay_whole_and_later_lines_are_indented() -> None:
    assert wrapped("one two three", "- ", "  ", 10) == "- one two\n  three"


def test_wide_characters_count_double() -> None:
    assert wrapped("日本語日本語", columns=6) == "日本語\n日本語"
