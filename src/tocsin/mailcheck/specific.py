"""Findings on what a notice of an infection states and what it leaves out; what its sender can see.

That a notice is vague is no sign of fraud; genuine ones nearly always are. But its reader must ask for what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.mailcheck.catalogue import english
from tocsin.mailcheck.directory import Directory, directory
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.identity import claims, day_of, owner_of
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.links import links_of
from tocsin.mailcheck.mail import shown
from tocsin.mailcheck.parties import one_address
from tocsin.mailcheck.sender import sender_of
from tocsin.proof.organisations import Organisation, Sight

_READ_CHARACTERS_MAX = 20_000
_DOMAINS_TOLD_MAX = 5
_ADDRESS = re.compile(
    r"(?<![\w.])(?:\d{1,3}|x{1,3})(?:\.(?:\d{1,3}|x{1,3})){3}(?![\w.]\d)|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}\b", re.I
)
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:時.h]\s?\d\d(?!\d)")
_DATE = re.compile(
    r"\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}\.? ?[A-Za-zäéû\u0900-\u097f]{3,12}\.?,? \d{4}"
    r"|[A-Z][a-z]{2,9}\.? \d{1,2},? \d{4}"
)
_PORT = re.compile(
    r"(?:\bports?|ポート(?:番号)?|पोर्ट|\bpuertos?|\bportas?)[ :\uff1a#]{0,3}\d{1,5}(?!\d)|\b\d{1,5}/(?:tcp|udp)\b", re.I
)
_LINE = re.compile(
    r"(?:account|customer|broadband|subscriber|line|contract|service|user|kunden|anschluss|vertrags|buchungskonto|"
    r"お客様|契約|回線|ग्राहक|ब्रॉडबैंड|cliente|client|klant|contrato|contrat|abonn\w{1,4})[ -]{0,2}"
    r"(?:number|no\b|nr\b|id\b|nummer|番号|id|संख्या|num[eé]ro|n\u00ba)"
    r"[ .:#\uff1a]{0,4}(?=[\w·•*@-]{0,12}[\dx·•*])[\w·•*@-]{3,40}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:Dear|Hello|Hi|Sehr geehrter?|Hallo|Guten Tag|Lieber?|Beste|Geachte|"
    r"Cher|Ch\u00e8re|Bonjour|Estimad[oa]|Prezad[oa]|Ol\u00e1)"
    r" (?:(?:Mr|Mrs|Ms|Dr|Herr|Frau|Herrn|meneer|mevrouw|heer|M|Mme|Monsieur|Madame|Sr|Sra|Sr\.a)\.? )?"
    r"([A-Z\u00c0-\u00de\[x][\w\u00c0-\u017f'-]{1,30}(?: [A-Z\u00c0-\u00de][\w\u00c0-\u017f'-]{1,30})?)"
)
_NOBODY = re.compile(
    r"(?i)(?:customer|user|sir|madam|subscriber|client|member|friend|all|team|kund|nutzer|dame|herr|damen|klant|gebruiker|"
    r"cliente|usuario|usu\u00e1rio|abonn|valued|account|email|there|owner|beneficiary|relatie|"
    r"partner|colleague|everyone|abuse|[\w ]*customer)"
)
_SAMA = re.compile(r"([^\s,、。]{1,20}) ?様")
# Names of malicious programs and botnets that notices have named.
_FAMILIES = re.compile(
    r"\b(?:"
    r"zeus|zbot|mirai|conficker|qakbot|qbot|emotet|trickbot|dridex|necurs|gameover|ramnit|sality|"
    r"virut|andromeda|gamarue|avalanche|citadel|kelihos|phorpiex|flubot|xloader|hajime|gafgyt|"
    r"bashlite|mozi|vpnfilter|bigpanzi|badbox|socks5systemz|nymaim|tinba|bankpatch|torpig|dnschanger|"
    r"rovnix|ursnif|gozi|lokibot|agent ?tesla|formbook|redline|raccoon|lumma|vidar|stealc|danabot|"
    r"icedid|smokeloader|systembc|amadey|asyncrat|njrat|remcos|wannacry|stuxnet|vawtrak|njw0rm|jadtre|"
    r"nivdort|wauchos|kraken|muddywater|pushdo|cutwail|simda|tsunami|kaiten|hiddad|triada|anatsa|"
    r"teabot|sharkbot|cerberus|ghost push|rustock|bamital|zeroaccess|sinowal|palevo|shylock|beebone|"
    r"dorkbot|nanocore|quasar|matsnu|pykspa|murofet|suppobox|locky"
    r")\b",
    re.IGNORECASE,
)
_OWN_ADDRESS = re.compile(
    r"\b(?:your|ihrer?|deiner?|votre|uw|je|sua|seu|su|tu) (?:own )?ip[ -]?(?:address|adresse|adres|numm?er)\b"
    r"|\bvotre adresse ip\b|\b(?:su|tu) direcci[o\u00f3]n ip\b|\bseu endere[c\u00e7]o ip\b"
    r"|\bil (?:suo|tuo) indirizzo ip\b"
    r"|(?:お客様|あなた)のip ?アドレス|आपके आईपी|आपका आईपी",
    re.IGNORECASE,
)
_OFFICES = ("cert", "state", "tracker")
# The order in which they are told; phrases of `words/`.
_FACTS = ("fact_time", "fact_address", "fact_malware", "fact_port", "fact_seen_by", "fact_line", "fact_name")
_NEEDED = ("fact_time", "fact_address", "fact_malware", "fact_seen_by")
SIGHT_CODES: dict[Sight, str] = {
    "lines": "sees-lines", "reports": "sees-reports", "scans": "sees-scans", "accounts": "sees-accounts",
}  # fmt: skip


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.is_proved:
        return
    book = directory(seen.known.organisations)
    yield from _knows_no_line(seen, book)
    if not is_notice(seen):
        return
    stated = set(facts_of(seen, book))
    told = [english(code) for code in _FACTS if code in stated]
    needed = _NEEDED if seen.wording.has("malware") else [code for code in _NEEDED if code != "fact_malware"]
    untold = [english(code) for code in needed if code not in stated]
    if told:
        yield found("facts-told", facts=", ".join(told))
    if untold:
        yield found("facts-untold", facts=", ".join(untold))
    line = _LINE.search(seen.wording.body[:_READ_CHARACTERS_MAX])
    if line:
        yield found("line-told", line[0], line=line[0])
    yield from _derived(seen)
    yield from _sees(seen, book)
    yield from _leads(seen, book)


def is_notice(seen: Inspection) -> bool:
    """Whether it says that something of the reader's is infected, open or abused."""
    wording = seen.wording
    return wording.has("malware") or wording.has("abuse")


