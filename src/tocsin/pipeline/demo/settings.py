"""The demo provider's configuration file. Everything that a change of the configuration touches stands here."""

from __future__ import annotations

from tocsin.pipeline.demo.plant import INTERIM_S, LOG_PREFIXES, OWN_PREFIXES
from tocsin.pipeline.demo.radius import ZONE
from tocsin.pipeline.demo.truth import SOURCE

SOURCE_ACCURACY_S = 5
LOG_ACCURACY_S = 2
GAP_S_MAX = 1_500  # the quietest hour of the smallest demo is busier; the demo's hole is three times as long


def config_text(*, notices_max: int = 10_000, share_max: float = 1.0) -> str:
    """`tocsin.toml`; paths are relative to its folder. The brakes are wide: this provider's customers are very ill."""
    logs = "".join(_radius_log(name) for name in INTERIM_S)
    return f"""# A provider that does not exist. Written by the demo; change it and run again.
data = "data"

[issuer]
name = "Demo Net"
domain = "demo.example"
mail_from = "abuse@demo.example"
phone_hint = "the number on your bill"
zone = "{ZONE}"
selector = "tocsin"

[provider]
prefixes = {_list(OWN_PREFIXES)}
lines_share_accounts = false

[[sources]]
name = "{SOURCE}"
title = "Example National CERT"
trust = "known"
paths = ["feeds/*.csv"]
accuracy_s = {SOURCE_ACCURACY_S}

{logs}[[logs]]
name = "static"
reader = "static"
paths = ["static.csv"]
prefixes = {_list(LOG_PREFIXES["static"])}

[subscribers]
paths = ["subscribers.csv"]

[networks]
paths = ["prefixes.csv"]

[notices]
send = true
notice_age_max_days = 7
notices_max = {notices_max}
share_max = {share_max}
"""


def _radius_log(name: str) -> str:
    return f"""[[logs]]
name = "{name}"
reader = "freeradius"
paths = ["radius/{name}/detail-*"]
prefixes = {_list(LOG_PREFIXES[name])}
interim_s = {INTERIM_S[name]}
gap_s_max = {GAP_S_MAX}
accuracy_s = {LOG_ACCURACY_S}
zone = "{ZONE}"

"""


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"
