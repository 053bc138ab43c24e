"""The longest match, by columns: one equi-join for each prefix length that occurs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

_V4 = 0xFFFF << 32
_V4_FIRST, _V4_LAST = UUID(int=_V4), UUID(int=_V4 + (1 << 32) - 1)


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of `asked` (SQL) and, of the longest prefix of `table` around its `address`, the `columns`.

    `table` has network and prefix_bits, one row a prefix; `lengths` are those that occur. `only` are conditions on
    asked row `a` and prefix `p` that must hold besides.
    """

    asked: str
    keys: tuple[str, ...]  # columns of `asked` that the answer keeps
    table: str
    columns: tuple[str, ...]  # of the table, as they are named in the answer
    lengths: tuple[int, ...]
    only: str = ""

    def sql(self) -> str:
        """One row for each of `asked`; NULL columns where no prefix contains it."""
        keys = ", ".join(f"a.{key}" for key in self.keys)
        if not self.lengths:
            nothing = ", ".join(f"NULL AS {column}" for column in self.columns)
            return f"SELECT {keys}, {nothing} FROM ({self.asked}) a"
        longest_first = sorted(self.lengths, reverse=True)
        chosen = ", ".join(_chosen(longest_first, column) for column in self.columns)
        joins = " ".join(self._join(bits) for bits in longest_first)
        return f"SELECT {keys}, {chosen} FROM ({self.asked}) a {joins}"

    def _join(self, bits: int) -> str:
        # IPv4 lives in ::ffff:0:0/96: only networks of its own family contain it.
        family = "" if bits >= 96 else f" AND a.address NOT BETWEEN '{_V4_FIRST}'::UUID AND '{_V4_LAST}'::UUID"
        only = f" AND {self.only.replace('p.', f'p{bits}.')}" if self.only else ""
        return (
            f"LEFT JOIN (SELECT * FROM {self.table} WHERE prefix_bits = {bits}) p{bits}"
            f" ON p{bits}.network = network_of(a.address, {bits}){family}{only}"
        )


def _chosen(lengths: Sequence[int], column: str) -> str:
    cases = (f"WHEN p{bits}.network IS NOT NULL THEN p{bits}.{column}" for bits in lengths)
    return f"CASE {' '.join(cases)} END AS {column}"


def masked(address: UUID, lengths: Sequence[int]) -> str:
    """The networks of these lengths that may contain the address, as an SQL list."""
    networks = {UUID(int=address.int >> (128 - bits) << (128 - bits)) for bits in lengths} or {address}
    return ", ".join(f"'{network}'::UUID" for network in sorted(networks))
