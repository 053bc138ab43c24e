"""Hard cases about logins: a login is not a line, and a session number is not a session."""

from __future__ import annotations

from tocsin.pipeline.demo.stage import Scene, Stage


def shared_login(stage: Stage) -> Scene:
    """A sold password: one login online twice at once, from two homes."""
    owner, buyer = stage.accounts
    yield stage.at - stage.rng.randrange(600, 2_000)
    own = yield from stage.fresh(owner)
    yield stage.at - 60
    stage.offline(buyer)
    yield stage.at
    bought = stage.world.connect(owner, line=buyer.line, staged=True)  # fresh() would end the owner's own
    for session in (own, bought):
        stage.see("shared-login", session.address, stage.at + stage.rng.randrange(60, 1_500))
    yield stage.at + 1_800
    stage.offline(owner)
    yield from stage.come_home(stage.at + 1_860)


def other_line(stage: Stage) -> Scene:
    """A login used from another home while its own line is silent."""
    owner, borrower = stage.accounts
    yield stage.at - 120
    stage.offline(owner)
    stage.offline(borrower)
    yield stage.at
    session = yield from stage.fresh(owner, line=borrower.line)
    stage.see("other-line", session.address, stage.at + stage.rng.randrange(60, 1_700))
    stage.see("other-line", session.address, stage.at + stage.rng.randrange(60, 1_700))
    yield stage.at + 1_800
    stage.world.disconnect(session)
    yield from stage.come_home(stage.at + 1_900)


def new_router(stage: Stage) -> Scene:
    """The right line with another router: harmless, but nobody can know."""
    (account,) = stage.accounts
    yield stage.at
    mac = f"02:00:5f:aa:{stage.number >> 8 & 255:02x}:{stage.number & 255:02x}"
    session = yield from stage.fresh(account, mac=mac)
    stage.see("new-router", session.address, stage.at + stage.rng.randrange(60, 1_700))
    yield stage.at + 1_800
    stage.world.disconnect(session)
    yield from stage.come_home(stage.at + 1_830)


def same_session_id(stage: Stage) -> Scene:
    """Two access servers use one Acct-Session-Id at once; the Stop of the one says nothing about the other."""
    first_account, second_account = stage.accounts
    session_id = f"{0x0B000000 + stage.number:08X}"
    yield stage.at
    first = yield from stage.fresh(first_account, session_id=session_id)
    yield stage.at + stage.rng.randrange(5, 600)
    second = yield from stage.fresh(second_account, session_id=session_id)
    stage.see("same-session-id", first.address, stage.at + stage.rng.randrange(700, 1_400))
    yield stage.at + 1_500
    stage.world.disconnect(first)
    stage.see("same-session-id", second.address, stage.at + stage.rng.randrange(1_600, 2_300))
    yield from stage.come_home(stage.at + 2_400)
