"""STIX 2.1 (OASIS): one bundle a report; observed data for an address and kind, and the malware that it shows."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid5

import msgspec

from tocsin.notices.reports.group import Offence, Reporter
from tocsin.terms.addresses import format_address
from tocsin.terms.markings import Tlp
from tocsin.terms.moments import format_moment

_NAMESPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1 §2.9: of deterministic ids
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_TLP = {  # OASIS, "TLP 2.0 marking definitions": STIX 2.1 itself knows TLP 1 alone
    "CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}

Object = dict[str, object]


def stix_bundle(offences: Iterable[Offence], reporter: Reporter, number: str, made: str) -> str:
    """The same report gives the same ids: a program that gets it twice keeps it once."""
    who = _id("identity", reporter.domain)
    objects: dict[str, Object] = {
        who: {
            **_common("identity", who, made),
            "name": reporter.name,
            "identity_class": "organization",
            "contact_information": reporter.mail,
        }
    }
    for each in offences:
        for made_object in _objects(each, who, number, made):
            objects.setdefault(str(made_object["id"]), made_object)
    bundle = {"type": "bundle", "id": _id("bundle", number), "objects": list(objects.values())}
    return msgspec.json.format(msgspec.json.encode(bundle), indent=2).decode()


def _objects(offence: Offence, who: str, number: str, made: str) -> Iterable[Object]:
    address = _address(format_address(offence.address))
    yield _marking(offence.tlp)
    yield address
    refs = [address["id"]]
    protocol = offence.protocol or "tcp"
    if offence.port or offence.peer_address:
        traffic: Object = {
            "type": "network-traffic",
            "spec_version": "2.1",
            "src_ref": address["id"],
            "protocols": ["ipv6" if address["type"] == "ipv6-addr" else "ipv4", protocol],
        }
        if offence.port:
            traffic["src_port"] = offence.port
        if offence.peer_address:
            peer = _address(format_address(offence.peer_address))
            yield peer
            traffic["dst_ref"] = peer["id"]
            refs.append(peer["id"])
        if offence.peer_port:
            traffic["dst_port"] = offence.peer_port
        traffic["id"] = _id("network-traffic", msgspec.json.encode(traffic, order="sorted").decode())
        yield traffic
        refs.append(traffic["id"])
    yield from _observed(offence, who, number, made, refs)


def _observed(offence: Offence, who: str, number: str, made: str, refs: list[object]) -> Iterable[Object]:
    name = f"{number} {offence.address} {offence.kind} {offence.malware} {offence.application}"
    if (offence.tlp, offence.severity) != ("GREEN", None):
        name += f" {offence.tlp} {offence.severity}"
    observed = _id("observed-data", name)
    span = {"first": format_moment(offence.first_at), "last": format_moment(offence.last_at)}
    yield {
        **_common("observed-data", observed, made),
        "created_by_ref": who,
        "object_marking_refs": [_TLP[offence.tlp]],
        "labels": [offence.kind],
        "confidence": offence.confidence,
        "first_observed": span["first"],
        "last_observed": span["last"],
        "number_observed": min(offence.lines, 999_999_999),
        "object_refs": refs,
    }
    if offence.malware:
        malware = _id("malware", offence.malware)
        yield {**_common("malware", malware, made), "name": offence.malware, "is_family": True}
        sighting = _id("sighting", name)
        yield {
            **_common("sighting", sighting, made),
            "created_by_ref": who,
            "sighting_of_ref": malware,
            "observed_data_refs": [observed],
            "first_seen": span["first"],
            "last_seen": span["last"],
            "count": min(offence.lines, 999_999_999),
        }


def _marking(tlp: Tlp) -> Object:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _TLP[tlp],
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{tlp}",
        "extensions": {_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.lower()}},
    }


def _address(text: str) -> Object:
    kind = "ipv6-addr" if ":" in text else "ipv4-addr"
    # STIX 2.1 §2.9: of an address the id is made of its value alone.
    return {"type": kind, "spec_version": "2.1", "id": _id(kind, f'{{"value":"{text}"}}'), "value": text}


def _common(kind: str, known_as: str, made: str) -> Object:
    return {"type": kind, "spec_version": "2.1", "id": known_as, "created": made, "modified": made}


def _id(kind: str, name: str) -> str:
    return f"{kind}--{uuid5(_NAMESPACE, name)}"
