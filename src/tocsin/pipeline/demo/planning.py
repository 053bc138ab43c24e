"""When and with whom each hard case is played: windows of one account never overlap, none is near a reboot or hole."""

from __future__ import annotations

from random import Random

import msgspec

from tocsin.pipeline.demo.hard_cases import EXPECTED, PLAYS, Play
from tocsin.pipeline.demo.plant import NASES, Account, Nas
from tocsin.pipeline.demo.scenes_log import late_records
from tocsin.pipeline.demo.seen import Witness
from tocsin.pipeline.demo.stage import Stage
from tocsin.pipeline.demo.world import Process, World

_TRIES = 400
_QUIET_S = 7_200  # kept free around what happens to a whole access server
# Of each log the demo's last seconds have not been read yet.
_LEFT_S = {
    "core": 2_400,
    "edge": 1_500,
    "fibre": 1_800,
    "cable": 2_000,
    "mobile": 1_900,
    "cgnat": 1_700,
    "homes": 2_100,
}
LOCAL_OFFSET_S = 9 * 3_600  # the provider's servers stand in Japan, which has no summer time


class Timetable(msgspec.Struct, frozen=True, kw_only=True):
    """The demo's moments: the feed tells of `begins_at <= t < ends_at`; each log is read until its cut."""

    begins_at: int
    ends_at: int
    cuts: dict[str, int]  # by log
    hole: tuple[int, int]  # everything that the edge log should have received in this time is lost
    mobile_hole: tuple[int, int]  # and the mobile log
    reboots: tuple[tuple[Nas, int, bool], ...]  # which, when, orderly

    def is_lost(self, log: str, at: int) -> bool:
        """Whether what happened, or arrived, at that moment fell into the log's hole."""
        holes = {"edge": self.hole, "mobile": self.mobile_hole}
        first, last = holes.get(log, (0, 0))
        return first <= at < last

    def quiet(self, nas: Nas, starts_at: int, ends_at: int) -> bool:
        """True when nothing happens to the whole server near this span."""
        loud = [(at, at) for each, at, _ in self.reboots if each is nas]
        if nas.log == "edge":
            loud.append(self.hole)
        return all(ends_at < first - _QUIET_S or starts_at > last + _QUIET_S for first, last in loud)


def make_timetable(rng: Random, begins_at: int, days: int) -> Timetable:
    length_s = days * 86_400
    hole_at = begins_at + int(length_s * 0.42) + rng.randrange(1_800)
    mobile_hole_at = begins_at + int(length_s * 0.61)
    return Timetable(
        begins_at=begins_at,
        ends_at=begins_at + length_s,
        cuts={log: begins_at + length_s - left_s for log, left_s in _LEFT_S.items()},
        hole=(hole_at, hole_at + rng.randrange(4_500, 5_400)),
        mobile_hole=(mobile_hole_at, mobile_hole_at + 5_000),
        reboots=(
            (NASES[0], begins_at + int(length_s * 0.3) + rng.randrange(3_600), True),
            (NASES[1], begins_at + int(length_s * 0.72) + rng.randrange(3_600), False),
        ),
    )


def plan_hard_cases(world: World, witness: Witness, times: Timetable) -> None:
    """Reserves actors for every play and starts it; a world too small for all of them plays as many as fit."""
    number = 0
    # The longest windows first: they are the hardest to place.
    for play in sorted(PLAYS, key=lambda play: -(play.before + play.after)):
        for _ in range(play.times):
            found = _place(world, times, play)
            if found is None:
                break
            at, accounts = found
            number += 1
            stage = Stage(
                world=world,
                witness=witness,
                rng=world.rng,
                accounts=accounts,
                at=at,
                number=number,
                expected=EXPECTED,
            )
            for account in accounts:
                world.reserved[account.login].append((at - play.before, at + play.after))
            world.start(play.scene(stage), at - play.before)


def _place(world: World, times: Timetable, play: Play) -> tuple[int, list[Account]] | None:
    earliest = times.begins_at + 10_800 + play.before
    latest = min(times.cuts[log] for log in ("core", "edge")) - 5_400 - play.after
    if play.scene is late_records:  # the next day's file must still be read
        latest = (times.ends_at + LOCAL_OFFSET_S) // 86_400 * 86_400 - LOCAL_OFFSET_S - 5_400
    for _ in range(_TRIES):
        at = world.rng.randrange(earliest, latest)
        accounts = _cast(world, play)
        if all(_available(world, times, account, at - play.before, at + play.after) for account in accounts):
            return at, accounts
    return None


def _cast(world: World, play: Play) -> list[Account]:
    everybody = [account for account in world.plant.accounts if not account.change]
    first = world.rng.choice(everybody)
    if play.actors == 1:
        return [first]
    servers = {"one-server": (first.line.nas,), "anywhere": NASES, "two-servers": NASES[:2]}[play.where]
    if play.where == "two-servers":
        first = world.rng.choice([account for account in everybody if account.line.nas in servers])
        servers = tuple(nas for nas in servers if nas is not first.line.nas)
    second = world.rng.choice([each for each in everybody if each.line.nas in servers and each is not first])
    return [first, second]


def _available(world: World, times: Timetable, account: Account, starts_at: int, ends_at: int) -> bool:
    taken = world.reserved[account.login]
    free = all(ends_at + 900 < first or starts_at > last + 900 for first, last in taken)
    return free and times.quiet(account.line.server, starts_at, ends_at)


def reboot(world: World, nas: Nas, at: int, orderly: bool) -> Process:
    """The server throws everybody out at `at` and is back a minute or two later; then they all come back."""
    yield at
    on_at = at + world.rng.randrange(60, 150)
    thrown_out = world.reboot(nas, on_at=on_at, orderly=orderly)
    world.rng.shuffle(thrown_out)
    for account in thrown_out:
        world.start(_come_back(world, account), on_at + world.rng.randrange(5, 240))
    yield on_at


def _come_back(world: World, account: Account) -> Process:
    over = account.active_until is not None and world.now >= account.active_until - 60
    if not world.online[account.login] and not over:
        world.connect(account)
    yield from ()


def unrest(world: World, nas: Nas, hole: tuple[int, int]) -> Process:
    """While the log has its hole, more than half of the server's lines reconnect."""
    yield hole[0] + 60
    accounts = [account for account in world.plant.accounts if account.line.nas is nas]
    for account in accounts:
        if world.rng.random() < 0.6:
            world.start(_reconnect(world, account), world.rng.randrange(hole[0] + 120, hole[1] - 300))
    yield hole[1] + 60
    for account in accounts:  # and again an hour later, so that what began in the dark does not last the whole day
        dark = [session for session in world.online[account.login] if session.starts_at >= hole[0]]
        for session in dark:
            session.staged = True
        if dark:
            world.start(_reconnect(world, account), world.rng.randrange(hole[1] + 600, hole[1] + 5_400))


def _reconnect(world: World, account: Account) -> Process:
    sessions = world.online[account.login]
    if not sessions:
        return
    sessions[-1].staged = True
    world.disconnect(sessions[-1], cause="Lost-Carrier")
    yield world.now + world.rng.randrange(5, 200)
    yield from _come_back(world, account)
