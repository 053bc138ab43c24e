"""Every behaviour: its question, its cap, what it is a sign of, and how it is said to somebody who is no expert."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tocsin.traffic.behaviours import words


class Behaviour(msgspec.Struct, frozen=True):
    """`cap` is the most that it can say. Two behaviours of one `aspect` are one sign: they see the same thing twice.

    `is_specific`: from `SPECIFIC_FROM` on it is what only somebody else's program does, and condemns by itself.
    `sampled`: what is asked where only a sample of the packets was seen: the same question, one of its own (its
    query), or nothing ('') since it takes every packet to see it, or to tell it from what is harmless.
    """

    name: str
    cap: float
    aspect: str
    is_specific: bool
    kind: str  # RSIT
    say: Callable[[words.Numbers], str]
    title: str
    sampled: str = "same"


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("indicator", 1.0, "list", True, "infected-system", words.indicator, "spoke to a listed address or name"),
    Behaviour("flood", 0.95, "flood", True, "ddos", words.flood, "took part in an attack", sampled="flood_sampled"),
    Behaviour(
        "scan", 0.95, "fan-out", True, "scanner", words.scan, "looked for open doors outside", sampled="scan_sampled"
    ),
    Behaviour("scan-ports", 0.6, "fan-out", False, "scanner", words.scan_ports, "tried many doors", sampled=""),
    Behaviour("mail", 0.9, "mail", True, "spam", words.mail, "delivered mail to many servers", sampled="mail_sampled"),
    Behaviour("logins", 0.9, "logins", True, "brute-force", words.logins, "tried passwords", sampled=""),
    Behaviour(
        "peers", 0.9, "strangers", True, "infected-system", words.peers, "kept company with many strangers", sampled=""
    ),
    Behaviour("dga", 0.95, "names", True, "infected-system", words.dga, "asked for names that a program made up"),
    Behaviour("tunnel", 0.9, "names", True, "infected-system", words.tunnel, "talked through DNS"),
    Behaviour("flux", 0.45, "names", False, "infected-system", words.flux, "asked for a name that moves"),
    Behaviour("control-port", 0.7, "place", False, "infected-system", words.control_port, "spoke to a port of malware"),
    Behaviour(
        "lent-name", 0.6, "name", False, "infected-system", words.lent_name, "spoke to a name that moves with its owner"
    ),
    Behaviour(
        "retries", 0.85, "time", True, "infected-system", words.retries, "called again and again in vain", sampled=""
    ),
    Behaviour("beacon", 0.7, "time", False, "infected-system", words.beacon, "called like a clock", sampled=""),
    Behaviour("held", 0.6, "time", False, "infected-system", words.held, "held a session open for hours", sampled=""),
    Behaviour(
        "steered", 0.7, "direction", False, "infected-system", words.steered, "sent what it was told to", sampled=""
    ),
    Behaviour("relay", 0.6, "relay", False, "infected-system", words.relay, "handed on others' traffic", sampled=""),
    Behaviour("mining", 0.6, "mining", False, "unauthorized-use-of-resources", words.mining, "dug for coins"),
)
BY_NAME = {each.name: each for each in BEHAVIOURS}
