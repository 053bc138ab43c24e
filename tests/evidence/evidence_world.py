"""What the evidence tests share: a run's clock and a small sinkhole report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Rows = list[dict[str, object]]
Read = Callable[..., Rows]

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
HEADER = (
    "timestamp,protocol,src_ip,src_port,src_asn,src_geo,src_region,src_city,src_hostname,dst_ip,dst_port,"
    "infection,family"
)
SINKHOLE = "2026-11-23-event4_sinkhole-example-asn.csv"


def sinkhole_row(
    *,
    at: str = "2026-11-23 10:00:00",
    address: str = "192.0.2.10",
    port: object = 40000,
    malware: str = "ramnit",
    protocol: str = "tcp",
) -> str:
    return f"{at},{protocol},{address},{port},64500,XX,REGION,TOWN,,198.51.100.7,80,{malware},"


def sinkhole_file(*rows: str) -> bytes:
    return ("\n".join([HEADER, *rows]) + "\n").encode()
