"""The services whose logs are known. Each is a data file of `services/`: its attack lines, and what they mean.

docs/watch.md says how to add one; every pattern has a line in the golden log of its service.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from tocsin.engine.patterns import Needles, Pattern
from tocsin.terms.errors import BadConfig, BadRequest
from tocsin.terms.kinds import TAXONOMY_BY_KIND

# An address, or a name where the service resolves names. A mapped IPv4 is the IPv4 address; a port is no part of it.
HOST = (
    r"\[?(?:::ffff:)?(?P<host>(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*"
    r"|[0-9A-Za-z](?:[0-9A-Za-z_.-]*[0-9A-Za-z_])?)\]?"
)
_PLACES = {
    "{host}": HOST,
    "{port}": r"(?P<port>[0-9]{1,5})",
    "{user}": r"(?P<user>.*?)",
    "{user-greedy}": r"(?P<user>.*)",
    "{to}": r"\[?(?:::ffff:)?(?P<peer>[0-9A-Fa-f:.]+)\]?",
    "{to-port}": r"(?P<peer_port>[0-9]{1,5})",
}
Field = Literal["message", "target", "agent", "request", "refused", "login"]
Does = Literal["accuses", "suspects", "counts", "knows", "excuses"]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of line. `match` is RE2, from the start of what `field` says.

    `does`: it accuses the host it names; it suspects it (a success of the same user in the same process excuses);
    it only counts (for behaviours); it knows the host of its process; it excuses.
    """

    name: str
    needles: tuple[str, ...]
    match: str
    kind: str = ""
    confidence: int = 50
    field: Field = "message"
    does: Does = "accuses"
    handshake: bool = True  # only who holds the address could have made the server write this line
    cve: str = ""


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What many lines together show: at least so many of these rules within so long, by one host."""

    name: str
    of: tuple[str, ...]
    at_least: int
    within_s: int
    kind: str
    confidence: int
    distinct: Literal["", "target", "user"] = ""


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One data file. `programs` are the names under which it writes to syslog; `prefix` is what it writes before every
    message, with `bare` also where no syslog header stands before it."""

    title: str
    application: str
    protocol: str = "tcp"
    programs: tuple[str, ...] = ()
    prefix: str = ""
    bare: bool = False
    sessions: bool = False  # a process serves one connection: what one line knows is true of the others
    rules: tuple[Rule, ...] = msgspec.field(name="rule")
    behaviours: tuple[Behaviour, ...] = msgspec.field(name="behaviour", default=())


class Watched(msgspec.Struct, frozen=True):
    """A rule, ready for use; `number` is its place in the whole list, and the order in which rules are believed."""

    number: int
    service_name: str
    service: Service
    rule: Rule
    pattern: Pattern
    needles: tuple[int, ...]


class Watch(msgspec.Struct, frozen=True):
    """Every rule that is watched for, and what finds the lines that may match one."""

    rules: tuple[Watched, ...]
    needles: Needles
    services: dict[str, Service]


NAMES = (
    *("web", "apache", "nginx", "sshd", "postfix", "dovecot", "exim", "vsftpd", "proftpd", "named", "asterisk"),
    *("phpmyadmin", "roundcube", "firewall", "fail2ban"),
)


@cache
def service_named(name: str) -> Service:
    """Raises BadConfig for a data file that cannot be used; a test reads them all."""
    text = resources.files(__package__).joinpath("services", f"{name}.toml").read_bytes()
    where = f"services/{name}.toml"
    try:
        service = msgspec.toml.decode(text, type=Service)
    except msgspec.DecodeError as error:
        raise BadConfig(str(error), where=where) from error
    named = [rule.name for rule in service.rules]
    for rule in service.rules:
        if rule.does in ("accuses", "suspects") and rule.kind not in TAXONOMY_BY_KIND:
            raise BadConfig(f"no such kind: {rule.kind!r}", where=f"{where}: {rule.name}")
    for behaviour in service.behaviours:
        if unknown := set(behaviour.of) - set(named):
            raise BadConfig(f"there is no rule {min(unknown)!r}", where=f"{where}: {behaviour.name}")
    return service


@cache
def watch_for(names: tuple[str, ...] = NAMES) -> Watch:
    """The rules of these services. Raises BadRequest for one that is not known."""
    if unknown := [name for name in names if name not in NAMES]:
        raise BadRequest(f"no such service: {unknown[0]!r}", remedy=f"one of {', '.join(NAMES)}")
    literals: dict[str, int] = {}
    rules: list[Watched] = []
    for name in names:
        service = service_named(name)
        for rule in service.rules:
            numbers = tuple(literals.setdefault(needle.lower(), len(literals)) for needle in rule.needles)
            try:
                pattern = Pattern(whole_pattern(service, rule))
            except ValueError as error:
                raise BadConfig(str(error), where=f"services/{name}.toml: {rule.name}") from error
            rules.append(Watched(len(rules), name, service, rule, pattern, numbers))
    return Watch(tuple(rules), Needles(tuple(literals)), {name: service_named(name) for name in names})


def whole_pattern(service: Service, rule: Rule) -> str:
    """The pattern from the first byte of its field on: nothing that a stranger wrote can stand before it."""
    body = _filled(rule.match)
    if rule.field != "message":
        return body
    prefix = _filled(service.prefix)
    if not service.programs:
        return f"^{prefix}(?:{body})"
    # `host sshd[99]: `, `[sshd]: `, `vsftpd(pam_unix)[99]: `, RFC 5424's `host sshd 99 - - `.
    program = "(?:" + "|".join(service.programs) + ")"
    tag = (
        # RFC 5424's comes first: else its pid and ids would be taken for the beginning of the message.
        rf"(?:(?P<machine>[^ ]+) +)?"
        rf"(?:{program} (?P<pid5>[0-9]+|-) [^ ]+ (?:-|(?:\[(?:[^\]\"]|\"(?:[^\"\\]|\\.)*\")*\])+) (?:\x{{feff}})?"
        rf"|\[?{program}\]?(?:\([^)]*\))?(?:\[(?P<pid>[0-9]+)\])?:? +)"
        r"(?:\[ID [0-9]+ [a-z0-9.]+\] )?"  # Solaris
    )
    return f"^(?:{tag}){'?' if service.bare else ''}{prefix}(?:{body})"


def _filled(text: str) -> str:
    for place, pattern in _PLACES.items():
        text = text.replace(place, pattern)
    return text
