"""A garden beside the demo: its access server is a program that obeys, and a case whose line may be put in."""

from __future__ import annotations

import msgspec

from tests.web.portal.portal_world import home_notice
from tocsin.book import cases as book_cases
from tocsin.book import notices, quarantines, tables_garden
from tocsin.book.cases import Case
from tocsin.book.quarantines import Quarantine, Session
from tocsin.pipeline import garden_acts
from tocsin.pipeline.garden_acts import Actor
from tocsin.web.shared.site import Site

_CONFIG = """
[garden]
enclose = {on}
share_max = 0.05
[[garden.nas]]
name = "all"
via = "command"
command = ["/bin/true"]
"""


def with_garden(site: Site, *, on: bool = True) -> Site:
    """There is one from now on."""
    text = site.config_file.read_text("utf-8").partition("\n[garden]")[0]
    site.config_file.write_text(text + _CONFIG.format(on=str(on).lower()), encoding="utf-8")
    assert site.config.garden.nas
    return site


def told_case(site: Site) -> Case:
    """The one of the line to which a notice has gone."""
    with site.book.read() as tx:
        [name] = notices.cases_of(tx, home_notice(site).notice)
        found = book_cases.find(tx, name)
    assert found is not None
    return found


def actor(site: Site, name: str = "lena", reason: str = "seen again after two letters") -> Actor:
    return Actor(name=name, reason=reason, at=site.clock())


def asked(site: Site, case: str = "") -> Quarantine:
    return garden_acts.ask(site.book, site.config, case or told_case(site).case, actor(site))


def inside(site: Site, case: str = "", *, address: str = "203.0.113.1") -> Quarantine:
    """As if the access server had said so."""
    stay = asked(site, case)
    garden_acts.approve(site.book, site.config, stay.quarantine, actor(site))
    stay_max = site.config.garden.stay_max
    with site.book.write() as tx:
        meant = Session(nas="bng-1", session="s-1", address=address)
        quarantines.note_sent(tx, stay.quarantine, meant, at=site.clock(), stay_max=stay_max)
        return quarantines.note_active(tx, stay.quarantine, at=site.clock(), stay_max=stay_max)


def stay_of(site: Site, name: str) -> Quarantine:
    with site.book.read() as tx:
        return quarantines.demand(tx, name)


def hostile(site: Site, text: str) -> None:
    """Every text of the newest stay that somebody else has written is this."""
    table = tables_garden.quarantines
    with site.book.write() as tx:
        stay = quarantines.newest(tx, 1)[0]
        changed = msgspec.structs.replace(stay, reason=text, error=text, asked_by=text[:100])
        same = table.c.quarantine == stay.quarantine
        tx.execute(table.update().where(same).values(**msgspec.structs.asdict(changed)))
