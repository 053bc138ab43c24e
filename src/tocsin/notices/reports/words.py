"""What the kinds of offence are called in a report, and what XARF calls them."""

from __future__ import annotations

KIND_WORDS = {
    "brute-force": "password guessing",
    "scanner": "probing for weaknesses",
    "exploit": "attempts to exploit weaknesses",
    "spam": "spam, or attempts to send it",
    "dos": "a flood of requests",
    "ddos": "a flood of packets",
    "unauthorized-use-of-resources": "attempts to make calls at our cost",
    "infected-system": "an infected machine",
    "vulnerable-system": "a machine with a known weakness",
    "potentially-unwanted-accessible": "a service that is open to everybody",
    "ddos-amplifier": "a service that attacks can be amplified with",
    "phishing": "a page that steals passwords",
    "malware-distribution": "malware for others to load",
    "c2-server": "a server that steers infected machines",
    "system-compromise": "a machine that strangers have taken over",
}


def kind_words(kind: str) -> str:
    return KIND_WORDS.get(kind, kind.replace("-", " "))
