"""How an account lives when no hard case has it: a reconnect a day, some lines flaky, some off for a while."""

from __future__ import annotations

from tocsin.pipeline.demo.plant import Account
from tocsin.pipeline.demo.world import Process, World

_DAY_S = 86_400


def live(world: World, account: Account, begins_at: int) -> Process:
    """The whole life of an account, from its first connection to the end of its contract."""
    rng = world.rng
    yield max(begins_at + rng.randrange(_DAY_S), account.active_from + 60)
    while not _over(account, world.now):
        wait_until = max(world.busy_until(account) or 0, _down_until(world, account))
        if wait_until > world.now:
            yield wait_until + rng.randrange(60, 900)
            continue
        online = world.online[account.login]
        if not online:
            world.connect(account)
            yield _before_end(account, world.now + _stay_s(world, account))
            continue
        world.disconnect(online[-1], cause=rng.choice(("User-Request", "Lost-Carrier", "Idle-Timeout")))
        yield _before_end(account, world.now + _pause_s(world, account))
    for session in list(world.online[account.login]):
        world.disconnect(session)


def _over(account: Account, now: int) -> bool:
    return account.active_until is not None and now >= account.active_until - 30


def _before_end(account: Account, wake_at: int) -> int:
    return wake_at if account.active_until is None else min(wake_at, account.active_until - 20)


def _down_until(world: World, account: Account) -> int:
    return world.down_until(account.line.server)


def _stay_s(world: World, account: Account) -> int:
    """Flaky lines hold for some hours, the others for the day that the provider allows."""
    return world.rng.randrange(7_200, 28_800) if account.flaky else _DAY_S - world.rng.randrange(600)


def _pause_s(world: World, account: Account) -> int:
    return world.rng.randrange(14_400, 30_000) if world.rng.random() < 0.08 else world.rng.randrange(5, 45)
