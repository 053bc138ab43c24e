"""The demo provider's configuration file. Everything that a change of the configuration touches stands here."""

from __future__ import annotations

from tocsin.pipeline.demo.bots import OWN_SOURCE
from tocsin.pipeline.demo.plant import INTERIM_S, LOG_PREFIXES, OWN_PREFIXES, SHARED_PREFIXES
from tocsin.pipeline.demo.radius import ZONE
from tocsin.pipeline.demo.truth import SOURCE

SOURCE_ACCURACY_S = 5
LOG_ACCURACY_S = 2
GAP_S_MAX = 1_500  # the quietest hour of the smallest demo is busier; the demo's hole is three times as long
_LEASES = f'account_from = "{{}}"\naccuracy_s = {LOG_ACCURACY_S}\nzone = "{ZONE}"\n'
_OTHER_LOGS = (  # name, reader, paths, what else is said of it
    ("fibre", "kea-legal", ("dhcp/kea-legal.txt",), _LEASES.format("circuit-id")),
    ("cable", "dhcpd", ("dhcp/dhcpd.leases*",), _LEASES.format("mac")),
    ("homes", "kea", ("dhcp/kea-leases4.csv*",), _LEASES.format("circuit-id")),
    (
        *("cgnat", "juniper", ("nat/cgnat.log",)),
        f'inside_logs = ["mobile"]\ninterim_s = 3600\ngap_s_max = {GAP_S_MAX}\naccuracy_s = {LOG_ACCURACY_S}\n',
    ),
    ("deterministic", "deterministic", ("nat/deterministic.csv",), 'inside_logs = ["homes"]\n'),
    ("static", "static", ("static.csv",), ""),
)


def config_text(*, notices_max: int = 10_000, share_max: float = 1.0) -> str:
    """`tocsin.toml`; paths are relative to its folder. The brakes are wide: this provider's customers are very ill."""
    logs = "".join(_radius_log(name) for name in INTERIM_S) + "".join(
        _log(name, reader, paths, more) for name, reader, paths, more in _OTHER_LOGS
    )
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
shared_prefixes = {_list(SHARED_PREFIXES)}
lines_share_accounts = false

[[sources]]
name = "{SOURCE}"
title = "Example National CERT"
trust = "known"
paths = ["feeds/*.csv"]
accuracy_s = {SOURCE_ACCURACY_S}

[[sources]]
name = "{OWN_SOURCE}"
title = "Demo Net's own sensors"
trust = "own"
accuracy_s = {SOURCE_ACCURACY_S}

[traffic]
legal_basis = "consent in the contract, clause 12 (this provider does not exist: ask your own lawyers)"
purpose = "to find infected machines of subscribers and warn them"
retention_days = 30
source = "{OWN_SOURCE}"

{logs}[subscribers]
paths = ["subscribers.csv"]

[networks]
paths = ["prefixes.csv"]

[notices]
send = true
notice_age_max_days = 7
notices_max = {notices_max}
share_max = {share_max}

[web]
portal = "127.0.0.1:8080"
desk = "127.0.0.1:8081"

[people]
second_factor = "offered"
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


def _log(name: str, reader: str, paths: tuple[str, ...], more: str) -> str:
    return f"""[[logs]]
name = "{name}"
reader = "{reader}"
paths = {_list(paths)}
prefixes = {_list(LOG_PREFIXES[name])}
{more}
"""


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"
