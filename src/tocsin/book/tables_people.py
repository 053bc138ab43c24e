"""Tables of people: who may sign in, their sessions and keys."""

from __future__ import annotations
