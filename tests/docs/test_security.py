"""The checklist of docs/security.md: each requirement of OWASP ASVS 5.0.0, levels 1 and 2, once, with evidence."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAST_BY_SECTION = {  # of levels 1 and 2; in each section those of level 3 come last
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4},
    **{"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1},
    **{"9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3},
    **{"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4},
    **{"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3},
    **{"15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3},
    **{"17.1": 1, "17.2": 4, "17.3": 2},
}


def rows() -> list[list[str]]:
    text = (ROOT / "docs" / "security.md").read_text("utf-8").partition("## OWASP")[2]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if re.match(r"\| \d", line)]


def test_each_requirement_stands_there_once() -> None:
    listed = Counter(number.strip() for row in rows() for number in row[0].split(","))
    wanted = {f"{section}.{place}" for section, last in LAST_BY_SECTION.items() for place in range(1, last + 1)}
    assert (wanted - listed.keys(), listed.keys() - wanted, [n for n, c in listed.items() if c > 1]) == (
        set(),
        set(),
        [],
    )
    assert len(wanted) == 253


def test_each_row_says_how_far_and_shows_what_exists() -> None:
    for numbers, met, how, evidence in rows():
        assert met in {"Yes", "Partial", "No", "Deployment", "-"}, numbers
        assert how, numbers
        paths = re.findall(r"`([^`]+)`", evidence)
        assert paths or met == "-", numbers
        assert [path for path in paths if not (ROOT / path).exists()] == [], numbers
