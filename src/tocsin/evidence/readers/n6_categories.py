"""n6's categories: which kind and role each is, and which of a record's ports the address has."""

from __future__ import annotations

import msgspec

from tocsin.terms.roles import Role


class Category(msgspec.Struct, frozen=True):
    """`is_server`: the address is the one that was reached, so `dport` is its port; else it reached out from `sport`.

    `names_malware`: `name` is a malware's name, not that of a service or an attack.
    """

    kind: str
    role: Role = Role.LEAD
    proof: str = ""
    is_server: bool = False
    names_malware: bool = False


CATEGORIES: dict[str, Category] = {
    "amplifier": Category("ddos-amplifier", Role.EXPOSED, is_server=True),
    "backdoor": Category("system-compromise", is_server=True, names_malware=True),
    "bots": Category("infected-system", Role.INFECTED, "not-bare", names_malware=True),
    "cnc": Category("c2-server", Role.INFRASTRUCTURE, is_server=True, names_malware=True),
    "deface": Category("unauthorised-information-modification", Role.VICTIM, is_server=True),
    "dns-query": Category("other"),
    "dos-attacker": Category("ddos"),  # its address may be forged
    "dos-victim": Category("ddos", Role.VICTIM, is_server=True),
    "exposed": Category("potentially-unwanted-accessible", Role.EXPOSED, is_server=True),
    "flow": Category("other"),
    "flow-anomaly": Category("other"),
    "fraud": Category("masquerade", is_server=True),
    "leak": Category("data-leak", is_server=True),
    "malurl": Category("malware-distribution", Role.INFRASTRUCTURE, is_server=True, names_malware=True),
    "malware-action": Category("malware-configuration", is_server=True, names_malware=True),
    "other": Category("other"),
    "phish": Category("phishing", Role.INFRASTRUCTURE, is_server=True),
    "proxy": Category("proxy", is_server=True),
    "sandbox-url": Category("malware", is_server=True, names_malware=True),  # what a sample called, good or bad
    "scam": Category("masquerade", Role.INFRASTRUCTURE, is_server=True),
    "scanning": Category("scanner", Role.ATTACKER, "talk"),
    "server-exploit": Category("exploit", Role.ATTACKER, "tcp"),
    "spam": Category("spam"),
    "spam-url": Category("spam", Role.INFRASTRUCTURE, is_server=True),
    "tor": Category("tor", is_server=True),
    "vulnerable": Category("vulnerable-system", Role.EXPOSED, is_server=True),
    "webinject": Category("malware-configuration", Role.INFRASTRUCTURE, is_server=True, names_malware=True),
}
UNKNOWN = Category("undetermined")

# Where a bot was seen so that its address may be another's: bare packets into unused space, an alert of a packet
# filter that answers nothing, and what a sample called in a laboratory.
ORIGINS_WITHOUT_PROOF = ("darknet", "ids", "waf", "av", "sandbox")

# The category that a kind is written as, where nothing says a better one.
CATEGORY_BY_KIND: dict[str, str] = {
    "brute-force": "server-exploit",
    "c2-server": "cnc",
    "data-leak": "leak",
    "ddos": "dos-attacker",
    "ddos-amplifier": "amplifier",
    "dos": "dos-attacker",
    "exploit": "server-exploit",
    "infected-system": "bots",
    "information-disclosure": "vulnerable",
    "malware-configuration": "webinject",
    "malware-distribution": "malurl",
    "masquerade": "scam",
    "phishing": "phish",
    "potentially-unwanted-accessible": "exposed",
    "proxy": "proxy",
    "scanner": "scanning",
    "spam": "spam",
    "system-compromise": "backdoor",
    "tor": "tor",
    "unauthorised-information-modification": "deface",
    "vulnerable-system": "vulnerable",
    "weak-crypto": "vulnerable",
}
CONFIDENCE_BY_WORD = {"low": "25", "medium": "50", "high": "75"}
