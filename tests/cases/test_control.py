"""A control group is off unless somebody answers for it; it puts off for a while, and never who may be harmed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cases.case_world import AT, DAY, HOUR, SENDER, TITLES, TRUST, contract, reason, seen, standing
from tests.cases.provider import Provider
from tocsin.book import audit
from tocsin.book.tables import contracts
from tocsin.cases.control import ACTOR as CONTROL_ACTOR
from tocsin.cases.control import (
    DELAY_DAYS_MAX,
    REASON_MIN,
    SHARE_MAX,
    UNTIL_DAYS_MAX,
    Control,
    ControlConfig,
    control_at,
)
from tocsin.cases.plan import Plan, plan_notices, take
from tocsin.cases.reasons import Reason
from tocsin.terms.errors import BadConfig

WHOLE: dict[str, Any] = {
    "share": SHARE_MAX,
    "kinds": ("infected-system",),
    "until": date(2026, 12, 24),
    "approved_by": "Asha Rao, ethics board",
    "reason": "We do not know whether our mails help at all.",
}
SECRET = b"s" * 32
FIT = contract(care_alarm=False, medical=False)


def config(**fields: Any) -> ControlConfig:
    return ControlConfig(**(WHOLE | fields))


def control() -> Control:
    found = control_at(config(), SECRET, AT)
    assert found is not None
    return found


def ref(*, inside: bool) -> str:
    """A customer number that the dice put into it, or not."""
    return next(f"K-{number}" for number in range(100) if control().has(f"K-{number}") is inside)


def why(*days: Any, inside: bool = True, contracts: Any = (FIT,), **fields: Any) -> Reason | None:
    these = standing(*(days or (seen(),)), ref=ref(inside=inside), contracts=list(contracts), **fields)
    return reason(these, control=control())


def test_the_first_notice_waits_and_only_in_the_group() -> None:
    assert why() is Reason.CONTROL
    assert why(inside=False) is None
    assert reason(standing(seen(), contracts=[FIT])) is None


def test_it_waits_for_so_many_days_and_no_longer() -> None:
    def of_age(days: float) -> Reason | None:
        return why(seen(AT - days * DAY, first_at=AT - days * DAY), seen(AT - HOUR))

    assert of_age(6.99) is Reason.CONTROL
    assert of_age(7.0) is None


def test_whoever_was_ever_told_does_not_wait() -> None:
    assert why(last_at=AT - 30 * DAY) is None


@pytest.mark.parametrize("field", ["care_alarm", "medical"])
@pytest.mark.parametrize("said", [True, None])
def test_a_line_that_may_carry_somebodys_health_is_never_in_it(field: str, said: bool | None) -> None:
    assert why(contracts=[msgspec.structs.replace(FIT, **{field: said})]) is None


def test_what_may_not_wait_takes_the_rest_along() -> None:
    assert why(seen(kind="brute-force")) is None
    assert why(seen(), seen(kind="brute-force", role="attacker")) is None


def test_it_is_off_unless_all_of_it_is_filled_in() -> None:
    assert control_at(ControlConfig(), SECRET, AT) is None
    for missing in ({"kinds": ()}, {"until": None}, {"approved_by": " "}, {"reason": "x" * (REASON_MIN - 1)}):
        with pytest.raises(BadConfig) as raised:
            config(**missing)
        assert raised.value.where == f"measure.control.{next(iter(missing))}"
    for past in ({"share": SHARE_MAX + 0.01}, {"delay_days": DELAY_DAYS_MAX + 1}, {"delay_days": 0}, {"share": -0.1}):
        with pytest.raises(BadConfig):
            config(**past)


def test_it_ends_by_itself_and_is_not_forgotten() -> None:
    last = AT.date()
    assert control_at(config(until=last), SECRET, AT) is not None
    assert control_at(config(until=last - timedelta(days=1)), SECRET, AT) is None
    control_at(config(until=last + timedelta(days=UNTIL_DAYS_MAX)), SECRET, AT)
    with pytest.raises(BadConfig, match="90 days ahead"):
        control_at(config(until=last + timedelta(days=UNTIL_DAYS_MAX + 1)), SECRET, AT)


def test_the_dice_fall_as_often_as_the_share_says_and_by_the_secret() -> None:
    drawn = Control(config=config(share=0.2), secret=SECRET)
    inside = {f"K-{number}" for number in range(10_000) if drawn.has(f"K-{number}")}
    assert 1_880 < len(inside) < 2_120  # three standard deviations
    other = Control(config=config(share=0.2), secret=b"t" * 32)
    assert sum(other.has(ref) for ref in inside) < len(inside) / 3
    assert "s" * 32 not in repr(drawn)


def test_it_reads_from_toml(tmp_path: Path) -> None:
    text = (
        'share = 0.1\nkinds = ["infected-system"]\nuntil = 2026-12-24\napproved_by = "Asha Rao"\n'
        'reason = "We do not know whether our mails help."\n'
    )
    assert msgspec.toml.decode(text, type=ControlConfig).until == date(2026, 12, 24)


def _planned(provider: Provider, control: Control, at: datetime) -> Plan:
    provider.follow(at)
    return plan_notices(
        provider.book, at=at, policy=provider.policy, sender=SENDER, trust=TRUST, titles=TITLES, control=control
    )


def test_each_case_that_waits_says_so_once_and_the_audit_names_who_answers(provider: Provider) -> None:
    everybody = Control(config=config(share=0.5), secret=SECRET)
    with provider.book.write() as tx:
        tx.execute(contracts.update().values(care_alarm=False, medical=False))
    provider.see(*(seen(subscriber=number, account=10 * number) for number in range(1, 11)))
    for hours in (0, 1):
        plan = _planned(provider, everybody, AT + hours * HOUR)
        told = take(provider.book, plan)
        waiting = {case for each in plan.withheld if each.reason is Reason.CONTROL for case in each.cases}
        assert len(waiting) == 10 - len(provider.notices())
        assert 0 < len(waiting) < 10
        assert bool(told) is (hours == 0)
    for case in waiting:
        assert [move.actor for move in provider.moves(case)].count(CONTROL_ACTOR) == 1
        assert {row.state for row in provider.rows() if row.case == case} == {"open"}
    with provider.book.read() as tx:
        rows = [row for row in audit.entries(tx) if row.action == "control group"]
    assert {row.object for row in rows} == waiting
    assert len(rows) == len(waiting)
    assert all("Asha Rao, ethics board: We do not know" in row.reason for row in rows)
