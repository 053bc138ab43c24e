"""`[traffic]`: whether a provider may judge its own flows, on what ground, and by which lists."""

from __future__ import annotations

import msgspec

from tocsin.pipeline.zones import check_zone
from tocsin.terms.errors import BadConfig, Refused

_WHERE = "traffic.legal_basis, traffic.purpose, traffic.retention_days"
_DAYS_MAX = 400


class TrafficSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a legal basis, a purpose and a retention nothing is judged: see `demand_basis`."""

    legal_basis: str = ""
    purpose: str = ""
    retention_days: int = 0
    lists: tuple[str, ...] = ()  # files of indicators
    zone: str = ""  # of times that name none
    source: str = "own-flows"  # how sightings that come of it name their source

    def __post_init__(self) -> None:
        check_zone(self.zone, "traffic.zone")
        if not 0 <= self.retention_days <= _DAYS_MAX:
            where = "traffic.retention_days"
            raise BadConfig(f"{self.retention_days} is not allowed, 0 to {_DAYS_MAX} is", where=where)

    def demand_basis(self) -> None:
        """Raises Refused while the configuration does not say why a provider may look at its subscribers' flows."""
        if self.legal_basis.strip() and self.purpose.strip() and self.retention_days:
            return
        raise Refused(
            "a provider's own flows are not judged before the configuration says on what legal basis, for what purpose"
            " and for how long what is found is kept (Japan: Telecommunications Business Act Art. 4; EU: ePrivacy"
            " Directive Art. 5 and 6; India: DPDP Act)",
            where=_WHERE,
            remedy="write them into [traffic] once your lawyers have agreed",
        )
