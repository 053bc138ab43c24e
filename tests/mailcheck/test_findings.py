from __future__ import annotations

import ast
import string
from pathlib import Path
from typing import get_args

import pytest

import tocsin.mailcheck as room
from tocsin.mailcheck import scorecard
from tocsin.mailcheck.answer import VERDICTS
from tocsin.mailcheck.catalogue import catalogue
from tocsin.mailcheck.dkim_signature import State
from tocsin.mailcheck.findings import FATAL, GRAVE, KINDS, Finding, found
from tocsin.mailcheck.limits import EVIDENCE_CHARACTERS_MAX
from tocsin.mailcheck.schemes import PRESSURE, REQUESTS, SCHEMES, TOLD
from tocsin.mailcheck.scorecard import CAPS, NEEDS, most_telling_first, verdict_of
from tocsin.mailcheck.specific import SIGHT_CODES
from tocsin.proof.proof import Reason

ROOM = Path(room.__file__).parent


def finding(code: str) -> Finding:
    names = [name for _, name, _, _ in string.Formatter().parse(catalogue().findings[code]) if name]
    return found(code, **{name: name for name in names})


def test_every_finding_has_its_words_and_no_words_stand_alone() -> None:
    assert set(catalogue().findings) == set(KINDS)


def test_every_finding_in_the_table_is_found_somewhere_and_no_other_is() -> None:
    """Codes are written out where they are found, but for families that are put together."""
    written = set()
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "found" and node.args:
                written |= {leaf.value for leaf in ast.walk(node.args[0]) if isinstance(leaf, ast.Constant)}
    put_together = {f"proof-{reason}" for reason in get_args(Reason)}
    put_together |= {f"dkim-{state}" for state in get_args(State) if state != "verified"}
    put_together |= {"dkim-aligned", "dkim-other-domain"}  # what a verified signature is, by the sender
    put_together |= {scheme.code for scheme in (*REQUESTS, *SCHEMES, *PRESSURE, *TOLD)}
    put_together |= set(SIGHT_CODES.values())
    pieces = {"proof-", "dkim-"}
    assert (written - pieces) | put_together == set(KINDS)


def test_the_scorecard_speaks_of_findings_that_exist() -> None:
    named = {code for row in (*NEEDS, *scorecard.AUTHENTICATED) for code in row} | set(CAPS)
    assert named <= set(KINDS)
    assert all(KINDS[code].effect == "supports" for row in NEEDS for code in row)
    assert not any(KINDS[code].effect == "contradicts" for code in CAPS)


def best() -> list[Finding]:
    return [finding(row[0]) for row in NEEDS]


@pytest.mark.parametrize("code", sorted(KINDS))
def test_only_a_contradiction_may_lower_a_verdict(code: str) -> None:
    for findings in ([], best(), [finding("dkim-aligned"), finding("sender-known")]):
        before, after = VERDICTS.index(verdict_of(findings)), VERDICTS.index(verdict_of([*findings, finding(code)]))
        if KINDS[code].effect == "contradicts" and KINDS[code].weight < GRAVE:
            assert after == (3 if findings[:1] == best()[:1] else 2)  # a light one: grave only beside a proof
        elif KINDS[code].effect == "contradicts":
            assert after == (4 if KINDS[code].weight >= FATAL else 3)
        elif code not in CAPS:
            assert after <= before
        else:
            assert after <= max(before, VERDICTS.index("likely-genuine"))


@pytest.mark.parametrize("row", NEEDS)
def test_genuine_needs_every_row(row: tuple[str, ...]) -> None:
    assert verdict_of(best()) == "genuine"
    assert verdict_of([one for one in best() if one.code not in row]) != "genuine"


def test_authentication_alone_never_reaches_genuine() -> None:
    without_proof = [finding(code) for code in KINDS if KINDS[code].effect == "supports" and code != "proof-verified"]
    assert verdict_of(without_proof) == "likely-genuine"


def test_the_most_telling_stand_first() -> None:
    ordered = most_telling_first([finding(code) for code in sorted(KINDS)])
    assert ordered[0].code == "fact-changed"
    assert [one.effect for one in ordered] == sorted(
        (one.effect for one in ordered), key=["contradicts", "supports", "unchecked", "neutral"].index
    )


def test_what_a_mail_says_is_cut_and_cannot_drive_a_terminal() -> None:
    shown = found("link-added", "\x1b[31m\u202e" + "x" * 9999, link="http://\x1b]0;\x07\ud800")
    assert shown.text.isprintable()
    assert shown.evidence is not None
    assert shown.evidence.isprintable()
    assert len(shown.evidence) <= EVIDENCE_CHARACTERS_MAX
