"""A town under the house's own rules, beside other rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cases.policy import Policy
from tocsin.pipeline.config import load_config
from tocsin.pipeline.measuring import demand_scipy
from tocsin.terms.errors import BadRequest

if TYPE_CHECKING:
    from tocsin.measure.simulation.compare import Comparison


def compare_plans(
    config_file: Path | None,
    threat: str,
    *,
    subscribers: int,
    days: int,
    seed: int,
    sick_share: float,
    seen_a_day: float,
    blind_days: tuple[int, ...],
) -> Comparison:
    """The plans of measure/simulation/plans.py, with the rules of that configuration (else the defaults); and its own.

    BadRequest for a threat that is not known, for numbers out of bounds, and where SciPy is missing.
    """
    demand_scipy()
    from tocsin.measure.simulation.compare import compare  # noqa: PLC0415 - needs the extra
    from tocsin.measure.simulation.plans import Garden, plans_of  # noqa: PLC0415
    from tocsin.measure.simulation.threats import THREATS  # noqa: PLC0415
    from tocsin.measure.simulation.town import Town  # noqa: PLC0415

    if threat not in THREATS:
        raise BadRequest(f"no such threat: {threat[:40]!r}", remedy=f"one of {', '.join(THREATS)}")
    town = Town(
        subscribers=subscribers,
        days=days,
        seed=seed,
        sick_share=sick_share,
        seen_a_day=seen_a_day,
        blind_days=blind_days,
    )
    if config_file is None:
        return compare(THREATS[threat], plans_of(Policy()).values(), town)
    config = load_config(config_file)
    garden = Garden(
        share_max=config.garden.share_max,
        days_max=config.garden.stay_days_max,
        self_releases=config.garden.self_releases,
    )
    return compare(THREATS[threat], plans_of(config.notices, config.followup, garden).values(), town)
