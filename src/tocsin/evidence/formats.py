"""Every format of evidence. A format is a file, a line here, a golden folder and a heading in docs/formats.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from tocsin.evidence.documents import DOCUMENT_LINE_BYTES_MAX
from tocsin.evidence.lines import LINE_BYTES_MAX
from tocsin.evidence.mailed.abusehub import read_abusehub, recognise_abusehub
from tocsin.evidence.mailed.arf import read_arf, recognise_arf
from tocsin.evidence.mailed.fail2ban import read_fail2ban, recognise_fail2ban
from tocsin.evidence.mailed.prose import (
    read_cleanmx,
    read_cyscon,
    read_projecthoneypot,
    read_webiron,
    recognise_cleanmx,
    recognise_cyscon,
    recognise_projecthoneypot,
    recognise_webiron,
)
from tocsin.evidence.mailed.safebrowsing import read_safebrowsing, recognise_safebrowsing
from tocsin.evidence.mailed.spamcop import read_spamcop, recognise_spamcop
from tocsin.evidence.mailed.xarf2 import (
    read_blocklistde,
    read_netcraft,
    read_xarf2,
    recognise_blocklistde,
    recognise_netcraft,
    recognise_xarf2,
)
from tocsin.evidence.readers.cap import read_cap, recognise_cap
from tocsin.evidence.readers.ctip import read_ctip, recognise_ctip
from tocsin.evidence.readers.dshield import read_dshield, recognise_dshield
from tocsin.evidence.readers.intelmq import read_intelmq, recognise_intelmq
from tocsin.evidence.readers.iodef import read_iodef, recognise_iodef
from tocsin.evidence.readers.jsonl import read_jsonl, recognise_jsonl
from tocsin.evidence.readers.mapped import read_mapped_csv, read_mapped_json
from tocsin.evidence.readers.misp import read_misp, recognise_misp
from tocsin.evidence.readers.n6 import read_n6, recognise_n6
from tocsin.evidence.readers.shadowserver import read_shadowserver, recognise_shadowserver
from tocsin.evidence.readers.sinkhole import read_sinkhole, recognise_sinkhole
from tocsin.evidence.readers.snds import read_snds
from tocsin.evidence.readers.stix import read_stix, recognise_stix
from tocsin.evidence.readers.tracker import read_tracker, recognise_tracker
from tocsin.evidence.readers.xarf import read_xarf, recognise_xarf
from tocsin.evidence.staged import Output
from tocsin.evidence.texts import Head, Reading, Texts
from tocsin.evidence.writers.intelmq import write_intelmq
from tocsin.evidence.writers.jsonl import write_jsonl
from tocsin.evidence.writers.n6 import write_n6
from tocsin.terms.errors import BadRequest


class Format(msgspec.Struct, frozen=True):
    """`recognise` says which variant it is ('' where there is but one), or None; `read` reads it.

    `write` gives staged evidence in that form, a line at a time without its line break.
    """

    name: str
    title: str
    recognise: Callable[[Head], str | None] | None = None
    read: Callable[[Reading], Texts] | None = None
    write: Callable[[Output], Iterator[bytes]] | None = None
    line_bytes_max: int = LINE_BYTES_MAX
    is_mail: bool = False  # read as one mail: bytes of no charset are let pass, its headers count


class Choice(msgspec.Struct, frozen=True):
    """A format that is read, and the variant. `is_asked`: somebody named the variant too."""

    format: Format
    read: Callable[[Reading], Texts]
    variant: str
    is_asked: bool = False

    def full_name(self) -> str:
        """What a sighting's `reader` says."""
        return f"{self.format.name}:{self.variant}" if self.variant else self.format.name


def _mail(name: str, title: str, recognise: Callable[[Head], str | None], read: Callable[[Reading], Texts]) -> Format:
    return Format(name, title, recognise, read, line_bytes_max=DOCUMENT_LINE_BYTES_MAX, is_mail=True)


