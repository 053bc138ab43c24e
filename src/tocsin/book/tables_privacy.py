"""Tables of privacy: pseudonyms of the audit, what was erased."""

from __future__ import annotations
