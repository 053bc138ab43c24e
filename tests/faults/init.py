"""`tocsin init`, killed at every point."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults import small_provider
from tests.faults.trials import KILLED, SCRATCH, Trials, child, demand, make_provider_keys, open_house
from tocsin.notices.zone import zone_text
from tocsin.pipeline.keys import load_keys

_SECRETS = ("proof.pem", "dkim.pem", "secret")


def kill_init(history: Path) -> Trials:
    """Whatever point it dies at: the next `init` ends well, the keys work together, and none that was whole changes."""
    with TemporaryDirectory(dir=SCRATCH) as scratch:
        whole = Path(scratch) / "whole"
        small_provider.found(whole)
        told = Path(scratch) / "points"
        demand(child(lambda: make_provider_keys(whole, told=told)) == 0, "init fails")
        names = told.read_text("utf-8").splitlines()
        for place, name in enumerate(names):
            folder = Path(scratch) / str(place)
            small_provider.found(folder)
            code = child(lambda: make_provider_keys(folder, place))  # noqa: B023
            faults = [] if code == KILLED else [f"it was not killed, but ended with {code}"]
            yield f"init, point {place}: {name}", faults + _after_init(folder)


def _after_init(folder: Path) -> list[str]:
    keys = folder / "data" / "keys"
    before = {name: (keys / name).read_bytes() for name in _SECRETS if (keys / name).exists()}
    code = child(lambda: make_provider_keys(folder))
    faults = [f"the repeated init ended with {code}"] if code else []
    faults += [f"{name} was changed" for name, raw in before.items() if (keys / name).read_bytes() != raw]
    faults += [f"left: {path.name}" for path in keys.glob("*half*")]
    faults += [f"others can read {name}" for name in _SECRETS if (keys / name).stat().st_mode & 0o077]
    code = child(lambda: _use_keys(folder))
    return faults + ([f"the keys do not work: {code}"] if code else [])


def _use_keys(folder: Path) -> None:
    keys = load_keys(folder / "data" / "keys")
    published = "".join((folder / "data" / "keys" / "zone.txt").read_text("utf-8").replace('" "', ""))
    with open_house(folder, 1) as house:
        demand(zone_text(house.issuer, keys).replace('" "', "") == published, "the zone is another key's")
