"""What an operator says about his own network and about how far clocks are believed."""

from __future__ import annotations

import msgspec

from tocsin.terms.addresses import parse_network
from tocsin.terms.errors import BadConfig
from tocsin.terms.identity import digest

ACCURACY_S = 5  # of a source that names none: its host's clock and the path to it
LOG_ACCURACY_S = 2  # of a log: whole seconds in its records, and an access server's clock
ACCURACY_S_MAX = 31 * 86_400
SPAN_S_MAX = 7 * 86_400  # a sighting whose span, with its margins, is longer names nobody


class CoveringLog(msgspec.Struct, frozen=True, kw_only=True):
    """A binding log as the resolver knows it: which prefixes it answers for, and how far its stamps may be off.

    `inside_logs` are those that say who held the inside addresses of its mappings: without them it answers nothing.
    """

    name: str
    prefixes: tuple[str, ...]
    accuracy_s: int = LOG_ACCURACY_S
    inside_logs: tuple[str, ...] = ()


class AttributionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`prefixes` are the provider's own; `shared_prefixes` those whose addresses always serve many at once (CGNAT).

    An address is *ours* when a prefix of `prefixes` contains it, and a log *covers* it when one of the log's does.
    Raises BadConfig that names the field.
    """

    prefixes: tuple[str, ...]
    shared_prefixes: tuple[str, ...] = ()
    logs: tuple[CoveringLog, ...] = ()
    accuracy_by_source: dict[str, int] = {}
    accuracy_s: int = ACCURACY_S

    def __post_init__(self) -> None:
        _check_prefixes(self.prefixes, "provider.prefixes")
        _check_prefixes(self.shared_prefixes, "provider.shared_prefixes")
        for log in self.logs:
            _check_prefixes(log.prefixes, f"logs.{log.name}.prefixes")
            _check_accuracy(log.accuracy_s, f"logs.{log.name}.accuracy_s")
        for source, accuracy_s in self.accuracy_by_source.items():
            _check_accuracy(accuracy_s, f"sources.{source}.accuracy_s")
        _check_accuracy(self.accuracy_s, "accuracy_s")

    @property
    def margin_s_max(self) -> int:
        """No margin is wider."""
        return max(self.accuracy_s, *self.accuracy_by_source.values(), 0) + max(
            (log.accuracy_s for log in self.logs), default=0
        )

    def digest(self) -> str:
        """Of what an answer depends on, apart from the logs' prefixes (margins.py digests what came of those)."""
        sources = (f"{name}:{accuracy_s}" for name, accuracy_s in sorted(self.accuracy_by_source.items()))
        return digest(str(self.accuracy_s), str(SPAN_S_MAX), *sources)


def _check_prefixes(prefixes: tuple[str, ...], where: str) -> None:
    for prefix in prefixes:
        try:
            parse_network(prefix)
        except ValueError as error:
            raise BadConfig(str(error), where=where, remedy="write it as 192.0.2.0/24 or 2001:db8::/32") from error


def _check_accuracy(accuracy_s: int, where: str) -> None:
    if not 0 <= accuracy_s <= ACCURACY_S_MAX:
        raise BadConfig(f"{accuracy_s} seconds", where=where, remedy="0 to a month are allowed")
