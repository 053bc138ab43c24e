"""The rules that each day of trouble must pass before a notice may rest on it: one literal table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import combinations

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract
from tocsin.cases.control import Control
from tocsin.cases.followup import FollowUp, Taken
from tocsin.cases.policy import Policy
from tocsin.cases.reasons import Reason
from tocsin.terms.roles import CASE_ROLES, Trust


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """Whether lines may be put into the garden at all, and how many of so many subscribers at once."""

    is_on: bool
    inside_max: Callable[[int], int]


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """What follows the first notice: the policies, the channels that a way is configured for, the garden."""

    followups: Sequence[FollowUp] = ()
    channels: frozenset[str] = frozenset({"mail"})
    gate: Gate | None = None  # absent: there is no garden


MAIL_ALONE = Ways()


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at the moment of the decision, the same for every subscriber."""

    at: datetime
    policy: Policy
    trust: Mapping[str, Trust]  # by source; one that is not named is a stranger
    titles: Mapping[str, str]  # by source: the name people know
    seasoned: frozenset[str]  # sources and logs that a finished run has met
    held: frozenset[str] = frozenset()  # sources that a brake holds
    followups: Sequence[FollowUp] = ()
    channels: frozenset[str] = frozenset({"mail"})
    gate: Gate | None = None
    control: Control | None = None

    def by(self, ways: Ways) -> View:
        """The same, with these ways."""
        return msgspec.structs.replace(self, followups=ways.followups, channels=ways.channels, gate=ways.gate)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one subscriber; `contracts` are all those of the accounts that its days name."""

    subscriber: int
    ref: str
    cases: Sequence[Case]
    days: Sequence[CaseDay]
    contracts: Sequence[Contract]
    last_at: datetime | None = None  # when it was last written to
    notices: frozenset[str] = frozenset()  # the references of every notice ever decided for it
    dead_addresses: frozenset[str] = frozenset()  # from which a notice came back; in lower case
    taken: Mapping[str, Sequence[Taken]] = {}  # the steps that were decided, by case
    read: frozenset[str] = frozenset()  # cases of which somebody has shown to have the newest notice


def holder(day: CaseDay, standing: Standing) -> Contract | None:
    """The subscriber's contract for the account at the day's last sighting, if exactly one contract was there."""
    there = [
        contract
        for contract in standing.contracts
        if contract.account == day.account
        and contract.starts_at <= day.last_at
        and (contract.ends_at is None or day.last_at < contract.ends_at)
    ]
    return there[0] if len(there) == 1 and there[0].subscriber == day.subscriber else None


def _role(day: CaseDay, _standing: Standing, _view: View) -> bool:
    return day.role not in CASE_ROLES


def _future(day: CaseDay, _standing: Standing, view: View) -> bool:
    return day.last_at > view.at


def _too_old(day: CaseDay, _standing: Standing, view: View) -> bool:
    return view.at - day.last_at > view.policy.age_max


def _told(day: CaseDay, standing: Standing, _view: View) -> bool:
    return standing.last_at is not None and day.last_at <= standing.last_at


def _new_source(day: CaseDay, _standing: Standing, view: View) -> bool:
    return day.source not in view.seasoned


def _new_log(day: CaseDay, _standing: Standing, view: View) -> bool:
    return day.log not in view.seasoned


def _source_held(day: CaseDay, _standing: Standing, view: View) -> bool:
    return day.source in view.held


def _no_contract(day: CaseDay, standing: Standing, _view: View) -> bool:
    return holder(day, standing) is None


def _contract_ended(day: CaseDay, standing: Standing, view: View) -> bool:
    contract = holder(day, standing)
    return contract is None or (contract.ends_at is not None and contract.ends_at <= view.at)


def _contract_followed(day: CaseDay, standing: Standing, view: View) -> bool:
    contract = holder(day, standing)
    return contract is None or any(
        other.account == day.account and contract.starts_at < other.starts_at <= view.at for other in standing.contracts
    )


def _no_address(day: CaseDay, standing: Standing, _view: View) -> bool:
    contract = holder(day, standing)
    return contract is None or "@" not in contract.email


def _address_bounced(day: CaseDay, standing: Standing, _view: View) -> bool:
    contract = holder(day, standing)
    return contract is None or contract.email.lower() in standing.dead_addresses


Rule = Callable[[CaseDay, Standing, View], bool]
RULES: tuple[tuple[Reason, Rule], ...] = (  # the first that is true forbids
    (Reason.ROLE, _role),
    (Reason.FUTURE, _future),
    (Reason.TOO_OLD, _too_old),
    (Reason.TOLD, _told),
    (Reason.NEW_SOURCE, _new_source),
    (Reason.NEW_LOG, _new_log),
    (Reason.SOURCE_HELD, _source_held),
    (Reason.NO_CONTRACT, _no_contract),
    (Reason.CONTRACT_ENDED, _contract_ended),
    (Reason.CONTRACT_FOLLOWED, _contract_followed),
    (Reason.NO_ADDRESS, _no_address),
    (Reason.ADDRESS_BOUNCED, _address_bounced),
)
# By another channel than mail these do not matter; to a step that waits for no new sighting, those that follow.
OF_MAIL = frozenset({Reason.NO_ADDRESS, Reason.ADDRESS_BOUNCED})
OF_NEWS = frozenset({Reason.TOO_OLD, Reason.TOLD})
# A day that only these forbid may be counted in a notice that rests on others.
FOR_COUNTING = frozenset({Reason.TOO_OLD, Reason.TOLD})


def forbidden(day: CaseDay, standing: Standing, view: View, *, but: frozenset[Reason] = frozenset()) -> Reason | None:
    """The first rule that forbids resting on that day, or None."""
    return next((reason for reason, rule in RULES if reason not in but and rule(day, standing, view)), None)


def believed(days: Sequence[CaseDay], trust: Mapping[str, Trust]) -> list[CaseDay]:
    """Of one case's days those that a notice may rest on: own and known sources'; without any, strangers' in unison."""
    known = [day for day in days if trust.get(day.source, Trust.STRANGER) is not Trust.STRANGER]
    if known:
        return known
    return list(days) if any(independent(one, other) for one, other in combinations(days, 2)) else []


def independent(one: CaseDay, other: CaseDay) -> bool:
    """Whether two sources saw for themselves: neither passes on the other, nor both the same first observer."""
    return any(
        not {_same(one.source), _same(mine)} & {_same(other.source), _same(theirs)}
        for mine in one.observers
        for theirs in other.observers
    )


def _same(name: str) -> str:
    return name.strip().casefold()
