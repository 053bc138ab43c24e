"""The part of a report that a person reads."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.notices.reports.group import Group, Offence, Reporter
from tocsin.notices.reports.words import kind_words
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment

LINE_CHARS_MAX = 400
_TLP_WORDS = {
    "CLEAR": "you may pass this on to anybody",
    "GREEN": "you may pass this on within your community, and not in public",
    "AMBER": "for your organisation and those of its clients who need to know",
    "AMBER+STRICT": "for your organisation alone",
    "RED": "for your eyes only",
}


def report_text(group: Group, number: str, reporter: Reporter, machine_part: str) -> str:
    """Lines end in LF. Log lines are indented, so that none can pass for a line of ours."""
    return "\n".join(
        (
            "Hello,",
            "",
            *_opening(group),
            "",
            *(line for offence in group.offences for line in (*_offence(offence), "")),
            *_closing(group),
            *([f"The same is attached as {machine_part}."] if machine_part else []),
            "",
            f"Please keep [{number}] in the subject when you reply: it is how we find this report.",
            "If the address was not yours at that time, tell us and we will correct our tables.",
            "",
            reporter.name,
            reporter.mail,
            "",
        )
    )


def _closing(group: Group) -> list[str]:
    if group.passed_on:
        return ["All times are UTC. Who told us is named only by consent; ask, and we ask them."]
    return [
        "All times are UTC. Query strings, user names and mail addresses have been taken out of the lines,",
        "because people type passwords there.",
    ]


def _opening(group: Group) -> list[str]:
    addresses = {offence.address for offence in group.offences}
    many = f"{len(addresses)} addresses" if len(addresses) > 1 else "an address"
    where = f" (AS{group.contact.origin})" if group.contact.origin else ""
    lines = (
        [f"we were told of {many} of your network{where} that made trouble, or is open to it. What was seen is below."]
        if group.passed_on
        else [f"a server of ours was attacked from {many} of your network{where}. Log lines are below."]
    )
    if group.passed_on:
        lines.append(f"TLP:{group.tlp}: {_TLP_WORDS[group.tlp]} (TLP 2.0, first.org/tlp).")
    if group.contact.prefixes:
        lines.append(f"You are named as the abuse contact of {', '.join(group.contact.prefixes[:5])}.")
    return lines


def _offence(offence: Offence) -> list[str]:
    port = f" port {offence.port}" if offence.port else ""
    times = f"{offence.lines} time{'s' if offence.lines != 1 else ''}"
    span = format_moment(offence.first_at)
    if offence.last_at != offence.first_at:
        span += f" to {format_moment(offence.last_at)}"
    about = ", ".join(text for text in (offence.malware, offence.application) if text)
    lines = [
        f"{format_address(offence.address)}{port}: {kind_words(offence.kind)}{f' ({about})' if about else ''}",
        f"  {span}, {times}",
        f"  seen: {', '.join(offence.rules)}" if offence.rules else "",
        f"  seen by: {_on_one_line(', '.join(offence.seen_by))}" if offence.seen_by else "",
        f"  known as: {', '.join(offence.cves)}" if offence.cves else "",
        ""
        if offence.handshake
        else "  no connection was completed: the address may be forged, so this proves nothing by itself",
    ]
    return [line for line in lines if line] + _indented(offence.samples)


def _indented(samples: Sequence[str]) -> list[str]:
    return [f"    {_on_one_line(line[:LINE_CHARS_MAX])}" for line in samples]


def _on_one_line(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