def facts_of(seen: Inspection, book: Directory) -> Iterator[str]:
    text = seen.wording.body[:_READ_CHARACTERS_MAX]
    if _CLOCK.search(text) and _DATE.search(text):
        yield "fact_time"
    if _ADDRESS.search(text):
        yield "fact_address"
    if _FAMILIES.search(f"{seen.wording.subject} {text}"):
        yield "fact_malware"
    if _PORT.search(text):
        yield "fact_port"
    if any(claim.organisation.kind in ("cert", "tracker", "state") for claim in book.claimed(text[:2_000])):
        yield "fact_seen_by"
    if _LINE.search(text):
        yield "fact_line"
    if name_in(text):
        yield "fact_name"


def name_in(text: str) -> str:
    """The name by which the reader is greeted."""
    match = _NAMED.search(text[:1_000]) or _SAMA.search(text[:300])
    name = match[1] if match else ""
    return "" if not name or _NOBODY.match(name) or name in ("お客", "皆", "会員", "ユーザー", "利用者") else name


def _knows_no_line(seen: Inspection, book: Directory) -> Iterator[Finding]:
    """An authority sees addresses, and only the provider sees whose they are. To those who run networks it writes about
    addresses that it names; where the sender is shown to be one, it may know from elsewhere."""
    words = f"{seen.wording.subject} {seen.wording.body[:_READ_CHARACTERS_MAX]}"
    match = _OWN_ADDRESS.search(words)
    if match is None or seen.authentic.how or _ADDRESS.search(words):
        return
    named = claims(seen.mail, book)
    whose = owner_of(sender_of(seen.mail), book, day_of(seen)) or (named[0].organisation if named else None)
    if whose is not None and whose.kind in _OFFICES and "lines" not in whose.sights:
        yield found("authority-knows-no-line", match[0], name=whose.name)


def _derived(seen: Inspection) -> Iterator[Finding]:
    """A name or a line that stands in the reader's own address shows nothing."""
    recipient = one_address(shown(seen.mail.first("to") or "")) or ""
    local = recipient.partition("@")[0]
    name = name_in(seen.wording.body).lower()
    if local and name and name.replace(" ", "").strip("[]") in local.replace(".", "").replace("_", ""):
        yield found("fact-derived", name=name)


def _sees(seen: Inspection, book: Directory) -> Iterator[Finding]:
    whose = _whose(seen, book)
    if whose is None:
        return
    sight = whose.sights[0]
    yield found(SIGHT_CODES[sight], name=whose.name)


def _whose(seen: Inspection, book: Directory) -> Organisation | None:
    own = owner_of(sender_of(seen.mail), book, day_of(seen))
    if own is not None:
        return own
    named = claims(seen.mail, book) or book.claimed(f"{seen.wording.subject} {seen.wording.body[:600]}")
    return named[0].organisation if named else None


def _leads(seen: Inspection, book: Directory) -> Iterator[Finding]:
    """Which links lead to the named sender or to an authority, and which to others, as many genuine notices' do."""
    whose = _whose(seen, book)
    domains = dict.fromkeys(link.target.domain for link in links_of(seen.mail).followed)
    official: dict[str, str] = {}
    for domain in domains if whose is not None else ():
        holder = book.holder(domain, day_of(seen))
        if holder is not None and (holder is whose or holder.kind in ("cert", "state")):
            official[domain] = holder.name
    others = [domain for domain in domains if domain not in official]
    if official:
        named = ", ".join(dict.fromkeys(official.values()))
        yield found("links-official", domains=", ".join(list(official)[:_DOMAINS_TOLD_MAX]), names=named)
    if official and others:
        yield found("links-of-others", domains=", ".join(others[:_DOMAINS_TOLD_MAX]))
