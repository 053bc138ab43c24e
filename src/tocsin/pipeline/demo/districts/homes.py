"""Accounts for a district's households: each a person, a line and what the provider calls it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tocsin.pipeline.demo.districts.leases import Client
from tocsin.pipeline.demo.people import Person
from tocsin.pipeline.demo.plant import LONG_AGO, Account, Line, Tenure

BY_CIRCUIT, BY_MAC = "circuit", "mac"


def make_clients(rng: Random, people: Sequence[Person], *, number: int, known_by: str) -> list[Client]:
    """`number` tells the districts apart (5 to 9); `known_by` says what the account is called after."""
    return [_client(rng, person, place, number, known_by) for place, person in enumerate(people)]


def _client(rng: Random, person: Person, place: int, number: int, known_by: str) -> Client:
    mac = new_mac(rng, number, place)
    circuit = f"olt-{number} pon 0/{place // 32}/{place % 32}"
    line = Line(
        phone=f"00-555{number}-{1000 + place}",
        port_id=circuit,
        mac=mac,
        tenures=[Tenure(person=person, starts_at=LONG_AGO)],
    )
    login = circuit if known_by == BY_CIRCUIT else mac
    return Client(account=Account(login=login, line=line), mac=mac, circuit=circuit)


def new_mac(rng: Random, number: int, place: int) -> str:
    """Locally administered, and nobody else's."""
    tail = (place >> 8, place & 255, rng.randrange(256))
    return f"02:00:{0x60 + number:02x}:" + ":".join(f"{byte:02x}" for byte in tail)
