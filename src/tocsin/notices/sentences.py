"""Which sentence tells a kind of trouble, for each role. Literal tables; the steps are those of the remedies.

A kind that is not here gets its role's own sentence, so every kind reads well; a role that is not here gets no letter.
"""

from __future__ import annotations

# By (role, RSIT kind). The value names a sentence of the catalogue.
TOLD_BY_ROLE_AND_KIND: dict[tuple[str, str], str] = {
    ("infected", "application-compromise"): "infected_intruded",
    ("infected", "privileged-account-compromise"): "infected_intruded",
    ("infected", "proxy"): "infected_proxy",
    ("infected", "system-compromise"): "infected_intruded",
    ("infected", "unprivileged-account-compromise"): "infected_intruded",
    ("attacker", "brute-force"): "attacker_brute_force",
    ("attacker", "ddos"): "attacker_flood",
    ("attacker", "dos"): "attacker_flood",
    ("attacker", "exploit"): "attacker_exploit",
    ("attacker", "scanner"): "attacker_scanner",
    ("attacker", "spam"): "attacker_spam",
    ("exposed", "ddos-amplifier"): "exposed_amplifier",
    ("exposed", "information-disclosure"): "exposed_disclosure",
    ("exposed", "vulnerable-system"): "exposed_weakness",
    ("exposed", "weak-crypto"): "exposed_crypto",
}

# Said once after the first matter of this role.
WHY_BY_ROLE: dict[str, tuple[str, ...]] = {"infected": (), "attacker": ("attacker_why",), "exposed": ()}

# Each role has its own letter; of several, the first here gives the opening lines.
ROLES = tuple(WHY_BY_ROLE)
