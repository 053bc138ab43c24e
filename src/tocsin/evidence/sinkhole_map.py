"""A sinkhole's map: how each bot speaks, so that a touch of the sinkhole can be told from a call of the bot."""

from __future__ import annotations

import msgspec

from tocsin.terms.errors import BadConfig

RULES_MAX = 500
PATTERN_CHARS_MAX = 500

_PATTERNS = ("host", "method", "path", "user_agent", "referer", "payload")
_SPEECH = ("path", "user_agent", "payload", "payload_hex")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a bot's call looks like: every condition that is named must hold. Patterns are RE2, and match anywhere."""

    malware: str
    host: str = ""
    method: str = ""
    path: str = ""
    user_agent: str = ""
    referer: str = ""
    payload: str = ""
    payload_hex: str = ""  # how the payload begins
    port: int = 0  # the sinkhole's own; 0: any

    def __post_init__(self) -> None:
        where = f"sinkhole_map, {self.malware!r:.60}"
        if not self.malware.strip():
            raise BadConfig("a rule without a malware's name", where="sinkhole_map")
        if not any(getattr(self, name) for name in _SPEECH):
            raise BadConfig(
                "a rule needs the bot's speech: a name or a port alone is touched by scanners too",
                where=where,
                remedy=f"add one of {', '.join(_SPEECH)}",
            )
        for name in _PATTERNS:
            if len(getattr(self, name)) > PATTERN_CHARS_MAX:
                raise BadConfig(f"{name} is longer than {PATTERN_CHARS_MAX} characters", where=where)
        if len(self.payload_hex) % 2 or set(self.payload_hex.lower()) - set("0123456789abcdef"):
            raise BadConfig(f"not bytes in hexadecimal: {self.payload_hex!r:.60}", where=where)
        if not 0 <= self.port <= 65535:
            raise BadConfig(f"not a port: {self.port}", where=where)

    def patterns(self) -> dict[str, str]:
        """The patterns that are named, by what they must match."""
        return {name: getattr(self, name) for name in _PATTERNS if getattr(self, name)}

    def names_speech(self) -> bool:
        """Whether the rule asks for more than a request that anybody's browser may send."""
        return bool(self.user_agent or self.payload or self.payload_hex)


class SinkholeMap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of rules; the first one that holds names the malware."""

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if len(self.rules) > RULES_MAX:
            raise BadConfig(f"{len(self.rules)} rules, at most {RULES_MAX} are read", where="sinkhole_map")
