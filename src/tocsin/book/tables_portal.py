"""Tables of the portal and the phone: what people said of a notice, fakes that were reported."""

from __future__ import annotations
