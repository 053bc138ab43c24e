"""The other ways by which this provider's customers come by an address: DHCP leases, CGNAT, deterministic NAT.

Each district is a small world of its own, played to its end before anybody reads its logs: who had what (`Occupancy`),
what the machines wrote (texts of log files), and what witnesses saw.
"""

from tocsin.pipeline.demo.districts.build import build_districts
from tocsin.pipeline.demo.districts.district import District

__all__ = ["District", "build_districts"]
