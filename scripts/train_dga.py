"""Makes src/tocsin/traffic/dga_model.json, and says how well it does on families that it never saw.

`python scripts/train_dga.py ../shared/data/dga [--write]`. A client is a set of 10 to 50 names that do not exist; a
family is left out as a whole (family-out cross-validation), and so is half of the popular names. Needs scikit-learn.
"""

from __future__ import annotations

import csv
import random
import string
import sys
from collections import Counter, defaultdict
from math import log2
from pathlib import Path

import msgspec
import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from tocsin.traffic.names import FEATURES, Model, Tree, features, score_of, trigrams_of

SETS_OF_FAMILY = 120
ORDINARY_SETS = 4000
ORDINARY_TESTS = 4000
FOLDS = 9
SAME = {"new_goz": "gameover", "goz": "gameover", "zeus": "gameover", "philarkwright": "tinba"}


def families(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((folder / "andrewaeva").glob("*.txt")):
        if "opendns" not in path.name and "others" not in path.name:
            names = [line.strip().lower() for line in path.read_text(errors="replace").splitlines() if "." in line]
            found[SAME.get(path.stem, path.stem)] += random.Random(path.stem).sample(names, min(5000, len(names)))
    with (folder / "misc" / "chrmor_dga_domains_sample.csv").open() as file:
        for row in csv.reader(file):
            if len(row) == 3 and row[0] == "dga":
                found[row[1]].append(row[2].strip().lower())
    return {family: sorted(set(names)) for family, names in found.items() if len(set(names)) >= 100}


def popular(folder: Path) -> list[str]:
    with (folder / "benign" / "alexa_100k.csv").open() as file:
        return [row[1].lower() for row in csv.reader(file) if len(row) == 2]


def ordinary(dice: random.Random, names: list[str], subs: list[str], size: int) -> list[str]:
    """What an ordinary client asks for in vain: dead and mistyped names, hosts that have gone, search lists, probes."""
    weights = [dice.random() ** 2 for _ in range(4)]
    house = dice.choice(["lan", "home", "corp.example", "fritz.box", "internal"])
    found: set[str] = set()
    while len(found) < size:
        name = dice.choice(names)
        kind = dice.choices(range(4), weights)[0]
        if kind == 1:
            place = dice.randrange(max(1, name.find(".")))
            name = (
                name[:place]
                + dice.choice(["", name[place] * 2, dice.choice(string.ascii_lowercase)])
                + name[place + 1 :]
            )
        elif kind == 2:
            name = f"{dice.choice(subs)}.{name}"
        elif kind == 3 and dice.random() < 0.5:
            name = f"{name}.{house}"
        found.add(name)
    made = list(found)
    for place in range(min(size, dice.choice([0, 0, 0, 3]))):  # a browser's probes for a lying resolver
        made[place] = "".join(dice.choices(string.ascii_lowercase, k=dice.randint(7, 15))) + "." + house
    return made


def client(dice: random.Random, names: list[str], noise: list[str], subs: list[str], size: int) -> list[str]:
    others = dice.randint(0, size // 6)
    return [
        *dice.sample(names, min(len(names), size - others)),
        *(ordinary(dice, noise, subs, others) if others else []),
    ]


def table(names: list[str]) -> str:
    """How common each trigram is: the logarithm of its count, a digit."""
    counts = Counter(each for name in names for each in trigrams_of(name.partition(".")[0]))
    return "".join(str(min(9, int(log2(counts[place] + 1) * 0.75))) for place in range(29**3))


def fit(values: np.ndarray, truth: np.ndarray, trigrams: str) -> Model:
    made = GradientBoostingClassifier(
        n_estimators=120,
        max_depth=3,
        learning_rate=0.1,
        subsample=0.7,
        max_features=8,
        min_samples_leaf=20,
        random_state=1,
    ).fit(values, truth)
    trees = []
    for (each,) in made.estimators_:
        t = each.tree_
        trees.append(
            Tree(
                tuple(int(f) if f >= 0 else -1 for f in t.feature),
                tuple(round(float(x), 5) for x in t.threshold),
                tuple(map(int, t.children_left)),
                tuple(map(int, t.children_right)),
                tuple(round(float(v[0][0]) * made.learning_rate, 5) for v in t.value),
            )
        )
    share = float(truth.mean())
    return Model(trigrams, round(float(np.log(share / (1 - share))), 5), tuple(trees), 0.0)


def main(folder: Path, *, write: bool) -> None:
    dice = random.Random(7)
    every = popular(folder)
    dice.shuffle(every)
    train, test = every[::2], every[1::2]
    subs = [
        line.strip().lower()
        for line in (folder / "benign" / "flare-subdomains-top1mil.txt").read_text().splitlines()[:20000]
    ]
    subs = [sub for sub in subs if sub and " " not in sub]
    trigrams = table(train)
    known = families(folder)
    print(f"{len(known)} families, {len(FEATURES)} features")
    plain = [features(ordinary(dice, train, subs, dice.randint(10, 50)), trigrams) for _ in range(ORDINARY_SETS)]
    made = {
        family: [
            features(client(dice, names, train, subs, dice.randint(10, 50)), trigrams) for _ in range(SETS_OF_FAMILY)
        ]
        for family, names in known.items()
    }
    checks = [features(ordinary(dice, test, subs, dice.randint(10, 50)), trigrams) for _ in range(ORDINARY_TESTS)]
    probes = {
        f: [features(client(dice, names, test, subs, 50), trigrams) for _ in range(40)] for f, names in known.items()
    }

    def model_without(out: set[str]) -> Model:
        rows = [*plain, *(row for family, sets in made.items() if family not in out for row in sets)]
        truth = [0] * len(plain) + [1] * (len(rows) - len(plain))
        return fit(np.array(rows), np.array(truth), trigrams)

    order = sorted(known)
    found: dict[str, list[float]] = {}
    worst: list[float] = []
    for fold in range(FOLDS):
        out = set(order[fold::FOLDS])
        kept = model_without(out)
        worst += sorted(score_of(row, kept) for row in checks)[-6:]
        for family in out:
            found[family] = [score_of(row, kept) for row in probes[family]]
    limit = max(0.5, sorted(worst)[-2 * FOLDS])  # about one ordinary client in 2,000 is above it, in each fold
    flagged = 0
    for family in order:
        share = sum(value > limit for value in found[family]) / len(found[family])
        flagged += share >= 0.95
        print(f"  {family:14} unseen: {share:.2f} of clients, lowest {min(found[family]):.3f}")
    print(f"limit {limit:.4f}: {flagged} of {len(order)} unseen families flagged in at least 95 of 100 clients")
    final = model_without(set())
    highest = sorted(score_of(row, final) for row in checks)
    final = msgspec.structs.replace(final, flagged_from=round(max(limit, highest[-3]), 4))
    print(
        f"final: {sum(s > final.flagged_from for s in highest)} of {ORDINARY_TESTS} ordinary clients"
        f" above {final.flagged_from}"
    )
    if write:
        target = Path(__file__).parents[1] / "src" / "tocsin" / "traffic" / "dga_model.json"
        target.write_bytes(msgspec.json.encode(final) + b"\n")
        print(target, target.stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]), write="--write" in sys.argv)
