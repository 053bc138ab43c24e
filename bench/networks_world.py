"""A registry's dump and routing tables, as big as the real ones and of the same make; nothing in them is real."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Iterator
from pathlib import Path
from struct import pack

# How many objects of each class RIPE's dump has, in thousandths; mntner stands for all that say nothing here.
SHARES = {"inetnum": 560, "inet6num": 150, "route": 55, "route6": 10, "role": 30, "organisation": 20, "mntner": 175}
_HEAD = "#\n# The contents of this file are generated: bench/networks_world.py\n#\n\n"
_TAIL = """admin-c:        AB{i}-RIPE
tech-c:         AB{i}-RIPE
status:         ASSIGNED PA
mnt-by:         EXAMPLE-MNT
mnt-lower:      EXAMPLE-MNT
created:        2010-02-18T14:00:02Z
last-modified:  2019-07-22T10:10:10Z
source:         RIPE # Filtered
remarks:        ****************************
remarks:        * THIS OBJECT IS MODIFIED
remarks:        * Please note that all data that is generally regarded as personal
remarks:        * data has been removed from this object.
remarks:        * To view the original object, please query the RIPE Database at:
remarks:        * http://www.example/whois
remarks:        ****************************

"""
_BODIES = {
    "inetnum": "inetnum:        {v4} - {v4_last}\nnetname:        EXAMPLE-NET-{i}\ndescr:          Customer {i}\n"
    "descr:          Some street 12, M\xfcnchen\ncountry:        {country}\n{org}{abuse}",
    "inet6num": "inet6num:       {v6}/48\nnetname:        EXAMPLE-SIX-{i}\ncountry:        {country}\n{org}",
    "route": "route:          {v4}/24\ndescr:          Example route\norigin:         AS{asn}\n",
    "route6": "route6:         {v6}/48\ndescr:          Example route\norigin:         AS{asn}\n",
    "role": "role:           Example Abuse {i}\naddress:        Some street 12\ne-mail:         noc{i}@isp.example\n"
    "nic-hdl:        AR{i}-RIPE\nabuse-mailbox:  abuse{i}@isp.example\n",
    "organisation": "organisation:   ORG-E{i}-RIPE\norg-name:       Example {i}\norg-type:       LIR\n"
    "abuse-c:        AR{i}-RIPE\n",
    "mntner": "mntner:         EXAMPLE-{i}-MNT\nupd-to:         noc@isp.example\nauth:           SSO # Filtered\n",
}


def _v4(number: int) -> str:
    return f"{number >> 24 & 255}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _objects(kind: str, count: int, handles: int) -> Iterator[str]:
    body = _BODIES[kind] + _TAIL
    start, step = (1 << 24, 256) if kind == "route" else (1 << 24, 8 * (1 + count // 40_000_000))
    for i in range(count):
        size = 5 if i % 50 == 0 else 7  # one in fifty is no prefix
        first = (start + i * step) % (1 << 32)
        handle = i * 7919 % handles
        yield body.format(
            i=i,
            v4=_v4(first),
            v4_last=_v4(first + size),
            v6=f"2001:{i >> 16 & 0xFFF | 0x1000:x}:{i & 0xFFFF:x}::",
            country=("DE", "NL", "JP", "IN", "FR")[i // 1000 % 5],
            org=f"org:            ORG-E{handle}-RIPE\n" if i % 3 == 0 else "",
            abuse=f"abuse-c:        AR{handle}-RIPE\n" if i % 11 == 0 else "",
            asn=1 + i % 60_000,
        )


def make_dump(folder: Path, objects: int) -> list[Path]:
    """One .gz file a class, in the shares of RIPE's dump; returns them with how they are to be read."""
    paths = []
    handles = max(1, objects * SHARES["organisation"] // 1000)
    for kind, share in SHARES.items():
        path = folder / f"example.db.{kind}.gz"
        with gzip.open(path, "wt", compresslevel=1, encoding="latin-1") as file:
            file.write(_HEAD)
            file.writelines(_objects(kind, objects * share // 1000, handles))
        paths.append(path)
    return paths


# Addresses all over IPv4 and, one in five, 2001::/16, as a query.
ASKED = """SELECT number, CASE WHEN number % 5 = 0 THEN (('20010000000000000000000000000000'::UUID::UHUGEINT)
        + (hash(number)::UHUGEINT << 48::UHUGEINT))::UUID
    ELSE (281470681743360::UBIGINT + hash(number) % 4294967296)::UHUGEINT::UUID END AS address,
    TIMESTAMP '2026-11-24' AS "at" FROM (SELECT unnest(range($addresses)) AS number)"""
_LENGTHS = (24,) * 12 + (22, 22, 23, 23, 20, 20, 21, 21, 19, 18, 17, 16, 16, 15, 14, 13, 12, 11, 10, 9, 8)  # as in BGP
_LENGTHS_V6 = (48,) * 8 + (32, 32, 32, 32, 44, 44, 40, 40, 36, 36, 46, 46, 47, 45, 42, 38, 34, 33, 30, 29, 28, 24, 20)


def make_table(folder: Path, prefixes: int) -> Path:
    """pfx2as, one prefix in five of IPv6, with the lengths that routing tables have."""
    path = folder / "table.pfx2as"
    seen: set[str] = set()
    step = 0
    while len(seen) < prefixes:
        mixed = step * 0x9E3779B97F4A7C15 & 0xFFFF_FFFF_FFFF_FFFF  # all over the space, and the same each time
        if step % 5:
            length = _LENGTHS[(mixed >> 17) % len(_LENGTHS)]
            seen.add(f"{_v4(mixed >> 32 >> (32 - length) << (32 - length))}\t{length}")
        else:
            length = _LENGTHS_V6[(mixed >> 17) % len(_LENGTHS_V6)]
            head = 0x2001 << 48 | (mixed >> 16) >> (64 - length) << (64 - length)
            seen.add(":".join(f"{head >> shift & 0xFFFF:x}" for shift in (48, 32, 16, 0)) + f"::\t{length}")
        step += 1
    path.write_text("".join(f"{prefix}\t{place % 60_000 + 1}\n" for place, prefix in enumerate(sorted(seen))))
    return path


def make_rib(path: Path, prefixes: int, peers: int) -> None:
    """MRT TABLE_DUMP_V2 (RFC 6396 §4.3) of IPv4 /24s, a route from each peer."""
    with bz2.open(path, "wb", compresslevel=1) as file:
        for number in range(prefixes):
            routes = b"".join(
                pack(">HIH", peer, 0, 36)
                + b"\x40\x01\x01\x00\x50\x02\x00\x0e"
                + pack(">BB3I", 2, 3, 64500 + peer, 64496, 1 + number % 60_000)
                + b"\x40\x03\x04\xc0\x00\x02\x01\xc0\x08\x04\x00\x01\x00\x02"
                for peer in range(peers)
            )
            body = pack(">IB", number, 24) + (number + (1 << 16)).to_bytes(3, "big") + pack(">H", peers) + routes
            file.write(pack(">IHHI", 0, 13, 2, len(body)) + body)
