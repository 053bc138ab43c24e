"""The syslog of a Junos NAT with port block allocation: ALLOC, INTERIM and RELEASE, each with its epoch."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from time import gmtime, strftime

from tocsin.pipeline.demo.districts.blocks import INTERIM_S, Block
from tocsin.pipeline.demo.planning import LOCAL_OFFSET_S

_SKEWS_S = {"cgn-1": 1, "cgn-2": -1}  # how wrong the clocks of the two boxes are


def nat_log(blocks: list[Block], until: int, rng: Random) -> tuple[str, int]:
    """The log up to `until`, in the order of arrival, and how many lines it has."""
    lines = sorted((line for block in blocks for line in _lines(block, until, rng)), key=lambda line: line[0])
    return "".join(text for _, text in lines), len(lines)


def device_of(block: Block) -> str:
    return f"cgn-{1 + int(block.network.rpartition('.')[2]) % 2}"


def _lines(block: Block, until: int, rng: Random) -> Iterator[tuple[int, str]]:
    device = device_of(block)
    skew_s = _SKEWS_S[device]
    for event, at in _events(block, until):
        if event in block.lost or at >= until or (block.lost_from is not None and at >= block.lost_from):
            continue
        epoch = (at if event == "RELEASE" else block.starts_at) + skew_s
        arrives_at = at + rng.randrange(2)
        clock = strftime("%Y-%m-%dT%H:%M:%S", gmtime(at + skew_s + LOCAL_OFFSET_S))
        yield (
            arrives_at,
            f"<14>1 {clock}.{rng.randrange(1_000):03}+09:00 {device} RT_NAT - RT_SRC_NAT_PBA_{event}"
            f' [junos@2636.1.1.1.2.129 internal-ip="{block.inside}" block-used="1" block-max-per-host="4"'
            f' block-port-low="{block.first}" block-port-high="{block.last}" reflexive-ip="{block.network}"'
            f' nat-pool-name="demo" logical-system-id="0" epoch-time-64="{epoch:x}"]\n',
        )


def _events(block: Block, until: int) -> Iterator[tuple[str, int]]:
    yield "ALLOC", block.starts_at
    ends_at = until if block.ends_at is None else block.ends_at
    yield from (("INTERIM", at) for at in range(block.starts_at + INTERIM_S, ends_at, INTERIM_S))
    if block.ends_at is not None:
        yield "RELEASE", block.ends_at
