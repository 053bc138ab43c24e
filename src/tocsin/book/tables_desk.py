"""Tables of the desk: notes, saved views, jobs, uploads."""

from __future__ import annotations
