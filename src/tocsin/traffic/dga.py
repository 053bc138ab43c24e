"""Names that a program made up: how many a client asks for in vain, and how they look together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tocsin.engine import Engine, read_sql, table_of
from tocsin.traffic.names import NAMES_MIN, NAMES_MOST, label_of, model, score

DOMAINS_MIN = 5  # below so many different domains it is a search list or a probe
LOOKS_MAX = 20  # at one client's names, NAMES_MOST at a time
# Where anybody may have a name of his own: below them the domain is one label longer.
_LENT = frozenset(
    {"ddns.net", "no-ip.org", "no-ip.com", "no-ip.biz", "duckdns.org", "dyndns.org", "hopto.org", "zapto.org"}
    | {"sytes.net", "servebeer.com", "myftp.biz", "dynu.net", "freeddns.org", "co.uk", "com.br", "co.jp", "com.au"}
)

_COLUMNS = (
    *(("host", "UUID"), ("score", "DOUBLE"), ("first_at", "TIMESTAMP"), ("last_at", "TIMESTAMP")),
    *(("rows", "BIGINT"), ("numbers", "VARCHAR")),
)


def find(engine: Engine) -> None:
    """Add to `findings` every client whose names that do not exist look as if a program had made them up."""
    rows = []
    for host, names, total, asked, first, last in engine.rows(read_sql(__package__, "nxdomains")):
        assert isinstance(host, UUID)
        assert isinstance(first, datetime)
        texts = [str(name) for name in names]  # type: ignore[union-attr]
        best, at = looks(texts)
        if best:
            numbers = {"names": total, "shown": ", ".join(at[:3]), "surely": round(best, 4)}
            text = msgspec.json.encode(numbers).decode()
            rows.append((host, strength(best), _naive(first), _naive(last), int(str(asked)), text))
    if not rows:
        return
    engine.add("made_up", table_of(_COLUMNS, list(zip(*rows, strict=True))))
    engine.run(
        "INSERT INTO findings SELECT 'dga', host::UUID, NULL, NULL, NULL, score, first_at, last_at, rows, 0,"
        " []::UUID[], numbers"
        " FROM made_up"
    )
    engine.drop("made_up")


def looks(names: Sequence[str]) -> tuple[float, list[str]]:
    """The highest score of any look at the names, in the order in which they were asked, and the names looked at.

    0 where no look is over the model's limit.
    """
    best, at = 0.0, list[str]()
    for part in _parts(distinct(names)):
        found = score(part)
        if found > max(best, model().flagged_from):
            best, at = found, list(part)
    return best, at


def distinct(names: Sequence[str]) -> list[str]:
    """A name for each thought-up part, in order; none where they lie under too few domains."""
    by_label: dict[str, str] = {}
    for name in names:
        label = label_of(name)
        if len(label) > 3:
            by_label.setdefault(label, name)
    chosen = list(by_label.values())
    return chosen if len({_domain(name) for name in chosen}) >= DOMAINS_MIN else []


def strength(found: float) -> float:
    """What the finding says: beyond the limit it is what only a program does."""
    limit = model().flagged_from
    return min(0.95, 0.85 + 0.1 * (found - limit) / max(1e-9, 1 - limit))


def _domain(name: str) -> str:
    labels = name.split(".")
    short = ".".join(labels[-2:])
    return ".".join(labels[-3:]) if short in _LENT else short


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """The first 10, 20 and 50, then 50 at a time: a bot is seen early, and later ones are not hidden by others."""
    if len(names) < NAMES_MIN:
        return
    sizes = [size for size in (20, NAMES_MOST) if size < len(names)]
    for size in (*sizes[:1], min(len(names), NAMES_MOST)):
        yield names[:size]
    for start in range(NAMES_MOST, min(len(names) - NAMES_MIN, NAMES_MOST * LOOKS_MAX), NAMES_MOST):
        yield names[start : start + NAMES_MOST]


def _naive(moment: object) -> datetime:
    assert isinstance(moment, datetime)
    return moment.replace(tzinfo=None)
