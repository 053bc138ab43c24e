"""Tables of delivery: attempts, bounces, replies."""

from __future__ import annotations
