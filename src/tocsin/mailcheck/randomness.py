"""Whether a label of a domain was made by a machine. Rough, from the shape of the word alone."""

from __future__ import annotations

import re

_HEX = re.compile(r"[0-9a-f]{12,}", re.ASCII)
_TURNS = re.compile(r"[a-z](?=\d)|\d(?=[a-z])", re.ASCII)
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{7,}", re.ASCII)
_RARE = re.compile(r"[jqxz]", re.ASCII)
_LETTERS = re.compile(r"[^a-z]", re.ASCII)
# Pairs that stand in next to no name or word of the languages that are written in Latin letters.
_RARE_PAIRS = frozenset(
    re.findall(
        "..",
        "bkbpbxbzcbcfcgcjcmcncpcvcwcxdxfbfcfdfgfhfkfnfpfvfwfxfzgbgcgfgjgkgpgvgxgz"
        "hbhchfhghkhphxjbjcjdjfjgjhjljmjnjpjrjsjtjvjwjxjyjzkckfkgkpkxlxmfmgmhmjmk"
        "mqmvmwmxpbpgpjpvpxpzqarxsxsvtxvbvcvdvfvgvhvjvkvmvnvpvtvwvxvzwbwcwfwgwjwm"
        "wpwqwvwxwzxbxdxfxgxhxjxkxlxmxnxrxsxvxwxzyjyqyxyvzbzczdzfzgzjzkzmznzpzqzr"
        "zsztzvzxuqiqjjkqqbqcqdqfqgqhqjqkqlqmqnqoqpqrqsqtqvqwqxqyqzbqfqgqhqjqlqpq"
        "tqvqxq",
    )
)
_LETTERS_MIN = 8
_MIXED_MIN = 10
_LENGTH_MIN = 7
_SHORT_LABELS_MIN = 4


def is_random_host(host: str) -> bool:
    """One label of it is, or there are many labels of one letter."""
    labels = host.split(".")[:-1]
    return sum(len(label) == 1 for label in labels) >= _SHORT_LABELS_MIN or any(map(is_random, labels))


def is_random(label: str) -> bool:
    """Digits and letters in turn, long hex, or consonants that nobody can say."""
    if len(label) < _LENGTH_MIN or label.startswith("xn--"):
        return False
    digits = sum(character.isdigit() for character in label)
    if _HEX.fullmatch(label) and 0 < digits < len(label):
        return True
    turns = len(_TURNS.findall(label))
    if turns >= 3 and digits >= 2:
        return True
    vowels = sum(character in "aeiouy" for character in label)
    return bool(_CONSONANTS.search(label)) or (vowels / len(label) < 0.18 and len(_RARE.findall(label)) >= 1)


def is_unspeakable(word: str) -> bool:
    """Letters that follow each other as in no language of Europe: a mailbox that a program made up. Initials, numbers
    and short names are none."""
    letters = _LETTERS.sub("", word)
    if len(letters) < _LETTERS_MIN or len(letters) < len(word) * 0.6:
        return is_random(word) and len(word) >= _MIXED_MIN
    pairs = [letters[place : place + 2] for place in range(len(letters) - 1)]
    rare = sum(pair in _RARE_PAIRS for pair in pairs)
    return rare >= 3 or (rare >= 2 and rare * 4 >= len(pairs)) or bool(_CONSONANTS.search(letters))
