"""Logs are written by attackers: long lines, odd bytes, lines within lines, patterns to choke on."""

from __future__ import annotations

import gzip
import io
import random
import time

import pytest

from tests.witness.world import addresses, watched
from tocsin.engine import Engine
from tocsin.engine.patterns import Needles, Pattern
from tocsin.evidence.blocks import Truncated, open_blocks
from tocsin.witness.blocks import LINE_BYTES_MAX, whole_lines
from tocsin.witness.services import watch_for

ATTACK = b'192.0.2.1 - - [24/Nov/2026:03:16:38 +0000] "GET /.env HTTP/1.1" 404 9 "-" "-"'


def test_a_line_of_the_longest_length_is_read_and_one_byte_more_is_a_reject(engine: Engine) -> None:
    longest = ATTACK + b" " * (LINE_BYTES_MAX - len(ATTACK))
    lines = watched(engine, longest + b"\n" + longest + b" \n" + ATTACK + b"\n")
    assert [line.get("evidence_line") for line in lines if "reject" in line] == [2]
    assert [line["evidence_line"] for line in lines if "reject" not in line] == [1, 3]


def test_a_line_without_end_is_not_kept_in_memory() -> None:
    blocks = [b"x" * (1 << 20)] * 64 + [b"\n" + ATTACK]
    found = list(whole_lines(iter(blocks)))
    assert max(len(block.text) for block in found) <= 1 << 20
    assert [block.count for block in found] == [1, 1]
    assert len(found[0].rejects) == 1


def test_a_block_may_end_anywhere() -> None:
    text = b"".join(b"line %d\r\n" % number for number in range(300))
    whole = next(whole_lines([text])).text
    for size in (1, 2, 7, 64):
        blocks = list(whole_lines(text[start : start + size] for start in range(0, len(text), size)))
        assert b"\n".join(block.text for block in blocks) == whole
        assert [block.first for block in blocks] == [1 + sum(b.count for b in blocks[:n]) for n in range(len(blocks))]


def test_a_cut_gzip_gives_what_came_before_the_cut(engine: Engine) -> None:
    packed = gzip.compress((ATTACK + b"\n") * 5000, mtime=0)[:-20]
    lines = watched(engine, packed)
    assert [line["reject"] for line in lines if "reject" in line] == [
        "the log is cut off here: gzip data ends too early"
    ]
    assert addresses(lines) == {"192.0.2.1"}
    assert any(isinstance(block, Truncated) for block in open_blocks(io.BytesIO(packed)))


@pytest.mark.parametrize("odd", [b"\xff\xfe\x80", b"\0\0", "\u202e\u2028".encode(), b"\x1b[31m", b"\xc3"])
def test_odd_bytes_hide_nobody(engine: Engine, odd: bytes) -> None:
    line = b'192.0.2.1 - - [24/Nov/2026:03:16:38 +0000] "GET /' + odd + b'/.env HTTP/1.1" 404 9 "-" "-"\n'
    assert addresses(watched(engine, line)) == {"192.0.2.1"}


def test_a_user_name_that_looks_like_a_log_line_accuses_nobody_else(engine: Engine) -> None:
    name = (
        "x from 203.0.113.9 port 1 ssh2: 2026-11-24T03:16:38+00:00 gate sshd[1]: Invalid user y from 203.0.113.8 port 2"
    )
    line = f"2026-11-24T03:16:38+00:00 gate sshd[1]: Invalid user {name} from 192.0.2.1 port 3\n"
    assert addresses(watched(engine, line)) == {"192.0.2.1"}


@pytest.mark.parametrize("needle", ["Failed password for ", " from ", "${", "../", "(auth failed, 1 attempts) ", "H=("])
def test_no_line_takes_long(engine: Engine, needle: str) -> None:
    line = f"2026-11-24T03:16:38+00:00 gate sshd[1]: Failed password for {needle * (60_000 // len(needle))}\n"
    began = time.process_time()
    watched(engine, line * 20)
    assert time.process_time() - began < 5


def test_noise_raises_nothing(engine: Engine) -> None:
    dice = random.Random(1)
    needles = [each for rule in watch_for().rules for each in rule.rule.needles]
    lines = [
        dice.choice(needles).join(dice.choice([*needles, '"', "[", "192.0.2.1"]) for _ in range(9)) for _ in range(3000)
    ]
    noise = [bytes(dice.getrandbits(8) for _ in range(80)) for _ in range(500)]
    watched(engine, "\n".join(lines).encode() + b"\n" + b"\n".join(noise))


def test_both_ways_to_find_needles_find_the_same() -> None:
    dice = random.Random(2)
    needles = ("/.env", "jndi", "..\\", '" 404 ', "ab", "abc", "a")
    text = b"".join(
        dice.choice([b"/.ENV", b"jndi", b"..\\", b'" 404 ', b"abc", b"\n", b"x", b"\xff"]) for _ in range(5000)
    )
    fast, slow = Needles(needles), Needles(needles, fast=False)
    assert sorted(fast.hits(text)) == slow.hits(text)
    assert slow.hits(text)


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        Pattern("(")
