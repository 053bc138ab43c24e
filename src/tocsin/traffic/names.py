"""Do these names look as if a program had made them up? Asked of all that one client asked for, not of one name.

A single name of a dictionary DGA looks like anybody's; fifty of them look like each other. The model (dga_model.json)
is a few small trees over the FEATURES of a set; scripts/train_dga.py makes it and says how well it does on families
that it never saw.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib import resources

import msgspec

NAMES_MIN = 10  # fewer names have no look in common
NAMES_MOST = 50  # of one look
_VOWELS = frozenset("aeiouy")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0-^"  # every digit is 0, ^ is the edge
_PLACE = {letter: place for place, letter in enumerate(_ALPHABET)}
FEATURES = (
    *("common_mean", "common_low", "common_std", "rare_mean", "length_mean", "length_std", "length_mode", "digits"),
    *("digits_std", "hyphens", "vowels_mean", "vowels_std", "run_mean", "entropy_mean", "entropy_std", "hex", "tlds"),
    *("tld_top", "labels", "shared4", "shared6", "heads", "tails", "letters", "alternating", "first_letters"),
)


class Tree(msgspec.Struct, frozen=True):
    """Nodes in parallel lists; a leaf has feature -1. At a node: left where the value is at most the threshold."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]

    def of(self, values: Sequence[float]) -> float:
        node = 0
        while self.feature[node] >= 0:
            is_left = values[self.feature[node]] <= self.threshold[node]
            node = self.left[node] if is_left else self.right[node]
        return self.value[node]


class Model(msgspec.Struct, frozen=True):
    """`trigrams`: how common each is in popular names, a digit each. `flagged_from`: a score few ordinary reach."""

    trigrams: str
    base: float
    trees: tuple[Tree, ...]
    flagged_from: float


@cache
def model() -> Model:
    text = resources.files(__package__).joinpath("dga_model.json").read_bytes()
    return msgspec.json.decode(text, type=Model)


def label_of(name: str) -> str:
    """The part that somebody thought up: the longest label before the last one."""
    labels = name.strip(".").split(".")
    return max(labels[:-1], key=len, default="") if len(labels) > 1 else ""


def trigrams_of(label: str) -> list[int]:
    """The numbers of the label's trigrams, its edges included."""
    places = [_PLACE.get("0" if letter.isdigit() else letter, _PLACE["-"]) for letter in label]
    edge, base = _PLACE["^"], len(_ALPHABET)
    whole = [edge, *places, edge]
    return [(a * base + b) * base + c for a, b, c in zip(whole, whole[1:], whole[2:], strict=False)]


def features(names: Sequence[str], trigrams: str) -> list[float]:
    """The FEATURES of a set of distinct names, in their order."""
    labels = [label_of(name)[:63] for name in names]
    count = len(labels)
    common = [[int(trigrams[each]) for each in trigrams_of(label)] for label in labels]
    means = [sum(each) / max(1, len(each)) for each in common]
    lengths = [len(label) for label in labels]
    digits = [_share(label, str.isdigit) for label in labels]
    vowels = [_share(label, _VOWELS.__contains__) for label in labels]
    entropies = [_entropy(label) for label in labels]
    tlds = Counter(name.rpartition(".")[2] for name in names)
    mode = Counter(lengths).most_common(1)[0][1]
    return [
        *(
            _mean(means),
            sorted(means)[count // 10],
            _std(means),
            _mean([each.count(0) / max(1, len(each)) for each in common]),
        ),
        *(_mean(lengths), _std(lengths), mode / count, _mean(digits), _std(digits)),
        _mean([float("-" in label) for label in labels]),
        *(_mean(vowels), _std(vowels), _mean([_longest_run(label) for label in labels])),
        *(_mean(entropies), _std(entropies)),
        _mean([float(set(label) <= set("0123456789abcdef")) for label in labels]),
        *(len(tlds) / count, tlds.most_common(1)[0][1] / count, _mean([name.count(".") for name in names])),
        *(_shared(labels, 4), _shared(labels, 6)),
        *(_repeated([label[:4] for label in labels]), _repeated([label[-4:] for label in labels])),
        len(set("".join(labels))) / 38,
        _mean([_alternating(label) for label in labels]),
        len({label[:1] for label in labels}) / min(count, 36),
    ]


def score(names: Sequence[str]) -> float:
    """From 0 to 1: how surely a program made up this set of distinct names (NAMES_MIN to NAMES_MOST of them)."""
    known = model()
    return score_of(features(names, known.trigrams), known)


def score_of(values: Sequence[float], known: Model) -> float:
    total = known.base + sum(tree.of(values) for tree in known.trees)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def _share(label: str, test) -> float:  # type: ignore[no-untyped-def]
    return sum(1 for letter in label if test(letter)) / max(1, len(label))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _std(values: Sequence[float]) -> float:
    mean = _mean(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def _entropy(label: str) -> float:
    size = max(1, len(label))
    return -sum(n / size * math.log2(n / size) for n in Counter(label).values())


def _longest_run(label: str) -> int:
    longest = run = 0
    for letter in label:
        run = 0 if letter in _VOWELS or not letter.isalpha() else run + 1
        longest = max(longest, run)
    return longest


def _alternating(label: str) -> float:
    kinds = [letter in _VOWELS for letter in label]
    return sum(a != b for a, b in itertools.pairwise(kinds)) / max(1, len(kinds) - 1)


def _shared(labels: Sequence[str], size: int) -> float:
    """The share of labels that have a piece of that length in common with another."""
    seen = Counter(piece for label in labels for piece in {label[i : i + size] for i in range(len(label) - size + 1)})
    with_common = sum(any(seen[label[i : i + size]] > 1 for i in range(len(label) - size + 1)) for label in labels)
    return with_common / len(labels)


def _repeated(pieces: Sequence[str]) -> float:
    return 1 - len(set(pieces)) / len(pieces)
