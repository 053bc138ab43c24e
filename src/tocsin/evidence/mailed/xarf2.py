"""X-ARF 0.1 and 0.2 (the report is a flat YAML text), and who writes it: blocklist.de, Netcraft, clean-mx, fail2ban.

Its `Port` is the attacked port, never the attacker's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from tocsin.evidence.mailed.mail import ReportMail, fields_of_text, opening_headers, opening_sender
from tocsin.evidence.mailed.moments import mail_moment
from tocsin.evidence.mailed.told import Refused, Told, is_address, mail_reader
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.texts import Head
from tocsin.terms.roles import Role

_BRACKETED = re.compile(r"\[([0-9A-Fa-f.:]{3,45})\]")
_KEPT = ("category", "report-type", "service", "user-agent", "occurrences", "occurances", "tlp", "domain")


class Word(msgspec.Struct, frozen=True):
    """What a service or report type says, and over what it came where that is certain."""

    words: frozenset[str]
    what: IncidentType
    protocol: str = ""
    application: str = ""


_BRUTE_FORCE = IncidentType("brute-force", Role.ATTACKER, "tcp")
_LOGINS = """login-attack loginattack login ssh sshd ftp ftpd imap pop pop3 sasl dovecot courier courierimap courierpop3
    mysql telnet rdp vnc bruteforcelogin bruteforce brute-force wordpress wplogin auth smtp-auth postfix-sasl proftpd
    vsftpd pureftpd webmin cpanel plesk"""
_UDP = "sip asterisk voip"  # mostly over UDP, where nobody proves his address: a lead
_MAIL = "mail postfix exim smtp spam harvesting qmail sendmail regbot comment-spam reg-bot"
_WEB = """apache http https web rfi-attack rfi lfi sql-injection sqlinjection w00tw00t exploit webattack php-url-fopen
    nginx modsecurity"""
_SCANNER = IncidentType("scanner", Role.ATTACKER, "talk")
_INFECTED = IncidentType("infected-system", Role.INFECTED, "not-bare")


def _word(words: str, what: IncidentType, protocol: str = "", application: str = "") -> Word:
    return Word(frozenset(words.split()), what, protocol, application)


_WORDS: tuple[Word, ...] = (  # the first of which one stands in Report-Type, Service or Category
    _word(_LOGINS, _BRUTE_FORCE, "tcp", "login"),
    _word(_UDP, _BRUTE_FORCE),
    _word(_MAIL, IncidentType("spam", Role.ATTACKER, "tcp"), "tcp", "smtp"),
    _word(_WEB, IncidentType("exploit", Role.ATTACKER, "tcp"), "tcp", "http"),
    _word("portscan port-scan scan scanner", _SCANNER),
    _word("ddos dos portflood apacheddos flood", IncidentType("ddos")),
    _word("malware malware-attack virus viruses", IncidentType("malware-distribution", Role.INFRASTRUCTURE)),
    _word("phishing fraud phish", IncidentType("phishing", Role.INFRASTRUCTURE)),
    _word("botnet infection drone infected", _INFECTED),
    _word("copyright trademark", IncidentType("copyright")),
)
_UNKNOWN = Word(frozenset(), IncidentType("undetermined"))


def recognise_xarf2(head: Head) -> str | None:
    """A mail that says it is X-ARF, or has a `report.txt`, with the report's own field in sight."""
    headers = opening_headers(head)
    says = any(name in headers for name in ("x-xarf", "x-arf")) or b"report.txt" in head.start
    return "" if headers and says and re.search(rb"(?m)^Report-Type:", head.start) else None


def recognise_blocklistde(head: Head) -> str | None:
    return recognise_xarf2(head) if opening_sender(head) == "blocklist.de" else None


def recognise_netcraft(head: Head) -> str | None:
    return recognise_xarf2(head) if opening_sender(head) == "netcraft.com" else None


def _fields(mail: ReportMail) -> Mapping[str, str]:
    texts = [part.text for part in mail.parts if part.name == "report.txt"] or [part.text for part in mail.parts]
    text = next((text for text in texts if re.search(r"(?m)^Report-Type:", text)), "")
    return dict(fields_of_text(text))


def _tell(mail: ReportMail) -> Iterator[Told | Refused]:
    fields = _fields(mail)
    yield from _told(mail, fields, [_source(fields)])


def _tell_netcraft(mail: ReportMail) -> Iterator[Told | Refused]:
    """The report may name a URL alone; the prose names the addresses that it was seen at, in brackets."""
    fields = _fields(mail)
    named = [found for found in _BRACKETED.findall(mail.text()) if is_address(found)]
    source = _source(fields)
    yield from _told(mail, fields, list(dict.fromkeys([source] if is_address(source) else named)) or [source])


def _told(mail: ReportMail, fields: Mapping[str, str], addresses: list[str]) -> Iterator[Told | Refused]:
    moment = mail_moment(fields.get("date", ""))
    word = _said(fields)
    for address in addresses:
        if not is_address(address):
            yield Refused("no address: a name or a URL alone is on nobody's line", address or fields.get("source", ""))
        elif not moment:
            yield Refused("no moment with a zone", fields.get("date", "") or address)
        else:
            yield Told(
                what=word.what,
                texts={
                    "address": address,
                    "moment": moment,
                    "protocol": word.protocol,
                    "application": word.application,
                    "peer_port": _port(fields),
                    "source_ref": fields.get("report-id", ""),
                },
                extra={name.replace("-", "_"): fields[name] for name in _KEPT if name in fields},
                at=f"Source: {address}" if fields.get("source") == address else address,
            )


def _source(fields: Mapping[str, str]) -> str:
    source = fields.get("source", "").strip("[]")
    return re.sub(r"^https?://\[?([0-9A-Fa-f.:]+?)\]?(?::\d+)?(?:/.*)?$", r"\1", source)


def _port(fields: Mapping[str, str]) -> str:
    port = fields.get("port") or fields.get("ports") or fields.get("download-port", "")
    return port if port.isascii() and port.isdigit() else ""


def _said(fields: Mapping[str, str]) -> Word:
    said = [fields.get(name, "").strip().lower() for name in ("report-type", "service", "category")]
    found = next((word for text in said for word in _WORDS if text in word.words), _UNKNOWN)
    is_udp = said[1] in _UDP.split()
    return msgspec.structs.replace(found, protocol="", application="") if is_udp else found


read_xarf2 = mail_reader("xarf-mail", _tell)
read_blocklistde = mail_reader("blocklistde", _tell)
read_netcraft = mail_reader("netcraft", _tell_netcraft)
