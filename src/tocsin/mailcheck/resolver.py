"""DNS through one door: a question for TXT records, answered from a zone file or not at all. No network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tocsin.mailcheck.limits import ZONE_BYTES_MAX
from tocsin.terms.errors import BadRequest

# The texts of a name's TXT records, each joined; () where the name has none. Raises NotLookedUp where nobody was asked.
Resolver = Callable[[str], tuple[str, ...]]


class NotLookedUp(Exception):
    """Nobody could be asked; the message says why, to go after "could not be checked:"."""


def offline(name: str) -> tuple[str, ...]:
    """The resolver of a check that has no DNS."""
    raise NotLookedUp("no DNS was asked")


def zone_resolver(path: Path) -> Resolver:
    """Answers from a zone file (RFC 1035 §5). Names in domains of which it says nothing are not looked up.

    BadRequest when the file cannot be read as one.
    """
    from dns.exception import DNSException  # noqa: PLC0415 - 70 ms that a check without a zone file does not need
    from dns.rdatatype import TXT  # noqa: PLC0415
    from dns.rdtypes.ANY.TXT import TXT as TXTRecord  # noqa: PLC0415, N811
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
    texts_by_name: dict[str, tuple[str, ...]] = {_plain(str(name)): () for name in zone.nodes}
    for name, _, record in zone.iterate_rdatas(TXT):
        if isinstance(record, TXTRecord):
            text = b"".join(record.strings).decode("latin-1")
            texts_by_name[_plain(str(name))] += (text,)
    return map_resolver(texts_by_name, str(path))


def map_resolver(texts_by_name: Mapping[str, tuple[str, ...]], source: str = "the zone file") -> Resolver:
    """Answers from a literal map of names to texts, which speaks for every domain that it names."""
    domains = frozenset(_domain(_plain(name)) for name in texts_by_name)

    def resolve(name: str) -> tuple[str, ...]:
        plain = _plain(name)
        if plain in texts_by_name:
            return texts_by_name[plain]
        if _domain(plain) in domains:
            return ()
        raise NotLookedUp(f"{source} says nothing of {_domain(plain)}")

    return resolve


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _domain(name: str) -> str:
    """The domain to which a name belongs: what stands after its last label that begins with `_` (RFC 8552)."""
    labels = name.split(".")
    marked = [place for place, label in enumerate(labels) if label.startswith("_")]
    return ".".join(labels[marked[-1] + 1 :]) if marked else name
