"""Which column of a Shadowserver report holds which term. A layout is what the reports of a family have in common."""

from __future__ import annotations

import msgspec

_Columns = tuple[str, ...]


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """For each term the columns that may hold it: the first that the header has. `malware`: the first that says it.

    A file without `needs` is not one of these reports; `common` are the columns that all of them may have.
    """

    address: _Columns
    port: _Columns = ()
    protocol: _Columns = ("protocol",)
    peer: _Columns = ()
    peer_port: _Columns = ()
    malware: _Columns = ()
    needs: frozenset[str]
    common: frozenset[str] = frozenset()

    def columns_by_term(self) -> dict[str, _Columns]:
        """The terms of texts.py, but the malware's name."""
        return {
            "moment": ("timestamp",),
            "starts": ("start_time",),
            "ends": ("end_time",),
            "address": self.address,
            "port": self.port,
            "protocol": self.protocol,
            "peer": self.peer,
            "peer_port": self.peer_port,
            "source_ref": ("event_id",),
            "observer": ("public_source",),
        }


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EVENT_COLUMNS = _names(
    "timestamp protocol src_ip src_port src_asn src_geo src_region src_city src_hostname src_naics src_sector"
    " device_vendor device_type device_model severity dst_ip dst_port dst_asn dst_geo dst_region dst_city dst_hostname"
    " dst_naics dst_sector public_source infection family tag application version event_id ssl_cipher ssl_servername"
)
_SCAN_COLUMNS = _names(
    "timestamp severity ip protocol port hostname hostname_source tag asn geo region city naics sic sector"
    " device_vendor device_type device_model"
)
_NAMED = ("infection", "family", "tag")

# A scan, or a list of addresses: one address, and what was found there.
SCAN = Layout(address=("ip",), port=("port",), malware=("family",), needs=_names("timestamp ip"), common=_SCAN_COLUMNS)
# Something that came from one address to another.
EVENT = Layout(
    address=("src_ip",),
    port=("src_port",),
    peer=("dst_ip",),
    peer_port=("dst_port",),
    malware=_NAMED,
    needs=_names("timestamp src_ip"),
    common=_EVENT_COLUMNS,
)
# The same, where it is the other end that the report is about.
TARGET = Layout(
    address=("dst_ip",),
    port=("dst_port",),
    peer=("src_ip",),
    peer_port=("src_port",),
    malware=_NAMED,
    needs=_names("timestamp src_ip dst_ip"),
)
# The web page that sent somebody to a sinkhole.
REFERER = Layout(
    address=("http_referer_ip",),
    peer=("dst_ip",),
    peer_port=("dst_port",),
    malware=_NAMED,
    needs=_names("timestamp http_referer_ip"),
)
# Of persons, companies and programs; no address.
NOBODY = Layout(address=(), malware=("infection", "family", "ransomware"), needs=_names("timestamp"))
# A type that nobody has told us of.
ANY = Layout(
    address=("src_ip", "ip", "http_referer_ip"),
    port=("src_port", "port"),
    peer=("dst_ip",),
    peer_port=("dst_port",),
    malware=("infection",),
    needs=_names("timestamp"),
)
# Until 2021 each report had names of its own for the same.
LEGACY = Layout(
    address=("src_ip", "ip"),
    port=("src_port", "port"),
    peer=("dst_ip", "dest_ip"),
    peer_port=("dst_port", "dest_port"),
    malware=("infection",),
    needs=_names("timestamp"),
)
DRONE = Layout(
    address=("ip", "src_ip"),
    port=("port", "src_port"),
    protocol=("type", "protocol"),
    peer=("cc", "cc_ip", "dst_ip"),
    peer_port=("cc_port", "dst_port"),
    malware=("infection",),
    needs=_names("timestamp infection"),
)
HTTP_DRONE = Layout(
    address=("ip", "src_ip"),
    port=("src_port",),
    peer=("dst_ip",),
    peer_port=("dst_port",),
    malware=("type", "infection"),
    needs=_names("timestamp"),
)
