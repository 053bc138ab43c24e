"""`[retention]`: for how long the book and the evidence are kept. The lake has `[lake] retention_days`."""

from __future__ import annotations

import msgspec

from tocsin.terms.errors import BadConfig

_DAYS_MAX = 36_500


class RetentionSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days each; the audit is kept for ever, but it means nobody once its pseudonyms are gone."""

    evidence_days: int = 90
    cases_days: int = 730
    mails_days: int = 180
    pseudonyms_days: int = 1095

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            days = getattr(self, name)
            if not 1 <= days <= _DAYS_MAX:
                raise BadConfig(f"{days} is not allowed, 1 to {_DAYS_MAX} is", where=f"retention.{name}")
