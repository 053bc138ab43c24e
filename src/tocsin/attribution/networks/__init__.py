"""Whose network an address was in: prefix to origin AS, country and abuse contact, as they were at that moment.

Every table that is read holds from its date on; the one of the same name before it keeps answering for the time before.
"""

from tocsin.attribution.networks.find import Claim, Found, claims_on, find_network, networks_of
from tocsin.attribution.networks.formats import FORMATS
from tocsin.attribution.networks.update import TABLES, NetworksRead, PrefixTable, grouped, read_networks, read_tables

__all__ = [
    "FORMATS",
    "TABLES",
    "Claim",
    "Found",
    "NetworksRead",
    "PrefixTable",
    "claims_on",
    "find_network",
    "grouped",
    "networks_of",
    "read_networks",
    "read_tables",
]
