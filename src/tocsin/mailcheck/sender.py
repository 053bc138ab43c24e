"""Who a From header names, read as mail programs show it: forgiving, for what is shown, never for what is trusted."""

from __future__ import annotations

import re

import msgspec

from tocsin.mailcheck import hosts
from tocsin.mailcheck.limits import HEADER_SHOWN_CHARACTERS_MAX
from tocsin.mailcheck.mail import Mail, shown

_ANGLE = re.compile(r"<([^<>]*)>")
_ADDRESS = re.compile(r"[^\s<>@\",;:]{1,64}@[^\s<>@\",;:]{1,255}")


class Sender(msgspec.Struct, frozen=True):
    """`domain` is normal (punycode in its letters); empty where there is no address."""

    name: str = ""
    address: str = ""
    domain: str = ""

    @property
    def registered(self) -> str:
        return hosts.registrable(self.domain) if self.domain else ""


def sender_of(mail: Mail, header: str = "from") -> Sender:
    value = mail.first(header)
    return read_sender(shown(value)) if value else Sender()


def read_sender(line: str) -> Sender:
    line = line[:HEADER_SHOWN_CHARACTERS_MAX]
    angles = list(_ANGLE.finditer(line))
    held = next((one for one in reversed(angles) if "@" in one[1]), None)
    if held:
        address, name = held[1].strip(), line[: held.start()]
    else:
        found = _ADDRESS.search(line)
        address, name = (found[0], line[: found.start()]) if found else ("", line)
    domain = address.rpartition("@")[2].strip(" .>")
    return Sender(name.replace('"', " ").strip(" ,;'_\t"), address, hosts.normal(domain) if "@" in address else "")
