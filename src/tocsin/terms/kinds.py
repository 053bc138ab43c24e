"""Kinds of trouble and their taxonomy: RSIT, the Reference Security Incident Taxonomy (ENISA/TF-CSIRT), 1003.

Spelled as RSIT spells them; the few names that IntelMQ adds are kept apart so that its events can be read and written.
"""

from __future__ import annotations

_KINDS_BY_TAXONOMY = {
    "abusive-content": ("spam", "harmful-speech", "violence"),
    "availability": ("ddos", "dos", "outage", "sabotage", "misconfiguration"),
    "fraud": ("copyright", "masquerade", "phishing", "unauthorized-use-of-resources"),
    "information-content-security": (
        "unauthorised-information-access",
        "unauthorised-information-modification",
        "data-loss",
        "data-leak",
    ),
    "information-gathering": ("scanner", "sniffing", "social-engineering"),
    "intrusion-attempts": ("brute-force", "exploit", "ids-alert"),
    "intrusions": (
        "application-compromise",
        "burglary",
        "privileged-account-compromise",
        "system-compromise",
        "unprivileged-account-compromise",
    ),
    "malicious-code": ("c2-server", "infected-system", "malware-configuration", "malware-distribution"),
    "other": ("other", "undetermined"),
    "test": ("test",),
    "vulnerable": (
        "ddos-amplifier",
        "information-disclosure",
        "potentially-unwanted-accessible",
        "vulnerable-system",
        "weak-crypto",
    ),
}
_INTELMQ_ONLY = ("blacklist", "dga-domain", "malware", "proxy", "tor")

TAXONOMY_BY_KIND: dict[str, str] = {
    kind: taxonomy for taxonomy, kinds in _KINDS_BY_TAXONOMY.items() for kind in kinds
} | dict.fromkeys(_INTELMQ_ONLY, "other")

# Names that older feeds still write.
KIND_BY_OLD_NAME: dict[str, str] = {
    "botnet drone": "infected-system",
    "infected system": "infected-system",
    "ransomware": "infected-system",
    "c&c": "c2-server",
    "c2server": "c2-server",
    "ids alert": "ids-alert",
    "leak": "data-leak",
    "vulnerable client": "vulnerable-system",
    "vulnerable service": "vulnerable-system",
    "unknown": "undetermined",
    "backdoor": "system-compromise",
    "compromised": "system-compromise",
    "unauthorized-login": "system-compromise",
    "unauthorized-command": "system-compromise",
    "defacement": "unauthorised-information-modification",
    "dropzone": "other",
}
