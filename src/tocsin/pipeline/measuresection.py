"""`[measure]`: what is measured on purpose."""

from __future__ import annotations

import msgspec

from tocsin.cases.control import ControlConfig


class MeasureSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """There is a control group only where somebody answers for it."""

    control: ControlConfig = ControlConfig()
