"""The journals of three DHCP servers: Kea's legal log, ISC dhcpd's lease file, Kea's lease file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import gmtime, strftime

from tocsin.pipeline.demo.districts.leases import LEASE_S, Told
from tocsin.pipeline.demo.planning import LOCAL_OFFSET_S

_KEA_COLUMNS = (
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id"
)
_VERBS = {"given": "assigned", "renewed": "renewed", "released": "released"}


def legal_log(journal: Sequence[Told]) -> str:
    """libdhcp_legal_log's default lines. It writes nothing when a lease expires."""
    return "".join(_legal_line(told) for told in journal if told.verb in _VERBS)


def _legal_line(told: Told) -> str:
    is_v6, is_prefix = ":" in told.network, told.network.endswith("/56")
    address = told.network if is_prefix else told.network.partition("/")[0]
    clock = strftime("%Y-%m-%d %H:%M:%S", gmtime(told.at + LOCAL_OFFSET_S))
    circuit = told.circuit.encode().hex(":")
    if told.verb == "released":
        verb = "has been released from"
    else:
        verb = f"has been {_VERBS[told.verb]} for {LEASE_S // 3_600} hrs 0 mins 0 secs to"
    if is_v6:
        client = (
            f"DUID: 00:03:00:01:{told.mac} and hardware address: hwtype=1 {told.mac} (from DUID) connected via relay at"
            f" address: fe80::1 for client on link address: 2001:db8:5000::1, hop count: 1, identified by"
            f" interface-id: {circuit}"
        )
    else:
        client = (
            f"hardware address: hwtype=1 {told.mac}, client-id: 01:{told.mac} connected via relay at address:"
            f" 198.18.16.1, identified by circuit-id: {circuit} ({told.circuit})"
        )
    return f"{clock} JST {'Prefix' if is_prefix else 'Address'}: {address} {verb} a device with {client}\n"


def lease_file(journal: Sequence[Told]) -> str:
    """dhcpd.leases(5). Times are UTC."""
    return "# The format of this file is documented in the dhcpd.leases(5) manual page.\n\n" + "".join(
        _lease_block(told) for told in journal
    )


def _lease_block(told: Told) -> str:
    active = told.verb in ("given", "renewed")
    ends_at = told.at if told.verb == "released" else told.until
    return (
        f"lease {told.network.partition('/')[0]} {{\n"
        f"  starts {_dhcpd_moment(told.given_at)};\n"
        f"  ends {_dhcpd_moment(ends_at)};\n"
        f"  cltt {_dhcpd_moment(told.given_at)};\n"
        f"  binding state {'active' if active else 'free'};\n"
        + ("  next binding state free;\n  rewind binding state free;\n" if active else "")
        + f"  hardware ethernet {told.mac};\n"
        + (f'  option agent.circuit-id "{told.circuit}";\n' if active else "")
        + "}\n"
    )


def _dhcpd_moment(at: int) -> str:
    return strftime("%w %Y/%m/%d %H:%M:%S", gmtime(at))


def kea_file(journal: Sequence[Told]) -> str:
    """kea-leases4.csv (memfile). A lease that was given back has the lifetime 0, and does not say when."""
    return _KEA_COLUMNS + "\n" + "".join(map(_kea_row, journal))


def _kea_row(told: Told) -> str:
    lifetime_s = 0 if told.verb == "released" else LEASE_S
    state = 2 if told.verb == "expired" else 0
    options = b"\x01" + bytes([len(told.circuit)]) + told.circuit.encode()
    context = f'{{ "ISC": {{ "relay-agent-info": "0x{options.hex().upper()}" }} }}'
    return (
        f"{told.network.partition('/')[0]},{told.mac},01:{told.mac},{lifetime_s},{told.given_at + lifetime_s},72,0,0,,"
        f"{state},{context},0\n"
    )


def rewritten(journal: Sequence[Told], at: int, write: Callable[[Sequence[Told]], str]) -> tuple[str, str, str]:
    """The journal until `at`; what its clean-up leaves, each lease that stands, once; what came afterwards."""
    before = [told for told in journal if told.at < at]
    latest = {told.network: told for told in before}
    left = [latest[network] for network in sorted(latest) if latest[network].verb in ("given", "renewed")]
    return write(before), write(left), write([told for told in journal if told.at >= at])
