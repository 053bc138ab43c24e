"""PeeringDB: the contacts that the operator of an AS has published for abuse."""

from __future__ import annotations

from urllib.parse import urlencode, urljoin

import msgspec

from tocsin.attribution.networks.online.asking import Asking, Told, converted, mail_addresses


class _Contact(msgspec.Struct, frozen=True):
    role: str = ""
    email: str = ""


class _Network(msgspec.Struct, frozen=True):
    contacts: list[_Contact] = msgspec.field(name="poc_set", default_factory=list)


class _Answer(msgspec.Struct, frozen=True):
    data: list[_Network] = []


def ask_peeringdb(asking: Asking, origin: int) -> Told:
    """Its public contacts of role Abuse. Raises FetchFailed."""
    url = urljoin(asking.config.peeringdb, "net?" + urlencode({"asn": origin, "depth": 2}))
    answer = converted(asking.json(url) or {}, _Answer)
    mails: list[object] = [
        contact.email for network in answer.data for contact in network.contacts if contact.role.lower() == "abuse"
    ]
    return Told(client="peeringdb", abuse_contacts=mail_addresses(mails))
