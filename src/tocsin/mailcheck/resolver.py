"""DNS through one door: a question of a kind, answered from a zone file or not at all. No network here:
that is `online.py`; answers of the past are `dnscache.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from tocsin.mailcheck.limits import ZONE_BYTES_MAX
from tocsin.terms.errors import BadRequest

if TYPE_CHECKING:
    from dns.zone import Zone

_ALIASES_MAX = 8
Question = tuple[str, str]  # a name and a kind of record
RecordKind = Literal["TXT", "A", "AAAA", "MX", "PTR"]


class Resolver(Protocol):
    """The answers for a name: TXT as its joined strings, addresses as text, MX as host names by preference.

    () where the name has none of that kind, or is not there. Raises NotLookedUp where nobody was asked, or where who
    was asked had no answer.
    """

    def __call__(self, name: str, kind: RecordKind = "TXT") -> tuple[str, ...]: ...


@runtime_checkable
class Dated(Protocol):
    """A resolver that knows what held at a moment, or has bounds for each mail."""

    def as_of(self, at: datetime | None) -> Resolver: ...


def as_of(resolve: Resolver, at: datetime | None) -> Resolver:
    """The resolver for one mail that was received at this moment."""
    return resolve.as_of(at) if isinstance(resolve, Dated) else resolve


class FirstOf:
    """Several resolvers in turn: the next one is asked where one was not able to answer."""

    def __init__(self, *resolvers: Resolver) -> None:
        self.resolvers = resolvers

    def __call__(self, name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        failure = NotLookedUp("no DNS was asked")
        for resolve in self.resolvers:
            try:
                return resolve(name, kind)
            except NotLookedUp as error:
                failure = error
        raise failure

    def as_of(self, at: datetime | None) -> Resolver:
        return FirstOf(*(as_of(resolve, at) for resolve in self.resolvers))


class NotLookedUp(Exception):
    """Nobody could be asked; the message says why, to go after "could not be checked:"."""


def offline(name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
    """The resolver of a check that has no DNS."""
    raise NotLookedUp("no DNS was asked")


def zone_resolver(path: Path) -> Resolver:
    """Answers from a zone file (RFC 1035 §5). Names in domains of which it says nothing are not looked up.

    BadRequest when the file cannot be read as one.
    """
    from dns.exception import DNSException  # noqa: PLC0415 - 70 ms that a check without a zone file does not need
    from dns.zone import from_text  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            raw = file.read(ZONE_BYTES_MAX + 1)
        if len(raw) > ZONE_BYTES_MAX:
            raise BadRequest(f"the zone file is longer than {ZONE_BYTES_MAX} bytes", where=str(path))
        zone = from_text(raw.decode(), ".", relativize=False, check_origin=False, allow_directives=("ORIGIN", "TTL"))
    except OSError as error:
        raise BadRequest(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (DNSException, ValueError) as error:
        raise BadRequest(f"not a zone file: {error}", where=str(path)) from error
    return records_resolver(_records(zone), str(path), names=[str(name) for name in zone.nodes])


def _records(zone: Zone) -> dict[Question, tuple[str, ...]]:
    """What the zone says of each name, in the words of Resolver."""
    from dns.rdtypes.ANY.TXT import TXT as TXTRecord  # noqa: PLC0415, N811

    found: dict[Question, list[tuple[int, str]]] = {}
    for name, _, record in zone.iterate_rdatas():
        kind, texts = record.rdtype.name, record.to_text().split()
        if isinstance(record, TXTRecord):
            said = (0, b"".join(record.strings).decode("latin-1"))
        elif kind == "MX":
            said = (int(texts[0]), _plain(texts[1]))
        elif kind in ("A", "AAAA", "PTR", "CNAME"):
            said = (0, _plain(texts[0]))
        else:
            continue
        found.setdefault((_plain(str(name)), kind), []).append(said)
    return {question: tuple(text for _, text in sorted(told, key=_preference)) for question, told in found.items()}


def _preference(said: tuple[int, str]) -> int:
    return said[0]


def map_resolver(texts_by_name: Mapping[str, tuple[str, ...]], source: str = "the zone file") -> Resolver:
    """Answers from a literal map of names to TXT texts, which speaks for every domain that it names."""
    return records_resolver({(name, "TXT"): texts for name, texts in texts_by_name.items()}, source)


def records_resolver(
    records: Mapping[Question, tuple[str, ...]], source: str = "the zone file", *, names: Sequence[str] = ()
) -> Resolver:
    """Answers from a literal map of (name, kind), CNAME among the kinds; it speaks for every domain that it names."""
    known = {(_plain(name), kind): answers for (name, kind), answers in records.items()}
    domains = frozenset(_domain(_plain(name)) for name in (*names, *(name for name, _ in known)))

    def resolve(name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        plain = _plain(name)
        for _ in range(_ALIASES_MAX):  # RFC 1034 §3.6.2: an alias is followed
            if (plain, kind) in known or (plain, "CNAME") not in known:
                break
            plain = _plain(known[(plain, "CNAME")][0])
        if (plain, kind) in known:
            return known[(plain, kind)]
        if any(domain in domains for domain in _around(_domain(plain))):
            return ()
        raise NotLookedUp(f"{source} says nothing of {_domain(plain)}")

    return resolve


def _around(domain: str) -> Iterator[str]:
    """The domain and those above it, but no top-level domain: a zone that holds a domain speaks for what lies below."""
    labels = domain.split(".")
    for place in range(max(1, len(labels) - 1)):
        yield ".".join(labels[place:])


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _domain(name: str) -> str:
    """The domain to which a name belongs: what stands after its last label that begins with `_` (RFC 8552)."""
    labels = name.split(".")
    marked = [place for place, label in enumerate(labels) if label.startswith("_")]
    return ".".join(labels[marked[-1] + 1 :]) if marked else name
