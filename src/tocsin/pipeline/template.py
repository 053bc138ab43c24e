"""The configuration that `tocsin init` writes: safe as it stands, since it sends nothing."""

from __future__ import annotations

CONFIG_TEMPLATE = """\
# Tocsin. Every setting is explained in docs/configuration.md; `tocsin config` checks this file.

[issuer]
name = "Example Net"                 # as your subscribers know you
domain = "example.net"               # signs your notices (DKIM)
mail_from = "abuse@example.net"
zone = "UTC"                         # for subscribers without a zone of their own

[provider]
prefixes = ["192.0.2.0/24", "2001:db8::/32"]   # your own networks: nobody else is ever named

# Who tells you: a CERT, a sinkhole operator. `stranger` until you know them.
[[sources]]
name = "cert"
title = "Example CERT"               # as the letter names it
trust = "known"                      # own | known | stranger
paths = ["feeds/*.csv"]

# Who held which address: one entry for each log, with the networks whose every holder it names.
[[logs]]
name = "radius"
reader = "freeradius"                # freeradius | static
paths = ["radius/detail-*"]
prefixes = ["192.0.2.0/24", "2001:db8::/32"]
interim_s = 3600                     # how often a live session reports
gap_s_max = 1800                     # a longer silence is a gap

[subscribers]
paths = ["subscribers*.csv"]

[networks]
paths = ["prefixes*.csv"]

[notices]
send = false                         # nothing leaves until you say so
"""
