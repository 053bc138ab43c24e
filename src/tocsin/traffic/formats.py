"""Every format of flows and what stands beside them: a file, and a line here."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tocsin.evidence.texts import Head
from tocsin.terms.errors import BadRequest
from tocsin.traffic.readers.leases import read_leases, recognise_leases
from tocsin.traffic.readers.nfdump import read_nfdump, recognise_nfdump
from tocsin.traffic.readers.parquet import read_parquet, recognise_parquet
from tocsin.traffic.readers.pcap import read_pcap, recognise_pcap
from tocsin.traffic.readers.pihole import read_pihole, recognise_pihole
from tocsin.traffic.readers.querylog import read_querylog, recognise_querylog
from tocsin.traffic.readers.separated import read_argus, recognise_argus
from tocsin.traffic.readers.suricata import read_suricata, recognise_suricata
from tocsin.traffic.readers.zeek import read_zeek, recognise_zeek
from tocsin.traffic.reading import Reading


class Format(msgspec.Struct, frozen=True):
    """`recognise` says which variant the content is, or None; `read` reads it."""

    name: str
    title: str
    recognise: Callable[[Head], str | None]
    read: Callable[[Reading], None]


# In the order in which they are tried.
FORMATS: tuple[Format, ...] = (
    Format("zeek", "Zeek logs (TSV or JSON)", recognise_zeek, read_zeek),
    Format("argus", "Argus flows (ra's table)", recognise_argus, read_argus),
    Format("nfdump", "NetFlow and IPFIX (nfdump's files, CSV, JSON, printed lines)", recognise_nfdump, read_nfdump),
    Format("suricata", "Suricata's eve.json", recognise_suricata, read_suricata),
    Format("leases", "Who is there: dnsmasq leases, ip neigh, arp", recognise_leases, read_leases),
    Format(
        "querylog",
        "Query logs of dnsmasq, Pi-hole, unbound and BIND",
        recognise_querylog,
        read_querylog,
    ),
    Format("pihole", "Pi-hole's database (pihole-FTL.db)", recognise_pihole, read_pihole),
    Format("pcap", "Captures (pcap, pcapng)", recognise_pcap, read_pcap),
    Format("parquet", "Our own columns as Parquet", recognise_parquet, read_parquet),
)


def choose(head: Head, asked: str | None = None) -> tuple[Format, str] | None:
    """The format that knows the content, and the variant; None where none does. Raises BadRequest if unknown."""
    known = {this.name: this for this in FORMATS}
    if asked is not None and asked not in known:
        raise BadRequest(f"there is no format {asked!r}", where=head.name, remedy=f"known are {', '.join(known)}")
    for this in FORMATS if asked is None else (known[asked],):
        variant = this.recognise(head)
        if variant is not None:
            return this, variant
    return None
