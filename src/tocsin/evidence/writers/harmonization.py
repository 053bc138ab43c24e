"""Which keys and values an IntelMQ 3.5 takes: it refuses a whole event for one that it does not."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from tocsin.terms.kinds import TAXONOMY_BY_KIND

NOTHING = ("", "-", "N/A", None)  # IntelMQ never stores these
KEY_CHARS_MAX = 200

_KEY = re.compile(r"[a-z_][a-z_0-9]+(?:\.[a-z_0-9]+)*", re.ASCII)
_NOT_IN_A_KEY = re.compile(r"[^a-z0-9_]+")
_PRINTABLE = re.compile(r"[ -~]+")
# Of the protocols that a sighting may have; IntelMQ's list is IANA's of long ago, without dccp and udplite.
_TRANSPORTS = ("tcp", "udp", "icmp", "igmp", "sctp", "gre", "esp", "ah", "ipip", "ipv6-icmp")
_CC = re.compile(r"[A-Z0-9]{2}", re.ASCII)
_HASH = re.compile(r"[A-F0-9./]{1,40}", re.ASCII)
_UUID = re.compile(r"[a-z0-9]{8}(?:-[a-z0-9]{4}){3}-[a-z0-9]{12}", re.ASCII)

Change = Callable[[object], object]  # the value as IntelMQ has it; None where it takes none


def harmonized(event: dict[str, object]) -> dict[str, object]:
    """The event as IntelMQ takes it. A key or a value that it would refuse stands under `extra.`."""
    made: dict[str, object] = {}
    moved: list[tuple[str, object]] = []
    for key, value in event.items():
        if _is_nothing(value):
            continue
        if key.startswith("extra.") and _KEY.fullmatch(key):
            made[key] = value
            continue
        change = _CHANGE_BY_KEY.get(key)
        changed = change(value) if change else None
        if changed is None:
            moved.append((key, value))
        else:
            made[key] = changed
    for key, value in moved:
        made[_free_key(key.removeprefix("extra."), made)] = value
    return made


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and value in NOTHING)


def _free_key(name: str, taken: dict[str, object]) -> str:
    parts = [_NOT_IN_A_KEY.sub("_", part) for part in name.lower()[:KEY_CHARS_MAX].split(".")]
    key = wanted = "extra." + (".".join(part for part in parts if part) or "key")
    number = 2
    while key in taken:
        key, number = f"{wanted}_{number}", number + 1
    return key


def _text(value: object) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _lower(value: object) -> str | None:
    text = _text(value)
    return text.lower() if text else None


def _like(pattern: re.Pattern[str], spelled: Change = _text) -> Change:
    def change(value: object) -> str | None:
        text = spelled(value)
        return text if isinstance(text, str) and pattern.fullmatch(text) else None

    return change


def _upper(value: object) -> str | None:
    text = _text(value)
    return text.upper() if text else None


def _among(*words: str, spelled: Change = _text) -> Change:
    def change(value: object) -> str | None:
        text = spelled(value)
        return text if isinstance(text, str) and text in words else None

    return change


def _integer(low: int, high: int) -> Change:
    def change(value: object) -> int | None:
        if isinstance(value, bool):
            return None
        text = str(value).strip()
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
        return number if low <= number <= high else None

    return change


def _number(low: float, high: float) -> Change:
    def change(value: object) -> float | None:
        try:
            number = float(str(value)) if not isinstance(value, bool) else float("nan")
        except ValueError:
            return None
        return number if low <= number <= high else None

    return change


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).strip().lower())


def _moment(value: object) -> str | None:
    """`+00:00` at its end, never `Z`: IntelMQ compares the text with what Python makes of it."""
    try:
        moment = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return str(value).strip() if moment.tzinfo and str(value).strip().endswith("+00:00") else None


def _address(value: object) -> str | None:
    try:
        address = ipaddress.ip_address(str(value).strip())
    except ValueError:
        return None
    return None if address == ipaddress.ip_address("0.0.0.0") or "%" in str(address) else str(address)  # noqa: S104


def _network(value: object) -> str | None:
    try:
        return str(ipaddress.ip_network(str(value).strip(), strict=False))
    except ValueError:
        return None


def _name(value: object) -> str | None:
    """A domain name in IDNA; an address is none."""
    text = _lower(value)
    if not text or _address(text):
        return None
    try:
        name = text.strip(".").encode("idna").decode().lower()
    except UnicodeError:
        return None
    return name if name and not any(sign in name for sign in ":/?#@ ") else None


def _url(value: object) -> str | None:
    text = (_text(value) or "").replace("hxxp://", "http://").replace("hxxps://", "https://")
    try:
        return text if urlsplit(text).netloc else None
    except ValueError:
        return None


def _base64(value: object) -> str | None:
    text = _text(value)
    try:
        base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        return None
    return text


def _json(value: object) -> str | None:
    text = _text(value)
    return text if text and text[0] in "{[" else None


_PRINTABLE_LOWER = _like(_PRINTABLE, _lower)

_SIDE: dict[str, Change] = {
    "abuse_contact": _lower,
    "account": _text,
    "allocated": _moment,
    "as_name": _text,
    "asn": _integer(1, 4294967295),
    "domain_suffix": _name,
    "fqdn": _name,
    "geolocation.cc": _like(_CC, _upper),
    "geolocation.city": _text,
    "geolocation.country": _text,
    "geolocation.latitude": _number(-90, 90),
    "geolocation.longitude": _number(-180, 180),
    "geolocation.region": _text,
    "geolocation.state": _text,
    "ip": _address,
    "local_hostname": _text,
    "local_ip": _address,
    "network": _network,
    "port": _integer(1, 65535),
    "registry": _among("AFRINIC", "APNIC", "ARIN", "LACNIC", "RIPE", spelled=_upper),
    "reverse_dns": _name,
    "tor_node": _boolean,
    "url": _url,
    "urlpath": _text,
}
# harmonization.conf of IntelMQ 3.5.
_CHANGE_BY_KEY: dict[str, Change] = {
    **{f"{side}.{key}": change for side in ("source", "destination") for key, change in _SIDE.items()},
    "source.geolocation.cymru_cc": _like(_CC, _upper),
    "source.geolocation.geoip_cc": _like(_CC, _upper),
    "classification.identifier": _text,
    "classification.taxonomy": _among(*set(TAXONOMY_BY_KIND.values())),
    "classification.type": _among(*TAXONOMY_BY_KIND),
    **dict.fromkeys(("comment", "constituency", "status", "feed.documentation", "feed.name", "feed.provider"), _text),
    "event_description.target": _text,
    "event_description.text": _text,
    "event_description.url": _url,
    "event_hash": _like(_HASH, _upper),
    "feed.accuracy": _number(0, 100),
    "feed.code": _like(re.compile(r".{1,100}", re.DOTALL)),
    "feed.url": _url,
    **{f"malware.hash.{name}": _like(re.compile(r"[ -~]{1,200}")) for name in ("md5", "sha1", "sha256")},
    "malware.name": _PRINTABLE_LOWER,
    "malware.version": _like(_PRINTABLE),
    "misp.attribute_uuid": _like(_UUID, _lower),
    "misp.event_uuid": _like(_UUID, _lower),
    "output": _json,
    **{f"product.{name}": _lower for name in ("name", "vendor", "version", "vulnerabilities")},
    "product.full_name": _text,
    "protocol.application": _like(re.compile(r"[ -~]{1,100}"), _lower),
    "protocol.transport": _among(*_TRANSPORTS, spelled=_lower),
    "raw": _base64,
    "rtir_id": _integer(0, 2**62),
    "screenshot_url": _url,
    "severity": _among("critical", "high", "medium", "low", "info", "undefined", spelled=_lower),
    "time.observation": _moment,
    "time.source": _moment,
    "tlp": _among("WHITE", "GREEN", "AMBER", "RED", spelled=_upper),
}
KEYS = frozenset(_CHANGE_BY_KEY)
