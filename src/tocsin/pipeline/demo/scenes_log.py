"""Hard cases about the log file: what happened is plain, the records come twice, late, disordered or misdated."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.pipeline.demo.stage import Scene, Stage, flaw


def _flawed(case: str, spoil: Callable[[Stage, str], dict[str, object]]) -> Callable[[Stage], Scene]:
    """A change of hands whose records are spoiled; seen once on each side of it."""

    def scene(stage: Stage) -> Scene:
        first, second = yield from stage.handover()
        flaw(first, **spoil(stage, "stop"))
        flaw(second, **spoil(stage, "start"))
        stage.see(case, first.address, stage.at - stage.rng.randrange(25, 60))
        stage.see(case, first.address, second.starts_at + stage.rng.randrange(25, 60))
        yield from stage.come_home(second.starts_at + 90)

    return scene


def _half(stage: Stage) -> bool:
    return stage.number % 2 == 0


duplicate_records = _flawed("duplicate-records", lambda stage, _: {"duplicate": True})
late_records = _flawed("late-records", lambda stage, status: {"late": frozenset({status}), "plain": _half(stage)})
disordered_records = _flawed("out-of-order-records", lambda stage, _: {"disorder": True})
delayed_records = _flawed(
    "delayed-records", lambda stage, _: {"delay_s": stage.rng.randrange(120, 900), "plain": _half(stage)}
)
header_disagrees = _flawed(
    "header-disagrees",
    lambda stage, _: {"header_off_s": stage.rng.choice((-250_000_000, -32_400, -3_600, 3_600)), "plain": _half(stage)},
)
