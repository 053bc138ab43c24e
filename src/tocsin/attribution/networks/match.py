"""The longest match, by columns: in each family one equi-join for each prefix length that occurs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from tocsin.engine import Engine

_V4 = 0xFFFF << 32
_IS_V4 = f"BETWEEN '{UUID(int=_V4)}'::UUID AND '{UUID(int=_V4 + (1 << 32) - 1)}'::UUID"


class Lengths(msgspec.Struct, frozen=True):
    """The prefix lengths that occur, out of 128, of IPv4 (which lives in ::ffff:0:0/96) and of IPv6."""

    v4: tuple[int, ...] = ()
    v6: tuple[int, ...] = ()

    @property
    def all(self) -> tuple[int, ...]:
        return tuple({*self.v4, *self.v6})


def lengths_of(engine: Engine, table: str) -> Lengths:
    """Those of the table's networks, the longest first."""
    rows = engine.rows(f"SELECT DISTINCT network {_IS_V4} AS is_v4, prefix_bits FROM {table} ORDER BY prefix_bits DESC")
    v4, v6 = (tuple(int(str(bits)) for is_v4, bits in rows if is_v4 is wanted) for wanted in (True, False))
    return Lengths(v4, v6)


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of `asked` (SQL) and, of the longest prefix of `table` around its `address`, the `columns`.

    `table` has network and prefix_bits, one row a prefix. `only` are conditions on asked row `a` and prefix `p` that
    must hold besides. An address that is NULL has no prefix.
    """

    asked: str
    keys: tuple[str, ...]  # columns of `asked` that the answer keeps
    table: str
    columns: tuple[str, ...]  # of the table, as they are named in the answer
    lengths: Lengths
    only: str = ""

    def sql(self) -> str:
        """One row for each of `asked`; NULL columns where no prefix contains it."""
        # The upper half of an IPv6 address, or an IPv4 address, is a number that hashes faster than the whole.
        v4 = self._family(f"address {_IS_V4}", "address::UHUGEINT & 4294967295::UHUGEINT", self.lengths.v4, is_v4=True)
        v6 = self._family(
            f"(address IS NULL OR address NOT {_IS_V4})",
            "address::UHUGEINT >> 64::UHUGEINT",
            self.lengths.v6,
            is_v4=False,
        )
        return f"{v4} UNION ALL {v6}"

    def _family(self, condition: str, half: str, lengths: Sequence[int], *, is_v4: bool) -> str:
        keys = ", ".join(f"a.{key}" for key in self.keys)
        chosen = ", ".join(_chosen(lengths, column) for column in self.columns)
        joins = " ".join(self._join(bits, half, is_v4=is_v4) for bits in lengths)
        asked = f"SELECT *, ({half})::UBIGINT AS half FROM ({self.asked}) WHERE {condition}"
        return f"SELECT {keys}, {chosen} FROM ({asked}) a {joins}"

    def _join(self, bits: int, half: str, *, is_v4: bool) -> str:
        family = f"network {'' if is_v4 else 'NOT '}{_IS_V4}"
        only = f" AND {self.only.replace('p.', f'p{bits}.')}" if self.only else ""
        shift = 128 - bits if is_v4 else 64 - bits
        if shift < 0:
            number, asked = "network", f"network_of(a.address, {bits})"
        elif bits == 0:
            number, asked = "0", "a.half * 0"
        else:
            number, asked = f"({half.replace('address', 'network')})::UBIGINT >> {shift}", f"a.half >> {shift}"
        return (
            f"LEFT JOIN (SELECT *, {number} AS number_{bits} FROM {self.table} WHERE prefix_bits = {bits} AND {family})"
            f" p{bits} ON p{bits}.number_{bits} = {asked}{only}"
        )


def _chosen(lengths: Sequence[int], column: str) -> str:
    cases = (f"WHEN p{bits}.network IS NOT NULL THEN p{bits}.{column}" for bits in lengths)
    return f"CASE {' '.join(cases)} END AS {column}" if lengths else f"NULL AS {column}"


def masked(address: UUID, lengths: Sequence[int]) -> str:
    """The networks of these lengths that may contain the address, as an SQL list."""
    networks = {UUID(int=address.int >> (128 - bits) << (128 - bits)) for bits in lengths} or {address}
    return ", ".join(f"'{network}'::UUID" for network in sorted(networks))
