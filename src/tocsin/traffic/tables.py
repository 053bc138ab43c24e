"""The tables that every reader fills: one row a flow, a look-up, a handshake, a request, a mail, a lease.

`file` is the number of the file within one reading, `line` the physical line (of a capture: the packet) where the row
begins. A moment is when the flow began. The *caller* opened it, the *called* was spoken to.
"""

from __future__ import annotations

Columns = tuple[tuple[str, str], ...]

_PLACE: Columns = (("file", "USMALLINT"), ("line", "UBIGINT"))
_ENDS: Columns = (
    ("at", "TIMESTAMP"),
    ("caller", "UUID"),
    ("caller_port", "USMALLINT"),
    ("called", "UUID"),
    ("called_port", "USMALLINT"),
)

TABLES: dict[str, Columns] = {
    "flows": (
        *_ENDS,
        ("protocol", "VARCHAR"),
        ("service", "VARCHAR"),  # what the sensor has recognised: http, ssl, dns, ssh …
        # established | refused | unanswered | midstream (its beginning was not seen) | oneway (nothing says more)
        ("state", "VARCHAR"),
        ("duration_s", "DOUBLE"),
        ("bytes_out", "UBIGINT"),
        ("bytes_in", "UBIGINT"),
        ("packets_out", "UBIGINT"),
        ("packets_in", "UBIGINT"),
        ("caller_own", "BOOLEAN"),  # what the sensor says of it
        ("called_own", "BOOLEAN"),
        ("caller_mac", "VARCHAR"),
        *_PLACE,
    ),
    "lookups": (  # DNS questions with their answers
        ("at", "TIMESTAMP"),
        ("client", "UUID"),
        ("server", "UUID"),
        ("name", "VARCHAR"),  # lower case, without the last dot
        ("type", "VARCHAR"),
        ("rcode", "VARCHAR"),  # NOERROR, NXDOMAIN …; NULL: no answer was seen
        ("answers", "VARCHAR[]"),
        ("ttl_s", "DOUBLE"),  # the smallest
        *_PLACE,
    ),
    "handshakes": (  # TLS
        *_ENDS,
        ("name", "VARCHAR"),
        ("ja3", "VARCHAR"),
        ("ja4", "VARCHAR"),
        ("subject", "VARCHAR"),
        ("issuer", "VARCHAR"),
        *_PLACE,
    ),
    "requests": (  # HTTP; never what was asked for
        *_ENDS,
        ("host", "VARCHAR"),
        ("method", "VARCHAR"),
        ("agent", "VARCHAR"),
        ("status", "USMALLINT"),
        *_PLACE,
    ),
    "mails": (*_ENDS, ("helo", "VARCHAR"), ("recipients", "UINTEGER"), *_PLACE),  # SMTP; never who wrote to whom
    "leases": (  # DHCP and ARP: which address a network card had
        ("at", "TIMESTAMP"),
        ("address", "UUID"),
        ("mac", "VARCHAR"),
        ("name", "VARCHAR"),
        ("vendor", "VARCHAR"),
        ("told_by", "VARCHAR"),  # dhcp | arp
        *_PLACE,
    ),
}


def empty(table: str) -> str:
    """A query with the table's columns and no row."""
    return "SELECT " + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in TABLES[table]) + " WHERE false"
