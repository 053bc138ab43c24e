"""A short, always equal walk of the fuzzer's targets: what once broke a reader, and a few broken seeds."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pytest

from tests.evidence.test_hostile_readers import SCRAPS
from tests.fuzz.log_seeds import LOG_SEEDS
from tests.fuzz.target import NEWEST, OLDEST, once_broken, run, seeds, targets
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import READERS
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.engine import Engine
from tocsin.evidence.lines import open_blocks

BROKEN_EACH = 4


def broken(content: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.randint(1, 4)):
        place, cut = dice.randint(0, len(content)), dice.choice((0, 0, 1, 7, 40))
        content = content[:place] + dice.choice(SCRAPS) + content[place + cut :]
    return content[: dice.randint(len(content) // 2, len(content))] if dice.random() < 0.3 else content


@pytest.fixture(scope="module")
def fuzz_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("fuzz"), threads=1) as engine:
        yield engine


@pytest.mark.parametrize("target", targets())
def test_nothing_comes_out_but_what_is_sound_or_a_bad_request(fuzz_engine: Engine, target: str) -> None:
    dice = random.Random(target)
    for content in once_broken(target):
        run(fuzz_engine, target, content)
    for _ in range(BROKEN_EACH):
        run(fuzz_engine, target, broken(dice.choice(seeds(target)), dice))


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_of_binding_logs_has_a_seed_that_it_reads(fuzz_engine: Engine, reader: str) -> None:
    log = LogConfig(name="fuzz", reader=reader, zone="Europe/Berlin", lease_s=3600, interim_s=300)
    blocks = open_blocks(io.BytesIO(LOG_SEEDS[reader].encode()))
    READERS[reader].stage(Staging(engine=fuzz_engine, blocks=blocks, newest=NEWEST, oldest=OLDEST, log=log))
    [(events,)] = fuzz_engine.rows("SELECT count(*) FROM staged_events")
    drop_staged(fuzz_engine)
    assert events
