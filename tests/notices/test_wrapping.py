from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.notices.wrapping import width, wrapped

line = st.text(st.sampled_from("ab cdé.,-कि्ंा।日本語。、「」【】ーっ"), max_size=120).map(
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


def test_a_masked_line_stays_in_one_piece() -> None:
    assert wrapped("about your line ···· 4711 only", columns=22) == "about your line\n···· 4711 only"


def test_marks_of_vowels_take_no_column_and_stay_with_their_letter() -> None:
    assert width("कंपनी") == 4
    assert all(part[0] in "xन" for part in wrapped("x" + "नि" * 25, columns=20).split("\n"))


def test_a_word_of_nothing_but_marks_is_broken_all_the_same() -> None:
    assert max(width(part) for part in wrapped("\u093e" * 50, columns=20).split("\n")) <= 20


def test_wide_characters_count_double() -> None:
    assert wrapped("日本語日本語", columns=6) == "日本語\n日本語"
