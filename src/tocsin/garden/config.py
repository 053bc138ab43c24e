"""`[garden]`: whether there is one, how each access server is told, who may be in it and for how long."""

from __future__ import annotations

from datetime import timedelta
from math import floor
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from tocsin.terms.addresses import parse_address, parse_network
from tocsin.terms.errors import BadConfig

Via = Literal["radius", "command", "http"]
_ATTRIBUTES_MAX = 20
_ARGUMENTS_MAX = 50
_VALUE_CHARACTERS_MAX = 253  # RFC 2865 §5: an attribute's value


class NasSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One access server, or one RADIUS proxy before many: how it is told. Relative paths: to the file's folder.

    `names` are what the binding logs call it (NAS-Identifier, else NAS-IP-Address); none: every server without an entry
    of its own.
    """

    name: str
    names: tuple[str, ...] = ()
    via: Via = "radius"
    server: str = ""  # radius: HOST:PORT, the port of RFC 5176 is 3799
    secret_file: str = ""  # radius: the shared secret; http: the bearer's token
    disconnect: bool = False  # radius: end the session instead; the line comes back as the RADIUS server then says
    enclose: dict[str, str] = {}  # radius: attributes of the garden
    release: dict[str, str] = {}  # radius: attributes of the usual service
    dictionaries: tuple[str, ...] = ()  # radius: of the vendor's attributes, as FreeRADIUS writes them
    command: tuple[str, ...] = ()  # command: a program and its arguments; it reads JSON from its standard input
    url: str = ""  # http: takes the same JSON by POST
    timeout_s: float = 3.0  # of each try
    tries: int = 3

    def __post_init__(self) -> None:
        where = f"garden.nas.{self.name}"
        _demand(bool(self.name) and self.name.isprintable() and len(self.name) <= 100, where, "it needs a name")
        _demand(0.1 <= self.timeout_s <= 60, f"{where}.timeout_s", "0.1 to 60 are allowed")
        _demand(1 <= self.tries <= 10, f"{where}.tries", "1 to 10 are allowed")
        {"radius": self._check_radius, "command": self._check_command, "http": self._check_http}[self.via](where)

    def _check_radius(self, where: str) -> None:
        host, _, port = self.server.rpartition(":")
        is_place = bool(host.strip("[]")) and port.isdigit() and 0 < int(port) <= 0xFFFF
        _demand(is_place, f"{where}.server", 'write it as "192.0.2.1:3799"')
        _demand(bool(self.secret_file), f"{where}.secret_file", "name the file with the shared secret")
        for field in ("enclose", "release"):
            attributes: dict[str, str] = getattr(self, field)
            few = len(attributes) <= _ATTRIBUTES_MAX
            short = all(len(value) <= _VALUE_CHARACTERS_MAX for value in attributes.values())
            _demand(few and short, f"{where}.{field}", f"at most {_ATTRIBUTES_MAX} attributes of 253 characters")
        told = self.disconnect or (self.enclose and self.release)
        _demand(bool(told), where, "say by which attributes it encloses and releases, or disconnect = true")

    def _check_command(self, where: str) -> None:
        _demand(0 < len(self.command) <= _ARGUMENTS_MAX, f"{where}.command", 'write it as ["/usr/local/bin/garden"]')
        _demand(self.command[0].startswith("/"), f"{where}.command", "name the program by its whole path")

    def _check_http(self, where: str) -> None:
        parts = urlsplit(self.url)
        loop = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        good = bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and loop))
        _demand(good and not parts.username, f"{where}.url", "as https://HOST/PATH; http only on this machine")

    @property
    def place(self) -> tuple[str, int]:
        """Host and port of `server`."""
        host, _, port = self.server.rpartition(":")
        return host.strip("[]"), int(port)


class GardenSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nobody is put anywhere unless `enclose` says so. Whoever is inside gets out whatever it says."""

    enclose: bool = False
    listen: str = "127.0.0.1:8082"  # where the page of those inside listens
    url: str = ""  # as they reach it: https://NAME
    proxies: tuple[str, ...] = ()  # whose X-Forwarded-For the page believes
    share_max: float = 0.001  # of all subscribers, at once; one is always allowed
    stay_days_max: int = 14  # then everybody gets out by himself
    self_releases: int = 2  # of one subscriber in self_days; then the clerk
    self_days: int = 180
    log_age_max_s: int = 900  # the binding log must tell of a later moment than that long ago
    open_prefixes: tuple[str, ...] = ()  # what stays reachable whole: the voice platform, the page, one's own servers
    help_urls: tuple[str, ...] = ()  # of one's own, opened besides the allow-list
    resolvers: tuple[str, ...] = ()  # name servers of those inside, for the lists that are printed
    nas: tuple[NasSection, ...] = ()

    def __post_init__(self) -> None:
        _demand(0 <= self.share_max <= 0.05, "garden.share_max", "0 to 0.05 are allowed")
        _demand(1 <= self.stay_days_max <= 30, "garden.stay_days_max", "1 to 30 are allowed")
        _demand(1 <= self.self_releases <= 10, "garden.self_releases", "1 to 10 are allowed")
        _demand(1 <= self.self_days <= 366, "garden.self_days", "1 to 366 are allowed")
        _demand(60 <= self.log_age_max_s <= 86_400, "garden.log_age_max_s", "60 to 86400 are allowed")
        for field, parse in (("resolvers", parse_address), ("open_prefixes", parse_network)):
            for value in getattr(self, field):
                try:
                    parse(value)
                except ValueError as error:
                    raise BadConfig(str(error), where=f"garden.{field}") from error
        names = [nas.name for nas in self.nas]
        _demand(len(set(names)) == len(names), "garden.nas", "two have the same name")
        told = [name for nas in self.nas for name in nas.names]
        _demand(len(set(told)) == len(told), "garden.nas", "two entries claim the same access server")
        _demand(sum(not nas.names for nas in self.nas) <= 1, "garden.nas", "only one entry may name no servers")
        _demand(bool(self.nas) or not self.enclose, "garden.nas", "say how an access server is told")

    @property
    def stay_max(self) -> timedelta:
        return timedelta(days=self.stay_days_max)

    @property
    def log_age_max(self) -> timedelta:
        return timedelta(seconds=self.log_age_max_s)

    def inside_max(self, subscribers: int) -> int:
        """How many may be inside at once."""
        return max(1, floor(self.share_max * subscribers + 1e-9)) if self.share_max else 0

    def nas_of(self, name: str) -> NasSection | None:
        """How the access server is told that the logs call so; None where nothing says it."""
        own = next((nas for nas in self.nas if name in nas.names), None)
        return own or next((nas for nas in self.nas if not nas.names), None)


def _demand(true: bool, where: str, remedy: str) -> None:
    if not true:
        raise BadConfig("cannot be used as it stands", where=where, remedy=remedy)
