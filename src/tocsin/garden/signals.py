"""RFC 8910: how a device learns where to ask whether it is enclosed, in the words of each server that can say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from tocsin.garden.config import GardenSection
from tocsin.terms.errors import BadRequest

_OCTETS_MAX = 255  # RFC 8910 §2.1: of DHCPv4's option
_UNITS_MAX = 255  # RFC 4861 §4.6: of eight octets each


def api_uri(config: GardenSection) -> str:
    """RFC 8910 §2: an https URI. BadRequest when the garden has none."""
    uri = f"{config.url.rstrip('/')}/captive"
    if not config.url.startswith("https://"):
        raise BadRequest("devices ask by https alone", where="garden.url", remedy='write it as "https://NAME"')
    if len(uri.encode()) > _OCTETS_MAX:
        raise BadRequest(f"longer than {_OCTETS_MAX} octets", where="garden.url")
    return uri


def _dhcpd(uri: str) -> str:
    v4 = f'option tocsin-captive code 114 = text;\noption tocsin-captive "{uri}";\n'
    return v4 + f'option dhcp6.tocsin-captive code 103 = text;\noption dhcp6.tocsin-captive "{uri}";\n'


def _kea(uri: str) -> str:
    options = [{"name": "v4-captive-portal", "data": uri}, {"name": "v6-captive-portal", "data": uri}]
    return "".join(f"{msgspec.json.encode(each).decode()}\n" for each in options)


def _dnsmasq(uri: str) -> str:
    return f"dhcp-option=114,{uri}\ndhcp-option=option6:103,{uri}\n"


def _radvd(uri: str) -> str:
    return f'AdvCaptivePortalAPI "{uri}";\n'


def _octets(uri: str) -> str:
    """RFC 8910 §2.1 to §2.3: the bare options, in hex."""
    raw = uri.encode()
    v6 = (103).to_bytes(2, "big") + len(raw).to_bytes(2, "big") + raw
    units = -(-(2 + len(raw)) // 8)
    assert units <= _UNITS_MAX
    ra = bytes([37, units]) + raw + bytes(units * 8 - 2 - len(raw))
    return f"dhcpv4 {(bytes([114, len(raw)]) + raw).hex()}\ndhcpv6 {v6.hex()}\nra {ra.hex()}\n"


FORMS: Mapping[str, Callable[[str], str]] = {
    "dhcpd": _dhcpd,
    "kea": _kea,
    "dnsmasq": _dnsmasq,
    "radvd": _radvd,
    "octets": _octets,
}
