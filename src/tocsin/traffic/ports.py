"""What ports mean here. Sources stand beside each table; a port alone never condemns."""

from __future__ import annotations

# IANA registry, the services that ordinary devices speak to all day.
SERVICE_PORTS = frozenset(
    {20, 21, 22, 25, 53, 67, 68, 80, 110, 119, 123, 143, 161, 179, 389, 443, 465, 500, 554, 563, 587, 636, 853, 873}
    | {989, 990, 993, 995, 1194, 1701, 1723, 1883, 1900, 1935, 3074, 3128, 3306, 3389, 3478, 3479, 3480, 3544, 4070}
    | {4433, 4460, 4500, 5060, 5061, 5222, 5223, 5228, 5229, 5230, 5349, 5353, 5432, 5938, 7680, 8008, 8009, 8080}
    | {8333, 8443, 8883, 9418, 19302, 19305, 51820, 41641}
    # Valve, "Required ports for Steam": a list of game servers asks hundreds of them, and most do not answer.
    | {*range(27000, 27101)}
)

# Sessions that are made to be held open or repeated: time, names, push services, message brokers, VPNs.
KEEPALIVE_PORTS = frozenset(
    {53, 123, 500, 853, 993, 1194, 1883, 3478, 4500, 5060, 5222, 5223, 5228, 5229, 5230, 5353, 8883, 41641, 51820}
)

# Where malware that steers machines listens unless its owner changes it: each family's published default.
CONTROL_PORTS = {
    1177: "njRAT",  # Fidelis, "njRAT uncovered", 2013
    5552: "njRAT",  # the same, version 0.7
    1604: "DarkComet",  # its own manual; Malwarebytes, "You dirty RAT", 2012
    3460: "Poison Ivy",  # FireEye, "Poison Ivy: assessing damage and extracting intelligence", 2013
    2404: "Remcos",  # Fortinet, 2017; its own manual
    4782: "Quasar",  # the project's default settings
    6606: "AsyncRAT",  # the project's default settings: 6606, 7707, 8808
    7707: "AsyncRAT",
    8808: "AsyncRAT",
    8848: "DcRAT",  # the project's default settings
    7000: "XWorm",  # its builder's default; CERT advisories since 2023
    54984: "NanoCore",  # Digitrust, "NanoCore is not your average RAT", 2017
    4444: "Metasploit",  # LPORT of its payloads
    1337: "DroidJack",  # Proofpoint, "DroidJack uses side-loading", 2016
    6667: "an IRC bot",  # Cooke et al., "The zombie roundup", 2005; people chat there too: see PUBLIC_PORTS
    5200: "Warzone",  # Check Point, "Warzone: behind the enemy lines", 2020
}
# Of those, where people talk to servers of their own choice.
PUBLIC_PORTS = frozenset({6667})

# Antonakakis et al. 2017 (Mirai) and CISA alerts since: what bots that spread by themselves try.
SPREADING_PORTS = frozenset(
    {22, 23, 26, 81, 135, 139, 445, 1433, 2222, 2323, 3389, 5358, 5555, 5900, 6379, 6789, 7547, 8291, 8728, 9527}
    | {23231, 32764, 34567, 37215, 37777, 49152, 52869, 60001}
)

# Places where passwords are asked for.
LOGIN_PORTS = frozenset({21, 22, 23, 2222, 2323, 445, 1433, 3306, 3389, 5432, 5900})

# Where programs of equals listen, each by its project's own documents: file sharing, coins, Tor, IPFS. Their addresses
# are told by others, and most of these are gone: silence there is no sign.
SHARING_PORTS = frozenset(
    {*range(6881, 6890), 6969, 51413, 4662, 4672, 6346, 6347, 4001, 22000, 9001, 9030}
    | {8333, 8334, 18333, 9333, 9999, 18080, 22556, 30303}
)

# BEP 5 and the ports that clients choose by themselves.
BITTORRENT_PORTS = frozenset({*range(6881, 6890), 6969, 51413, 1337})

# Stratum, as the pools' own pages name them.
MINING_PORTS = frozenset({3333, 4444, 5555, 7777, 9999, 14433, 14444, 45560, 45700, 3357, 5588, 10128, 20128})
