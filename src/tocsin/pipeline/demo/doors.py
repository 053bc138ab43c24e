"""How to look at the demo in a browser: where desk and portal will be, who may sign in, which code to type."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.pipeline.demo.show import Shown, open_demo
from tocsin.pipeline.people import DEMO_PEOPLE, add_demo_people
from tocsin.proof.code import make_code
from tocsin.proof.private_file import write_over


class Doors(msgspec.Struct, frozen=True, kw_only=True):
    """What `tocsin serve` opens on the demo, and with what to try it."""

    portal: str
    desk: str
    code: str  # of the notice that was shown; '' when none was
    passwords: dict[str, str]  # by name; the demo's people have names that say what they may do


def open_doors(folder: Path, shown: Shown | None, *, now: datetime) -> Doors:
    """Let the demo's people sign in, and say how. BadRequest when the web's packages are not installed.

    Their passwords are made by chance, once, and lie beside the demo: whoever reads the folder has its keys anyway.
    """
    with open_demo(folder, now) as house:
        note = folder / "people.json"
        kept = msgspec.json.decode(note.read_bytes(), type=dict[str, str]) if note.exists() else {}
        passwords = kept | add_demo_people(house.book, at=now)
        if passwords != kept:
            write_over(note, msgspec.json.encode(passwords), mode=0o600)
        code = make_code(house.keys.secret, shown.notice) if shown else ""
        web = house.config.web
    known = {name: passwords[name] for name in DEMO_PEOPLE if name in passwords}
    return Doors(portal=web.url_of("portal"), desk=web.url_of("desk"), code=code, passwords=known)
