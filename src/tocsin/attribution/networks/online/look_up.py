"""Asking all the clients that the configuration names about one address. What they say is of now, not of then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tocsin.attribution.networks.config import OnlineConfig
from tocsin.attribution.networks.online.abusix import ask_abusix
from tocsin.attribution.networks.online.asking import Asking, Told
from tocsin.attribution.networks.online.fetch import FetchFailed
from tocsin.attribution.networks.online.peeringdb import ask_peeringdb
from tocsin.attribution.networks.online.rdap import ask_rdap
from tocsin.terms.errors import Refused

_BY_ADDRESS: dict[str, Callable[[Asking, UUID], Told]] = {"rdap": ask_rdap, "abusix": ask_abusix}


def look_up(config: OnlineConfig, data: Path, address: UUID, origin: int | None, *, now: datetime) -> list[Told]:
    """What each client says; a client that fails says why. Raises Refused where the configuration names none."""
    if not config.clients:
        raise Refused("nobody may be asked", where="networks.online.clients", remedy="name rdap, abusix or peeringdb")
    return [_asked(client, Asking(client, config, data, now), address, origin) for client in config.clients]


def _asked(client: str, asking: Asking, address: UUID, origin: int | None) -> Told:
    try:
        if client in _BY_ADDRESS:
            return _BY_ADDRESS[client](asking, address)
        if origin is None:
            return Told(client=client, failure="no origin is known, and it is asked by AS number")
        return ask_peeringdb(asking, origin)
    except FetchFailed as error:
        return Told(client=client, failure=str(error)[:300])
