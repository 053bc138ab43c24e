"""What an operator says of prefix tables, and of whom may be asked on the net."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from tocsin.attribution.networks.formats import FORMATS
from tocsin.terms.errors import BadConfig

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_URL = re.compile(r"https?://[^\s/?#]+(?:/\S*)?")


def _check_url(url: str, where: str) -> None:
    if not _URL.fullmatch(url):
        raise BadConfig(f"not a URL of the web: {url!r:.80}", where=where, remedy="write it as https://…")


class TableConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files, and URLs that `tocsin networks update --online` fetches, which together are one table."""

    name: str
    paths: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    format: str | None = None

    def __post_init__(self) -> None:
        where = "networks.tables.name"
        if not _NAME.fullmatch(self.name):
            raise BadConfig(f"not a table's name: {self.name!r:.60}", where=where, remedy="a-z, 0-9 and -, at most 40")
        if self.name in FORMATS:
            raise BadConfig(f"{self.name!r} is what networks.paths are called", where=where, remedy="choose another")
        if self.format is not None and self.format not in FORMATS:
            known = f"known: {', '.join(FORMATS)}"
            raise BadConfig(f"no such format: {self.format!r:.60}", where="networks.tables.format", remedy=known)
        for url in self.urls:
            _check_url(url, "networks.tables.urls")


class OnlineConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may be asked about an address when a command says --online. Nobody, unless `clients` names him."""

    clients: tuple[Literal["rdap", "abusix", "peeringdb"], ...] = ()
    rdap_bootstrap: str = "https://data.iana.org/rdap/"
    abusix_zone: str = "abuse-contacts.abusix.zone"
    dns_servers: tuple[str, ...] = ()
    peeringdb: str = "https://www.peeringdb.com/api/"
    cache_hours: int = 168
    queries_per_s: float = 1.0
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        _check_url(self.rdap_bootstrap, "networks.online.rdap_bootstrap")
        _check_url(self.peeringdb, "networks.online.peeringdb")
        for name, low, high in (("cache_hours", 0, 8760), ("queries_per_s", 0.01, 100), ("timeout_s", 0.1, 300)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadConfig(f"{value:g} is not allowed, {low:g} to {high:g} is", where=f"networks.online.{name}")


class NetworksConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole section. Files of `paths` are one table for each format; own CSVs go before everything else."""

    paths: tuple[str, ...] = ()
    tables: tuple[TableConfig, ...] = ()
    online: OnlineConfig = OnlineConfig()

    def __post_init__(self) -> None:
        names = [table.name for table in self.tables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadConfig(f"two tables are named {twice[0]!r}", where="networks.tables.name", remedy="rename one")
