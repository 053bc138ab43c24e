"""Hard cases about addresses that change hands, and about sessions that end without a word."""

from __future__ import annotations

from tocsin.pipeline.demo.seen import BRUTE_FORCE, SINKHOLE, Look
from tocsin.pipeline.demo.stage import AWAY_S, Scene, Stage, flaw


def reused(stage: Stage) -> Scene:
    """Seen just before an address passed on, just after, and so near that the clocks cannot tell."""
    first, second = yield from stage.handover()
    rng, address = stage.rng, first.address
    stage.see("reused-just-before", address, stage.at - rng.randrange(25, 60))
    stage.see("reused-just-after", address, second.starts_at + rng.randrange(25, 60))
    inside = rng.choice((stage.at - 1, second.starts_at, second.starts_at + 1))
    stage.see("reused-inside-margin", address, inside, Look(error_s=1, report=SINKHOLE))
    yield from stage.come_home(second.starts_at + 90)


def low_precision(stage: Stage) -> Scene:
    """The witness knows the moment to some minutes only; once they contain the change, once they do not."""
    first, second = yield from stage.handover()
    rng, address = stage.rng, first.address
    span = (stage.at - rng.randrange(60, 300), second.starts_at + rng.randrange(60, 300))
    before, after = (span[0], stage.at - 1), (second.starts_at, span[1])
    true_at = rng.randint(*rng.choice((before, after)))
    stage.see("low-precision-crossing", address, true_at, Look(report=BRUTE_FORCE, span=span))
    starts_at = second.starts_at + rng.randrange(360, 600)
    span = (starts_at, starts_at + rng.randrange(300, 900))
    stage.see("low-precision-within", address, rng.randint(*span), Look(report=BRUTE_FORCE, span=span))
    yield from stage.come_home(second.starts_at + 90)


def lost_stop_reassigned(stage: Stage) -> Scene:
    """No Stop, and the address belongs to another household within seconds."""
    first, second = yield from stage.handover(silent=True)
    stage.see("lost-stop-reassigned", first.address, second.starts_at + stage.rng.randrange(25, 1_500))
    yield from stage.come_home(stage.at + AWAY_S)


def lost_stop_returns(stage: Stage) -> Scene:
    """No Stop, and the same line is back at once with another address."""
    (account,) = stage.accounts
    yield stage.at - stage.rng.randrange(600, 2_000)
    first = yield from stage.fresh(account)
    yield stage.at
    stage.silence(first)
    yield stage.at + stage.rng.randrange(20, 90)
    second = yield from stage.fresh(account)
    stage.see("lost-stop-returns", second.address, second.starts_at + stage.rng.randrange(25, 600))
    yield stage.at + AWAY_S
    stage.world.give_back(first.nas, first.address)
    stage.offline(account)
    yield from stage.come_home(stage.world.now + 20)


def lost_start(stage: Stage) -> Scene:
    """No Start: only an Interim or the Stop says since when, by Acct-Session-Time."""
    first, second = yield from stage.handover()
    flaw(second, lost=frozenset({"start"}))
    short = stage.number % 2 == 0
    stay_s = stage.rng.randrange(400, 800) if short else second.account.interim_s
    stage.see("lost-start", first.address, second.starts_at + stage.rng.randrange(25, stay_s - 60))
    if short:
        yield second.starts_at + stay_s
        stage.world.disconnect(second)
    yield from stage.come_home(second.starts_at + stay_s + 90)


def lost_stop_lost_start(stage: Stage) -> Scene:
    """The address passed on and neither side said so; the first Interim of the second tells."""
    first, second = yield from stage.handover(silent=True)
    flaw(second, lost=frozenset({"start"}))
    at = second.starts_at + stage.rng.randrange(25, second.account.interim_s - 60)
    stage.see("lost-stop-lost-start", first.address, at)
    yield from stage.come_home(stage.at + AWAY_S)


def lost_stop_then_gap(stage: Stage) -> Scene:
    """The records stop; the address is used long after anybody may trust them, by the same household or by another."""
    rng, (first_account, second_account) = stage.rng, stage.accounts
    first = stage.online(first_account)
    last = first.last_report(stage.at)
    yield stage.at
    flaw(first, lost_from=last + 1)
    trusted_until = last + first_account.interim_s
    if stage.at - last > 60:
        stage.see("lost-stop-trusted", first.address, rng.randrange(last + 20, stage.at - 20))
    if stage.number % 2 == 0:  # still there: all its later records were lost
        yield last + AWAY_S + rng.randrange(900, 3_000)
        stage.see("lost-stop-then-gap", first.address, rng.randrange(last + AWAY_S + 60, stage.world.now - 30))
        stage.world.disconnect(first, keep_address=True)
        yield stage.world.now + rng.randrange(300, 1_200)
        stage.offline(second_account)
        yield stage.world.now + rng.randrange(5, 60)
        stage.world.connect(second_account, address=first.address)
    else:  # gone; another household has the address, and all its records were lost
        stage.silence(first)
        yield max(trusted_until, last + AWAY_S)
        hidden = yield from stage.fresh(second_account, address=first.address)
        flaw(hidden, hidden=True)
        yield stage.world.now + rng.randrange(900, 2_400)
        stage.see("lost-stop-then-gap", first.address, rng.randrange(hidden.starts_at + 60, stage.world.now - 30))
        stage.world.disconnect(hidden)
    yield from stage.come_home(stage.world.now + rng.randrange(120, 600))


def session_timeout(stage: Stage) -> Scene:
    """Session-Timeout ended it; nobody said so, and its last Interim would vouch for longer."""
    rng, (account,) = stage.rng, stage.accounts
    interim_s = account.interim_s
    rest_s = rng.randrange(300, interim_s - 400)
    length_s = interim_s * (2 if interim_s < 1_000 else 1) + rest_s
    yield stage.at - length_s - 60
    stage.offline(account)
    yield stage.at - length_s
    session = yield from stage.fresh(account, session_max_s=length_s)
    yield stage.at
    stage.silence(session)
    session.cause = "Session-Timeout"
    stage.see("session-timeout", session.address, stage.at - rng.randrange(30, rest_s - 30))
    late = stage.at + rng.randrange(60, interim_s - rest_s - 30)
    stage.see("session-timeout-nobody", session.address, late)
    yield stage.at + AWAY_S
    stage.world.give_back(session.nas, session.address)
    stage.online(account)
