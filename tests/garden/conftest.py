"""A provider with a garden: the scenes' provider, and a real FreeRADIUS as its access servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.coa import AccessServer, access_server
from tests.real.radius import INSTALLED, WHY_NOT
from tests.scenes.conftest import Scenes, scene, scenes, templates
from tests.scenes.scene import Scene, login
from tocsin.book import case_days, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.quarantines import Quarantine, Way, Wish
from tocsin.pipeline import garden_acts
from tocsin.pipeline.garden import Round, garden_round
from tocsin.pipeline.garden_acts import Actor
from tocsin.pipeline.house import House

__all__ = ["scene", "scenes", "templates"]

ADDRESS, SESSION = "198.51.100.7", "a-1"
CONFIG = """
[garden]
enclose = true
share_max = 0.05
{more}

[[garden.nas]]
name = "all"
server = "127.0.0.1:{port}"
secret_file = "{secret}"
enclose = {{ Filter-Id = "garden" }}
release = {{ Filter-Id = "open" }}
timeout_s = 8.0
tries = 1
"""


class Garden:
    """Anna's line is infected; `nas` is her access server."""

    def __init__(self, scene: Scene, nas: AccessServer, more: str = "") -> None:
        self.scene, self.nas = scene, nas
        config = CONFIG.format(port=nas.port, secret=nas.secret_file, more=more)
        path = scene.folder / "tocsin.toml"
        path.write_text(path.read_text("utf-8") + config, encoding="utf-8")

    def infected(self, *, until: str = "") -> str:
        """Anna is online (until then) and seen, and her case is there: its name."""
        self.scene.household("anna")
        self.scene.online("anna", ADDRESS, "01:00", until or "Sat 01:00", session=SESSION, stop=bool(until))
        self.nas.open(login("anna"), SESSION, ADDRESS, nas="nas-1")
        self.scene.sinkhole("03:16:38", ADDRESS)
        self.scene.run("14:00")
        [case] = self.scene.cases()
        return case.case

    def house(self) -> House:
        return self.scene.house()

    def asked(self, case: str, by: str = "lena") -> str:
        with self.house() as house:
            actor = Actor(name=by, reason="seen again after two letters", at=house.now)
            return garden_acts.ask(house.book, house.config, case, actor).quarantine

    def automatic(self, case: str) -> str:
        """A policy's wish."""
        with self.house() as house, house.book.write() as tx:
            known = book_cases.find(tx, case)
            assert known is not None
            account = case_days.days_of_case(tx, case)[-1].account
            wanted = Wish(
                case=case, subscriber=known.subscriber, account=account, by="policy", reason="step 3", automatic=True
            )
            return quarantines.ask(tx, wanted, at=house.now, inside_max=5).quarantine

    def approve(self, name: str, by: str = "lena") -> None:
        with self.house() as house:
            garden_acts.approve(house.book, house.config, name, Actor(name=by, reason="yes", at=house.now))

    def approved(self, case: str, by: str = "lena") -> str:
        name = self.asked(case, by)
        self.approve(name, by)
        return name

    def released(self, name: str, way: Way = "clerk") -> None:
        with self.house() as house:
            garden_acts.release(house.book, name, way, Actor(name="paul", reason="rang", at=house.now))

    def round(self, at: str = "") -> Round:
        """One round; at another moment once everything until then has come."""
        if at:
            self.scene.come(at)
        with self.house() as house:
            return garden_round(house)

    def one(self, name: str) -> Quarantine:
        with self.house() as house, house.book.read() as tx:
            return quarantines.demand(tx, name)

    @property
    def newest(self) -> Quarantine:
        with self.house() as house, house.book.read() as tx:
            return quarantines.newest(tx, 1)[0]

    def moved_to(self, state: str) -> list[tuple[str, str]]:
        """Who has brought Anna's case there, and why."""
        with self.house() as house, house.book.read() as tx:
            [case] = book_cases.case_rows(tx)
            moves = book_cases.moves_of(tx, [case.case])
        before = [None, *(move.state for move in moves)]
        return [(m.actor, m.reason) for m, was in zip(moves, before, strict=False) if m.state == state != was]

    @property
    def filter(self) -> str | None:
        """What holds for Anna's session; None when she has none."""
        return self.nas.filters.get(SESSION)


@pytest.fixture
def nas(tmp_path: Path) -> Iterator[AccessServer]:
    if not INSTALLED:
        pytest.skip(WHY_NOT)
    with access_server(tmp_path / "nas") as opened:
        yield opened


@pytest.fixture
def garden(scenes: Scenes, nas: AccessServer) -> Garden:
    return Garden(scenes(), nas)
