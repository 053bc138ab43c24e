"""Reports in prose that a program wrote, each with a form of its own: clean-mx, Webiron, C-SIRT, Project Honey Pot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.evidence.mailed.mail import ReportMail, opening_headers, opening_sender
from tocsin.evidence.mailed.moments import MONTHS, iso_moment
from tocsin.evidence.mailed.told import Refused, Told, is_address, mail_reader
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.texts import Head
from tocsin.terms.roles import Role

_MALWARE = IncidentType("malware-distribution", Role.INFRASTRUCTURE)
_PHISHING = IncidentType("phishing", Role.INFRASTRUCTURE)
_ATTACK = IncidentType("exploit", Role.ATTACKER, "tcp")
_URL_CHARS_MAX = 1000

# --- clean-mx: a table between rules. Its clock is Germany's, by the names of its own subject line.
_CLEANMX_SUBJECT = re.compile(r"\[clean-mx-(\w+)-(\d+)\]")
_CLEANMX_ZONES = {"CET": "+01:00", "CEST": "+02:00"}


def recognise_cleanmx(head: Head) -> str | None:
    is_theirs = opening_sender(head) == "clean-mx.de"
    return "" if is_theirs and _CLEANMX_SUBJECT.search(opening_headers(head).get("subject", "")) else None


def _tell_cleanmx(mail: ReportMail) -> Iterator[Told | Refused]:
    subject = _CLEANMX_SUBJECT.search(mail.header("subject"))
    what = _PHISHING if subject and subject[1].startswith(("phish", "portals")) else _MALWARE
    for line in mail.text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) < 7 or not re.match(r"\d{4}-\d\d-\d\d ", cells[1]):
            continue
        day, _, zone = cells[1].rpartition(" ")
        address = next((cell for cell in cells[3:] if is_address(cell)), "")
        moment = iso_moment(day, _CLEANMX_ZONES.get(zone, ""))
        if not address or not moment:
            yield Refused("a row without an address, or without a moment in CET or CEST", line)
            continue
        url = next((cell for cell in reversed(cells) if "://" in cell), "")
        texts = {"address": address, "moment": moment, "source_ref": cells[2]}
        extra = {"url": url[:_URL_CHARS_MAX], "found": "" if cells[3] == address else cells[3]}
        yield Told(what=what, texts=texts, extra=extra, at=line)


# --- Webiron: one address, then a block of `- Name: value` lines for each thing that it did.
_WEBIRON_ADDRESS = re.compile(r"Offending(?:/Source)? IP:\s+(\S{3,45})")
_WEBIRON_FIELD = re.compile(r"^\s*- ([A-Za-z][A-Za-z /-]{1,40}):\s*(.*)$")


def recognise_webiron(head: Head) -> str | None:
    domain = opening_sender(head)
    return "" if domain == "webiron.com" or domain.endswith(".webiron.com") else None


def _tell_webiron(mail: ReportMail) -> Iterator[Told | Refused]:
    address, block = "", dict[str, str]()
    for line in [*mail.text().splitlines(), "- Issue: "]:
        named = _WEBIRON_ADDRESS.search(line)
        if named:
            address = named[1]
        field = _WEBIRON_FIELD.match(line)
        if field is None:
            continue
        if field[1] == "Issue" and block:
            yield _of_webiron(address, block)
            block = {}
        block[field[1]] = field[2].strip()


def _of_webiron(address: str, block: dict[str, str]) -> Told | Refused:
    moment = iso_moment(block.get("Time", ""))
    if not is_address(address) or not moment:
        return Refused("a block without an address or a moment", block.get("Time", "") or address)
    texts = {
        "address": address,
        "moment": moment,
        "protocol": "tcp",
        "application": block.get("Service", "http"),
        "peer_port": block.get("Port", ""),
        "source_ref": block.get("Report ID", ""),
    }
    extra = {
        "issue": block.get("Issue", ""),
        "url": block.get("Targeted URL", ""),
        "agent": block.get("User-Agent", ""),
    }
    return Told(what=_ATTACK, texts=texts, extra=extra, at=block.get("Time", ""))


# --- C-SIRT (cyscon): `Name: value` lines between two comment lines.
_CYSCON_LOGS = re.compile(r"# begin logs(.{1,20000}?)# end logs", re.DOTALL)


def recognise_cyscon(head: Head) -> str | None:
    return "" if opening_sender(head) in {"cyscon.de", "c-sirt.org"} and b"# begin logs" in head.start else None


def _tell_cyscon(mail: ReportMail) -> Iterator[Told | Refused]:
    for logs in _CYSCON_LOGS.findall(mail.text()):
        fields = {
            name.lower(): value.strip() for name, value in re.findall(r"(?m)^(IP|URL|Tested on|Result):(.*)$", logs)
        }
        address, moment = fields.get("ip", ""), iso_moment(fields.get("tested on", ""))
        if not is_address(address) or not moment:
            yield Refused("a log without an address or a moment", fields.get("tested on", "") or address)
            continue
        what = _PHISHING if "PHISH" in fields.get("result", "").upper() else _MALWARE
        extra = {"url": fields.get("url", "")[:_URL_CHARS_MAX], "result": fields.get("result", "")}
        yield Told(what=what, texts={"address": address, "moment": moment}, extra=extra, at=fields["tested on"])


# --- Project Honey Pot: addresses under headings; only who pays is told when.
_HONEYPOT_WHAT = {
    "Harvesting": IncidentType("scanner", Role.ATTACKER, "tcp"),  # of addresses, over HTTP
    "Email Spamming": IncidentType("spam", Role.ATTACKER, "tcp"),
    "Dictionary Attacks": IncidentType("spam", Role.ATTACKER, "tcp"),  # guesses recipients, not passwords
    "Comment Spamming": IncidentType("spam", Role.ATTACKER, "tcp"),
}
_HONEYPOT_HEADING = re.compile(r"^(?:IPs Engaged In )?(.+?) (?:IPs )?On Your Network:")
_HONEYPOT_ADDRESS = re.compile(r"^([0-9A-Fa-f.:]{3,45})(?: \([A-Z]\))?\s*$")
_HONEYPOT_TIME = re.compile(r"^\s+- [A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d)([AP])M P[DS]T")


def recognise_projecthoneypot(head: Head) -> str | None:
    return "" if opening_sender(head) == "projecthoneypot.org" else None


def _tell_projecthoneypot(mail: ReportMail) -> Iterator[Told | Refused]:
    what, address, told = IncidentType("undetermined"), "", True
    for line in mail.text().splitlines():
        heading, named, time = (
            pattern.match(line) for pattern in (_HONEYPOT_HEADING, _HONEYPOT_ADDRESS, _HONEYPOT_TIME)
        )
        if (heading or named) and not told:
            yield Refused("no moment: only the report's days are named", address)
            told = True
        if heading:
            what, address = _HONEYPOT_WHAT.get(heading[1], IncidentType("undetermined")), ""
        elif named and is_address(named[1]):
            address, told = named[1], False
        elif time and address:
            told = True
            yield Told(
                what=what,
                texts={"address": address, "protocol": "tcp", "application": "http", **_hour(time)},
                at=line.strip(),
            )


def _hour(found: re.Match[str]) -> dict[str, str]:
    """`11:00AM PDT` is a rounded hour: it was seen somewhen in the hour that begins then."""
    day, month, year, hour, minute, half = found.groups()
    if month not in MONTHS:
        return {"moment": found[0]}
    zone = "-07:00" if "PDT" in found[0] else "-08:00"
    clock = int(hour) % 12 + (12 if half == "P" else 0)
    start = f"{year}-{MONTHS.index(month) + 1:02}-{int(day):02}T{clock:02}:{minute}:00{zone}"
    last = f"{start[:14]}59:59{zone}" if minute == "00" else start
    return {"moment": start, "starts": start, "ends": last}


read_cleanmx = mail_reader("cleanmx", _tell_cleanmx)
read_webiron = mail_reader("webiron", _tell_webiron)
read_cyscon = mail_reader("cyscon", _tell_cyscon)
read_projecthoneypot = mail_reader("projecthoneypot", _tell_projecthoneypot)
