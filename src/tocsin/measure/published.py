"""What others have measured: each figure with its interval and its source. Drawn beside ours, and tested against."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Basis(StrEnum):
    """Where an interval comes from."""

    PRINTED = "printed"  # the study prints the two ends
    COUNTED = "counted"  # 95 %, Wilson, from the study's own counts
    ASSUMED = "assumed"  # the study prints no count: the interval is ours, and wide


class Published(msgspec.Struct, frozen=True):
    """A share (or a ratio) and the interval in which a reproduction must lie."""

    what: str
    value: float
    interval: tuple[float, float]
    basis: Basis
    source: str

    @property
    def low(self) -> float:
        return self.interval[0]

    @property
    def high(self) -> float:
        return self.interval[1]


PRINTED, COUNTED, ASSUMED = Basis.PRINTED, Basis.COUNTED, Basis.ASSUMED

NDSS = "Çetin et al., NDSS 2019: Mirai, 220 customers of one provider, randomised"
SOUPS = "Çetin et al., SOUPS 2018: 1,736 quarantines of 1,208 customers, April to October 2017"
EUROSP = "Çetin et al., EuroS&P 2019: open resolvers and mDNS, 1,688 customers"

# The middle: the study prints the two ends, of a control group and two reference networks
MIRAI_ALONE = Published("of Mirai's victims whom nobody told, clean within 14 days", 0.66, (0.58, 0.74), PRINTED, NDSS)
# 0.92 is of the improved wording, low of the older one in the same study; high is Wilson's end for a fifth of 220.
MIRAI_GARDEN = Published("in the walled garden, clean within 14 days", 0.92, (0.88, 0.97), ASSUMED, NDSS)
MIRAI_AGAIN = Published("of those who were clean, infected again within five months", 0.05, (0.02, 0.08), ASSUMED, NDSS)
SELF_RELEASE = Published("released themselves from their first quarantine", 0.67, (0.64, 0.70), COUNTED, SOUPS)
FIRST_RELEASE = Published(
    "of those who released themselves, clean after the first quarantine", 0.71, (0.678, 0.740), COUNTED, SOUPS
)
SECOND_RELEASE = Published(
    "of those who came back, clean after the second quarantine", 0.48, (0.417, 0.544), COUNTED, SOUPS
)
BY_SUPPORT = Published("released after a call to the provider", 0.30, (0.275, 0.327), COUNTED, SOUPS)
BY_ITSELF = Published("released by themselves after 30 days", 0.03, (0.022, 0.041), COUNTED, SOUPS)
STAYS_EACH = Published("quarantines a customer", 1736 / 1208, (1.38, 1.50), ASSUMED, SOUPS)
OPEN_GARDEN = Published("of open services, closed after a quarantine", 0.87, (0.82, 0.91), ASSUMED, EUROSP)
OPEN_MAIL = Published("of open services, closed after a mail", 0.76, (0.71, 0.81), ASSUMED, EUROSP)
