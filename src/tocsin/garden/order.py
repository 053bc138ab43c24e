"""What an access server is told, in a form that no make of server shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

What = Literal["enclose", "release"]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Do this to this one session. `login` is its User-Name; `address` an address, or a prefix as `2001:db8:1::/56`."""

    what: What
    quarantine: str
    nas: str
    session: str
    login: str
    address: str
    at: datetime
