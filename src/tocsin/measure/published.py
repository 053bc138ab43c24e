"""What others have measured: each figure with its interval and its source. Drawn beside ours, and tested against."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Basis(StrEnum):
    """Where an interval comes from."""

    PRINTED = "printed"  # the study prints the two ends
    COUNTED = "counted"  # 95 %, Wilson, from the study's own counts
    ASSUMED = "assumed"  # the study prints no count: the interval is ours, and wide


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A share (or a ratio) and the interval in which a reproduction must lie."""

    what: str
    value: float
    low: float
    high: float
    basis: Basis
    source: str


NDSS = "Çetin et al., NDSS 2019: Mirai, 220 customers of one provider, randomised"
SOUPS = "Çetin et al., SOUPS 2018: 1,736 quarantines of 1,208 customers, April to October 2017"
EUROSP = "Çetin et al., EuroS&P 2019: open resolvers and mDNS, 1,688 customers"

MIRAI_ALONE = Published(
    what="of Mirai's victims whom nobody told, clean within 14 days",
    value=0.66,  # the middle: the study prints the two ends, of a control group and two reference networks
    low=0.58,
    high=0.74,
    basis=Basis.PRINTED,
    source=NDSS,
)
MIRAI_GARDEN = Published(
    what="in the walled garden, clean within 14 days",
    value=0.92,
    low=0.88,  # the garden's older wording in the same study; 0.92 is that of the improved one
    high=0.97,  # Wilson's upper end for a fifth of the 220
    basis=Basis.ASSUMED,
    source=NDSS,
)
MIRAI_AGAIN = Published(
    what="of those who were clean, infected again within five months",
    value=0.05,
    low=0.02,
    high=0.08,
    basis=Basis.ASSUMED,
    source=NDSS,
)
SELF_RELEASE = Published(
    what="released themselves from their first quarantine",
    value=0.67,
    low=0.64,
    high=0.70,
    basis=Basis.COUNTED,
    source=SOUPS,
)
FIRST_RELEASE = Published(
    what="of those who released themselves, clean after the first quarantine",
    value=0.71,
    low=0.678,
    high=0.740,
    basis=Basis.COUNTED,
    source=SOUPS,
)
SECOND_RELEASE = Published(
    what="of those who came back, clean after the second quarantine",
    value=0.48,
    low=0.417,
    high=0.544,
    basis=Basis.COUNTED,
    source=SOUPS,
)
BY_SUPPORT = Published(
    what="released after a call to the provider",
    value=0.30,
    low=0.275,
    high=0.327,
    basis=Basis.COUNTED,
    source=SOUPS,
)
BY_ITSELF = Published(
    what="released by themselves after 30 days",
    value=0.03,
    low=0.022,
    high=0.041,
    basis=Basis.COUNTED,
    source=SOUPS,
)
STAYS_EACH = Published(
    what="quarantines a customer",
    value=1736 / 1208,
    low=1.38,
    high=1.50,
    basis=Basis.ASSUMED,
    source=SOUPS,
)
OPEN_GARDEN = Published(
    what="of open services, closed after a quarantine",
    value=0.87,
    low=0.82,
    high=0.91,
    basis=Basis.ASSUMED,
    source=EUROSP,
)
OPEN_MAIL = Published(
    what="of open services, closed after a mail",
    value=0.76,
    low=0.71,
    high=0.81,
    basis=Basis.ASSUMED,
    source=EUROSP,
)
