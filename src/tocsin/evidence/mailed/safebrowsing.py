"""Google's Safe Browsing alerts to networks: XML in a mail, a day without an hour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from tocsin.evidence.mailed.mail import ReportMail, opening_sender
from tocsin.evidence.mailed.told import Refused, Told, is_address, mail_reader
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.texts import Head
from tocsin.terms.roles import Role

# No XML parser: three attributes of flat elements, in a text that a stranger may have written.
_DAY = re.compile(r'<notification_message\b[^>]{0,200}\bdate="(\d{4}-\d\d-\d\d)"')
_LIST = re.compile(r'<list type="(\d)">|<url_info\s+url="([^"]{1,2000})"(?:\s+ip="([^"]{1,45})")?')
_IN_URL = re.compile(r"^https?://\[?([0-9A-Fa-f.:]+?)\]?(?::\d{1,5})?(?:/|$)")
_WHAT_BY_TYPE = {
    "0": IncidentType("malware-distribution", Role.INFRASTRUCTURE),
    "1": IncidentType("phishing", Role.INFRASTRUCTURE),
}


def recognise_safebrowsing(head: Head) -> str | None:
    return "" if opening_sender(head) == "google.com" and b"<notification_message" in head.start else None


def _tell(mail: ReportMail) -> Iterator[Told | Refused]:
    text = mail.text()
    day = _DAY.search(text)
    what = IncidentType("undetermined")
    for kind, quoted, named in _LIST.findall(text):
        if kind:
            what = _WHAT_BY_TYPE.get(kind, IncidentType("undetermined"))
            continue
        url = unescape(quoted)
        host = _IN_URL.match(url)
        address = named or (host[1] if host else "")
        if not is_address(address) or day is None:
            yield Refused("no address, or no day", quoted)
            continue
        texts = {"address": address, **dict.fromkeys(("moment", "starts"), f"{day[1]}T00:00:00Z")}
        yield Told(what=what, texts=texts | {"ends": f"{day[1]}T23:59:59Z"}, extra={"url": url}, at=quoted)


read_safebrowsing = mail_reader("safebrowsing", _tell)
