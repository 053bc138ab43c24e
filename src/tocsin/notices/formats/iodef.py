"""IODEF version 2 (RFC 7970): one incident a report, an event for each address and kind."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from tocsin.notices.reports.group import Group, Offence, Reporter
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment

_NUMBER_BY_PROTOCOL = {"icmp": "1", "tcp": "6", "udp": "17", "sctp": "132"}
_IMPACT_BY_KIND = {  # RFC 7970 §3.12.1 SystemImpact
    "brute-force": "takeover-account",
    "infected-system": "takeover-system",
    "system-compromise": "takeover-system",
    "ddos": "availability-system",
    "dos": "availability-service",
}
_RESTRICTION_BY_TLP = {  # §3.3.1; TLP 2 has a word that it does not know
    "CLEAR": 'restriction="white"',
    "GREEN": 'restriction="green"',
    "AMBER": 'restriction="amber"',
    "AMBER+STRICT": 'restriction="ext-value" ext-restriction="amber+strict"',
    "RED": 'restriction="red"',
}


def iodef_document(group: Group, reporter: Reporter, number: str, made: str) -> str:
    """`made` is the document's own moment (RFC 3339). Every text from outside is escaped."""
    events = "".join(_event(offence) for offence in group.offences)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<IODEF-Document version="2.00" xml:lang="en" xmlns="urn:ietf:params:xml:ns:iodef-2.0">\n'
        f'  <Incident purpose="reporting" {_RESTRICTION_BY_TLP[group.tlp]}>\n'
        f"    <IncidentID name={quoteattr(reporter.domain)}>{escape(number)}</IncidentID>\n"
        f"    <GenerationTime>{made}</GenerationTime>\n"
        '    <Contact type="organization" role="creator">\n'
        f"      <ContactName>{escape(reporter.name)}</ContactName>\n"
        f"      <Email><EmailTo>{escape(reporter.mail)}</EmailTo></Email>\n"
        "    </Contact>\n"
        f"{events}"
        "  </Incident>\n"
        "</IODEF-Document>\n"
    )


def _event(offence: Offence) -> str:
    impact = _IMPACT_BY_KIND.get(offence.kind, "unknown")  # §8: an assessment names at least one
    target = (
        _system("target", offence, format_address(offence.peer_address), offence.peer_port)
        if offence.peer_address
        else ""
    )
    # In the schema's order: times, assessment, flow, additional data.
    return (
        "    <EventData>\n"
        f"      <DetectTime>{format_moment(offence.first_at)}</DetectTime>\n"
        f"      <StartTime>{format_moment(offence.first_at)}</StartTime>\n"
        f"      <EndTime>{format_moment(offence.last_at)}</EndTime>\n"
        "      <Assessment>\n"
        f'        <SystemImpact type="{impact}"/>\n'
        f'        <Confidence rating="numeric">{offence.confidence}</Confidence>\n'  # §8: the content is a number
        "      </Assessment>\n"
        "      <Flow>\n"
        f"{_system('source', offence, format_address(offence.address), offence.port)}{target}"
        "      </Flow>\n"
        f"      {_more('kind', offence.kind)}\n"
        f"      {_more('count', str(offence.lines))}\n"
        "    </EventData>\n"
    )


def _system(category: str, offence: Offence, address: str, port: int | None) -> str:
    form = "ipv6-addr" if ":" in address else "ipv4-addr"
    number = _NUMBER_BY_PROTOCOL.get(offence.protocol or "")
    service = f'          <Service ip-protocol="{number}"><Port>{port}</Port></Service>\n' if number and port else ""
    malware = f"          {_more('malware', offence.malware)}\n" if category == "source" and offence.malware else ""
    return (
        f'        <System category="{category}">\n'
        f'          <Node><Address category="{form}">{address}</Address></Node>\n'
        f"{service}{malware}"
        "        </System>\n"
    )


def _more(meaning: str, text: str) -> str:
    return f'<AdditionalData dtype="string" meaning="{meaning}">{escape(text)}</AdditionalData>'
