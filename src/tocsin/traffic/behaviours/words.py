"""Findings in sentences that somebody reads who is no expert."""

from __future__ import annotations

Numbers = dict[str, object]


def _int(numbers: Numbers, name: str) -> int:
    value = numbers.get(name)
    return int(value) if isinstance(value, int | float) else 0


def _for(numbers: Numbers) -> str:
    return span(_int(numbers, "seconds"))


def span(seconds: float) -> str:
    """`3.8 hours`, `12 minutes`."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} seconds"


def size(count: int) -> str:
    for unit, limit in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= limit:
            return f"{count / limit:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} bytes"


def indicator(n: Numbers) -> str:
    what = {"sinkhole": "a trap of the defenders for infected machines", "c2": "a server that steers malware"}
    listed = what.get(str(n.get("role")), "an address of attackers")
    of = f" ({n['malware']})" if n.get("malware") else ""
    return f"spoke {_int(n, 'flows')} times to {n.get('value')}, which {n.get('list')} lists as {listed}{of}"


def flood(n: Numbers) -> str:
    rate = _int(n, "flows_a_minute")
    if rate >= 1000:
        return f"opened {rate:,} connections in a minute to one address, which did not answer: an attack, not a visit"
    return f"threw {_int(n, 'packets_a_minute'):,} packets a minute at one address, which did not answer: an attack"


def scan(n: Numbers) -> str:
    return (
        f"knocked on port {_int(n, 'port')} of {_int(n, 'peers'):,} addresses within {n.get('span', 'an hour')}; "
        f"{_int(n, 'failed'):,} did not answer: it looks for machines to break into"
    )


def scan_ports(n: Numbers) -> str:
    where = "outside" if n.get("outside") else "in the house"
    if n.get("port"):
        return (
            f"tried port {_int(n, 'port')} of {_int(n, 'tried'):,} addresses {where};"
            f" {_int(n, 'failed'):,} did not answer"
        )
    return f"tried {_int(n, 'tried'):,} ports of one address {where}; {_int(n, 'failed'):,} did not answer"


def mail(n: Numbers) -> str:
    return (
        f"delivered mail to {_int(n, 'peers'):,} servers (port {_int(n, 'port')}) within {n.get('span', 'an hour')},"
        " as only a mail server or a spammer does"
    )


def logins(n: Numbers) -> str:
    return (
        f"asked to be let in {_int(n, 'tries'):,} times (port {_int(n, 'port')}) at {_int(n, 'peers'):,} addresses,"
        " as one does who tries passwords"
    )


def peers(n: Numbers) -> str:
    return (
        f"kept in touch with {_int(n, 'peers'):,} strangers in {_int(n, 'neighbourhoods'):,} networks"
        f" on {_int(n, 'ports'):,} "
        f"different ports, {_int(n, 'silent'):,} of whom never answered; little was said: a net of bots talks so"
    )


def dga(n: Numbers) -> str:
    shown = n.get("shown")
    like = f" such as {shown}" if shown else ""
    return f"asked for {_int(n, 'names'):,} names that do not exist{like}: a program makes them up to find its master"


def tunnel(n: Numbers) -> str:
    return (
        f"asked for {_int(n, 'names'):,} different long names under {n.get('domain')}:"
        " somebody talks through the name service"
    )


def flux(n: Numbers) -> str:
    return (
        f"asked for {n.get('name')}, which had {_int(n, 'addresses'):,} addresses in {_int(n, 'networks'):,} networks"
    )


def control_port(n: Numbers) -> str:
    return (
        f"spoke to port {_int(n, 'port')} of one address outside {_int(n, 'flows'):,} times:"
        f" malware such as {n.get('family')} is steered from there"
    )


def lent_name(n: Numbers) -> str:
    return f"spoke to port {_int(n, 'port')} of {n.get('name')}, a name that anybody gets for nothing and moves at will"


def retries(n: Numbers) -> str:
    return (
        f"called one address outside (port {_int(n, 'port')}) {_int(n, 'failed'):,} times in {_for(n)}"
        " though nobody answered"
    )


def beacon(n: Numbers) -> str:
    period = span(_int(n, "period_s"))
    return (
        f"every {period} for {_for(n)} to one address outside (port {_int(n, 'port')}) that nobody else here talks to"
    )


def held(n: Numbers) -> str:
    where = f"to one address outside (port {_int(n, 'port')}) open"
    if _int(n, "flows") > 1:
        return f"held {_int(n, 'flows'):,} connections {where}, {_for(n)} in all"
    return f"held a connection {where} for {_for(n)}"


def steered(n: Numbers) -> str:
    return (
        f"sent {size(_int(n, 'bytes_out'))} to one address outside (port {_int(n, 'port')})"
        f" and got {size(_int(n, 'bytes_in'))} back "
        f"in {_for(n)}: as if it took orders and delivered"
    )


def relay(n: Numbers) -> str:
    return (
        f"handed on what one address sent it to {_int(n, 'strangers'):,} others, byte for byte: strangers use this line"
    )


def mining(n: Numbers) -> str:
    where = n.get("name") or f"port {_int(n, 'port')}"
    return f"works for a pool of coin miners ({where}); somebody may have installed it"