# In the order in which they are tried.
FORMATS: tuple[Format, ...] = (
    Format("shadowserver", "Shadowserver report (CSV)", recognise_shadowserver, read_shadowserver),
    Format("intelmq", "IntelMQ events (JSON lines)", recognise_intelmq, read_intelmq, write_intelmq),
    Format("xarf", "XARF reports (JSON)", recognise_xarf, read_xarf, line_bytes_max=DOCUMENT_LINE_BYTES_MAX),
    Format("n6", "n6 records (JSON)", recognise_n6, read_n6, write_n6, line_bytes_max=DOCUMENT_LINE_BYTES_MAX),
    Format("sinkhole", "Sinkhole logs (JSON lines or CSV)", recognise_sinkhole, read_sinkhole),
    Format("stix", "STIX 2.1 (JSON)", recognise_stix, read_stix, line_bytes_max=DOCUMENT_LINE_BYTES_MAX),
    Format("misp", "MISP events (JSON)", recognise_misp, read_misp, line_bytes_max=DOCUMENT_LINE_BYTES_MAX),
    Format("ctip", "Microsoft CTIP (JSON)", recognise_ctip, read_ctip, line_bytes_max=DOCUMENT_LINE_BYTES_MAX),
    Format("cap", "Team Cymru CAP reports", recognise_cap, read_cap),
    Format("dshield", "DShield reports on a network", recognise_dshield, read_dshield),
    Format("snds", "Microsoft SNDS (CSV)", read=read_snds),
    Format("iodef", "IODEF documents (XML)", recognise_iodef, read_iodef, line_bytes_max=DOCUMENT_LINE_BYTES_MAX),
    _mail("abusehub", "AbuseHUB incidents (CSV, mails)", recognise_abusehub, read_abusehub),
    _mail("arf", "ARF feedback reports (mails)", recognise_arf, read_arf),
    _mail("blocklistde", "blocklist.de (X-ARF mails)", recognise_blocklistde, read_blocklistde),
    _mail("netcraft", "Netcraft takedowns (X-ARF mails)", recognise_netcraft, read_netcraft),
    _mail("cleanmx", "clean-mx lists (mails)", recognise_cleanmx, read_cleanmx),
    _mail("xarf-mail", "X-ARF 0.1 and 0.2 (mails)", recognise_xarf2, read_xarf2),
    _mail("fail2ban", "fail2ban complaints (mails)", recognise_fail2ban, read_fail2ban),
    _mail("spamcop", "SpamCop reports (mails)", recognise_spamcop, read_spamcop),
    _mail("webiron", "Webiron reports (mails)", recognise_webiron, read_webiron),
    _mail("cyscon", "C-SIRT of cyscon (mails)", recognise_cyscon, read_cyscon),
    _mail(
        "projecthoneypot", "Project Honey Pot monitor reports (mails)", recognise_projecthoneypot, read_projecthoneypot
    ),
    _mail("safebrowsing", "Google Safe Browsing alerts (mails)", recognise_safebrowsing, read_safebrowsing),
    Format("csv", "Any CSV, by a mapping", read=read_mapped_csv),
    Format("json", "Any JSON, by a mapping", read=read_mapped_json, line_bytes_max=DOCUMENT_LINE_BYTES_MAX),
    Format("tracker", "Lists of attackers' servers (CSV or JSON)", recognise_tracker, read_tracker),
    Format(
        "jsonl",
        "Tocsin sightings (JSON lines)",
        recognise_jsonl,
        read_jsonl,
        write_jsonl,
        line_bytes_max=DOCUMENT_LINE_BYTES_MAX,  # an array in one line, as programs push it
    ),
)


def recognise(head: Head, *, among: str | None = None) -> Choice | None:
    """The first format that knows the content; None when none does. `among`: only this one, where one was asked for."""
    for this in FORMATS:
        if among is not None and this.name != among.partition(":")[0]:
            continue
        variant = this.recognise(head) if this.recognise else None
        if variant is not None and this.read is not None:
            return Choice(this, this.read, variant)
    return None


def knows(head: Head, asked: str | None) -> bool:
    """Whether the reader that was asked for (else any) knows the content; one that recognises nothing takes all."""
    name = asked.partition(":")[0] if asked else None
    return any(
        this.recognise(head) is not None if this.recognise else name is not None
        for this in FORMATS
        if this.read is not None and name in (None, this.name)
    )


def choose(head: Head, asked: str | None) -> Choice:
    """What was asked for (`intelmq`, `shadowserver:scan_telnet`), else what is recognised. Raises BadRequest."""
    if asked is None:
        choice = recognise(head)
        if choice is None:
            raise BadRequest(
                f"no reader knows this content: {head.first_line()[:80]!r}",
                where=head.name,
                remedy=f"name its reader: {', '.join(readers())}",
            )
        return choice
    name, _, variant = asked.partition(":")
    for this in FORMATS:
        if this.name == name and this.read is not None:
            known = variant or (this.recognise(head) if this.recognise else None) or ""
            return Choice(this, this.read, known, is_asked=bool(variant))
    raise BadRequest(f"there is no reader {asked!r}", where=head.name, remedy=f"known are {', '.join(readers())}")


def readers() -> list[str]:
    return [this.name for this in FORMATS if this.read is not None]


def writer(name: str) -> Callable[[Output], Iterator[bytes]]:
    """The writer of that format. Raises BadRequest where there is none."""
    for this in FORMATS:
        if this.name == name and this.write is not None:
            return this.write
    raise BadRequest(f"nothing is written as {name!r}", remedy=f"known are {', '.join(writers())}")


def writers() -> list[str]:
    return [this.name for this in FORMATS if this.write is not None]
