"""XARF's categories and types: what each says about its source address. Names of version 4.2 and of version 3."""

from __future__ import annotations

import msgspec

from tocsin.terms.roles import Role


class IncidentType(msgspec.Struct, frozen=True):
    """`proof` as in texts.py. `is_a_service`: the source's port is the one that a service there listens on."""

    kind: str  # RSIT
    role: Role = Role.LEAD
    proof: str = ""
    is_a_service: bool = False
    is_of_the_attacked: bool = False  # where nobody is named as the source, it is about the destination


UNKNOWN_TYPE = IncidentType("undetermined")

_INFECTED = IncidentType("infected-system", Role.INFECTED, "not-bare")
_BRUTE_FORCE = IncidentType("brute-force", Role.ATTACKER, "tcp")
_EXPLOIT = IncidentType("exploit", Role.ATTACKER, "tcp")
_SCAN = IncidentType("scanner", Role.ATTACKER, "talk")  # a SYN alone can be sent in anybody's name
_SPAM = IncidentType("spam", Role.ATTACKER, "tcp")
_DDOS = IncidentType("ddos")  # in a reflected one the "source" is the victim's neighbour in misfortune
_COPYRIGHT = IncidentType("copyright")
_ABUSE_OF_CHILDREN = IncidentType("violence")
_PHISHING = IncidentType("phishing", Role.INFRASTRUCTURE)
_MALWARE = IncidentType("malware-distribution", Role.INFRASTRUCTURE)
_OPEN = IncidentType("potentially-unwanted-accessible", Role.EXPOSED, is_a_service=True)
_VULNERABLE = IncidentType("vulnerable-system", Role.EXPOSED, is_a_service=True)

TYPE_BY_NAME: dict[str, IncidentType] = {
    "connection/ddos": _DDOS,
    "connection/infected_host": IncidentType("other"),  # despite its name, of bots that crawl
    "connection/login_attack": _BRUTE_FORCE,
    "connection/port_scan": _SCAN,
    "connection/reconnaissance": _SCAN,
    "connection/scraping": IncidentType("other"),
    "connection/sql_injection": _EXPLOIT,
    "connection/vulnerability_scan": _SCAN,
    "content/brand_infringement": IncidentType("masquerade", Role.INFRASTRUCTURE),
    "content/csam": _ABUSE_OF_CHILDREN,
    "content/csem": _ABUSE_OF_CHILDREN,
    "content/exposed_data": IncidentType("data-leak", is_a_service=True),
    "content/fraud": IncidentType("masquerade", Role.INFRASTRUCTURE),
    "content/malware": _MALWARE,
    "content/phishing": _PHISHING,
    "content/remote_compromise": IncidentType("application-compromise"),
    "content/suspicious_registration": IncidentType("other"),
    "copyright/copyright": _COPYRIGHT,
    "copyright/cyberlocker": _COPYRIGHT,
    "copyright/link_site": _COPYRIGHT,
    "copyright/p2p": _COPYRIGHT,
    "copyright/ugc_platform": _COPYRIGHT,
    "copyright/usenet": _COPYRIGHT,
    "infrastructure/botnet": _INFECTED,
    "infrastructure/compromised_server": IncidentType("system-compromise", Role.INFECTED, "not-bare", True),
    "messaging/bulk_messaging": IncidentType("spam"),
    "messaging/spam": _SPAM,
    "reputation/blocklist": IncidentType("other"),
    "reputation/threat_intelligence": IncidentType("other"),
    "vulnerability/cve": _VULNERABLE,
    "vulnerability/misconfiguration": _VULNERABLE,
    "vulnerability/open_service": _OPEN,
}

# Version 3: `ReportType`, or `ReportType/ReportSubType`, in lower case.
TYPE_BY_OLD_NAME: dict[str, IncidentType] = {
    "botnet": _INFECTED,
    "childabuse": _ABUSE_OF_CHILDREN,
    "copyright": _COPYRIGHT,
    "ddos": _DDOS,
    "dos": _DDOS,
    "exploit": _EXPLOIT,
    "harassment": IncidentType("harmful-speech"),
    "loginattack": _BRUTE_FORCE,
    "malware": _MALWARE,
    "malware/rpz-rewrite": IncidentType("infected-system"),  # a name was asked for: a browser does that too
    "openservice": _OPEN,
    "phishing": _PHISHING,
    "portscan": _SCAN,
    "potentiallycompromisedaccount": IncidentType("unprivileged-account-compromise", is_of_the_attacked=True),
    "spam": _SPAM,
    "trademark": _COPYRIGHT,
    "webcrawler": IncidentType("other"),
}
