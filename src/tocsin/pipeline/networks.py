"""Prefix tables: from the configured files, from files that are named, or from the net when a command says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from tocsin.attribution.networks import (
    TABLES,
    Claim,
    Found,
    NetworksRead,
    PrefixTable,
    claims_on,
    find_network,
    grouped,
    read_tables,
)
from tocsin.attribution.networks.config import TableConfig
from tocsin.attribution.networks.online.asking import Told
from tocsin.attribution.networks.online.fetch import FetchFailed, download
from tocsin.attribution.networks.online.look_up import look_up
from tocsin.pipeline.house import House
from tocsin.pipeline.progress import Progress
from tocsin.terms.errors import BadRequest, Refused
from tocsin.terms.identity import digest


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an address at a moment, table by table, and what others say now."""

    at: datetime
    found: Found | None
    claims: tuple[Claim, ...]
    told: tuple[Told, ...] = ()


class Fetched(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of one URL: a new file, the one that was there, or why none came."""

    table: str
    url: str
    fresh: bool = False
    failure: str | None = None


def configured_tables(house: House) -> list[PrefixTable]:
    """The tables of the configuration, with what was fetched for them, as far as they have files."""
    section = house.config.networks
    tables = grouped(house.files(section.paths))
    for table in section.tables:
        paths = [*house.files(table.paths), *(path for _, path in _targets(house, table) if path.exists())]
        tables.append(PrefixTable(name=table.name, paths=tuple(paths), format=table.format))
    return [table for table in tables if table.paths]


def named_tables(paths: Sequence[Path], name: str | None, of: str | None) -> list[PrefixTable]:
    """Files that a command names: one table of that name, or one for each format."""
    if name is None and of is None:
        return grouped(paths)
    return [PrefixTable(name=name or str(of), paths=tuple(paths), format=of)]


def update(
    house: House, tables: Sequence[PrefixTable], progress: Progress, *, valid_from: datetime | None = None
) -> NetworksRead:
    """Let the tables hold from that moment on; nothing changes where they do already."""
    sizes = {path: _size(path) for table in tables for path in table.paths}
    done_by_name: dict[str, int] = {}
    total = sum(sizes.values())
    with progress.bytes("prefix tables", total) as tell, house.lake.writing(*TABLES) as writing:

        def told(name: str, done: int) -> None:
            done_by_name[name] = done
            tell(min(total, sum(done_by_name.values())), total)

        return read_tables(writing, tables, at=house.now, valid_from=valid_from, tell=told)


def fetch_tables(house: House, progress: Progress) -> Iterator[Fetched]:
    """Fetch what the configuration names; a URL that fails leaves the file that was there. Raises Refused for none."""
    tables = [table for table in house.config.networks.tables if table.urls]
    if not tables:
        remedy = "name a table with urls"
        raise Refused("nothing is to be fetched", where="networks.tables.urls", remedy=remedy)
    timeout_s = house.config.networks.online.timeout_s
    for table in tables:
        for url, target in _targets(house, table):
            with progress.bytes(target.name, 0) as tell:
                try:
                    fresh = download(url, target, timeout_s=timeout_s, tell=tell)
                except FetchFailed as error:
                    yield Fetched(table=table.name, url=url, failure=str(error)[:300])
                else:
                    yield Fetched(table=table.name, url=url, fresh=fresh)


def show(house: House, address: UUID, at: datetime, *, online: bool) -> Shown:
    """What is known of the address; `online` asks those whom the configuration names, about now."""
    found = find_network(house.lake, address, at)
    told: list[Told] = []
    if online:
        origin = found.origin if found else None
        told = look_up(house.config.networks.online, house.data, address, origin, now=house.now)
    return Shown(at=at, found=found, claims=tuple(claims_on(house.lake, address, at)), told=tuple(told))


def _targets(house: House, table: TableConfig) -> Iterator[tuple[str, Path]]:
    """Each URL and the file that keeps what came from it: two URLs of one name do not share a file."""
    for url in table.urls:
        name = Path(urlsplit(url).path).name[-100:] or "table"
        yield url, house.data / "networks" / "tables" / table.name / f"{digest(url)[:8]}-{name}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BadRequest(f"cannot read it: {error.strerror}", where=str(path)) from error
