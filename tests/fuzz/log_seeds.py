"""A few honest lines for each reader of binding logs: what the fuzzer and the replay start from."""

from __future__ import annotations

_DETAIL = (
    'Tue Nov 24 12:00:00 2026\n\tUser-Name = "alice@example"\n\tNAS-Identifier = "nas-1"\n'
    '\tFramed-IP-Address = 192.0.2.1\n\tDelegated-IPv6-Prefix = 2001:db8:1::/56\n\tAcct-Session-Id = "A1"\n'
    "\tAcct-Status-Type = Interim-Update\n\tAcct-Session-Time = 60\n\tTimestamp = 1795521600\n\n"
)
_LINELOG = (
    "Timestamp:1795521600\tAcct-Status-Type:Start\tAcct-Session-Id:A1\tNAS-Identifier:nas-1\tUser-Name:alice@example"
    "\tFramed-IP-Address:192.0.2.1\n"
    "Nov 24 12:00:00 radius radiusd[1]: Connect: [anna] (did x cli 0123 port 5 ip 192.0.2.1)\n"
)
_RADACCT = (
    "radacctid,acctsessionid,acctuniqueid,username,nasipaddress,nasportid,acctstarttime,acctupdatetime,acctstoptime,"
    "acctsessiontime,callingstationid,framedipaddress,framedipv6prefix\n"
    "1,A1,U1,alice,198.51.100.1,eth0/1,2026-11-24 10:00:00+00,2026-11-24 11:00:00+00,\\N,3600,0123,192.0.2.1,\n"
)
_DHCPD = (
    "lease 192.0.2.10 {\n  starts 2 2026/11/24 10:00:00;\n  ends 2 2026/11/24 11:00:00;\n"
    "  cltt 2 2026/11/24 10:00:00;\n  binding state active;\n  hardware ethernet 02:00:00:00:00:01;\n"
    '  uid "\\001\\002";\n  option agent.circuit-id "Vlan9";\n  client-hostname "host";\n}\n'
)
_KEA = (
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n"
    '192.0.2.1,02:00:00:00:00:01,,3600,1795521600,8,1,1,host.example,0,{ "ISC": { "relay-agent-info": "x" } },0\n'
)
_KEA_LEGAL = (
    "2026-11-24 01:02:03 UTC Address: 192.0.2.1 has been renewed for 1 hrs 52 min 15 secs to a device with hardware "
    "address: hwtype=1 02:00:00:00:00:01, client-id: 17:34:e2 connected via relay at address: 192.0.2.33, identified "
    "by circuit-id: 68:6f:77 (how) and remote-id: 87:f6\n"
    "2026-11-24 01:02:04 UTC Prefix: 2001:db8:1::/64 has been assigned for 713 seconds to a device with DUID: 17:34\n"
)
_DNSMASQ_LOG = "Nov 24 10:00:00 gw dnsmasq-dhcp[5]: 7 DHCPACK(eth0) 192.0.2.5 02:00:00:00:00:05 host\n"
_JUNIPER = (
    "2026-11-24T10:00:00Z bng1 RT_NAT - RT_SRC_NAT_PBA_ALLOC "
    '[internal-ip="10.0.10.10" block-used="1" block-port-low="48640" block-port-high="48895" '
    'reflexive-ip="192.0.2.1" nat-pool-name="g" logical-system-id="0" epoch-time-64="6a44007a"]\n'
    "<14>Nov 24 10:00:00 bng1 RT_NAT: RT_SRC_NAT_PBA_RELEASE: Subscriber 100.64.0.4 used/maximum [1/15] blocks, "
    "releases port block [24064-24191] from 192.0.2.1 in source pool P lsys_id: 0 epoch 0x6a44007a\n"
)
_CISCO = "1 2026 Nov 24 10:00:00 198.51.100.1 - - NAT44 - [UserbasedA - 192.168.1.2 VRF - 192.0.2.1 - 1024 1535 - - ]\n"
_A10 = (
    "2026-11-24T10:00:00.87+00:00 198.51.100.1 cgn0/part  CEF:0|A10|CFW|6.0|CGN 106|Nat Port Batch Pool Allocated|5|"
    "proto=UDP src=100.64.0.7 sourceTranslatedAddress=192.0.2.1 sourceTranslatedPort=22016 cn3=22271 cn3Label=Last\n"
    "2026-11-24T10:00:00Z a10 NAT-UDP-C: 100.64.0.7:10000 -> 192.0.2.1: 10000\n"
)
_F5 = "2026-11-24T10:00:00Z f5 LSN_ADD 100.64.0.7%0:40001 6 192.0.2.1%0:50001 203.0.113.9 443\n"
_NFWARE = "2026-11-24T10:00:00Z nfw A VRF 0 INT 10.0.0.1 EXT 192.0.2.1:1024-1535\n"
_6WIND = (
    '2026-11-24T10:00:00Z vsr fp-cgnat[42]: USER 100.64.0.1 (matching rule 1): NEW BLOCK (pool "p", '
    "ip public 192.0.2.1, proto 6, port 1 - 512)\n"
)
_MIKROTIK = (
    "2026-11-24T10:00:00Z mt srcnat: in:bridge out:ether1, connection-state:new proto TCP (SYN), "
    "10.0.0.5:5000->203.0.113.9:443, NAT (10.0.0.5:5000->192.0.2.1:6000)->203.0.113.9:443, len 52\n"
)
_CONNTRACK = (
    "[1795521600.250000]\t    [NEW] tcp      6 120 SYN_SENT src=10.8.0.11 dst=203.0.113.9 sport=51234 dport=443 "
    "[UNREPLIED] src=203.0.113.9 dst=192.0.2.1 sport=443 dport=51234\n"
)
_NEL = (
    '[{"type":"EVENT","nat_event":"ADD","nat_event_id":1,"t_event":"2026-11-24T10:00:00.000","proto":6,'
    '"src4_addr":"10.0.0.5","src_port":5000,"src4_xlt_ip":"192.0.2.1","src_xlt_port":6000}]\n'
)

LOG_SEEDS: dict[str, str] = {
    "freeradius": _DETAIL,
    "static": "network,account,port_first,port_last,protocol,starts_at\n192.0.2.7,s7,,,,2026-01-01T00:00:00Z\n",
    "deterministic": "inside,outside,port_first,port_last,ports_each,order\n10.0.0.0/18,192.0.2.0/30,1024,65535,15,\n",
    "map-e": "ipv6,ipv4,ea_bits,psid_offset,starts_at,ends_at\n2001:db8::/40,192.0.2.0/24,16,6,,\n",
    "lw4o6": "b4,ipv4,psid_len,psid,psid_offset,starts_at,ends_at\n2001:db8::1/128,192.0.2.1,8,52,0,,\n",
    "radacct": _RADACCT,
    "linelog": _LINELOG,
    "dhcpd": _DHCPD,
    "kea": _KEA,
    "kea-legal": _KEA_LEGAL,
    "dnsmasq": "1795521600 02:00:00:00:00:05 192.0.2.5 host 01:02\nduid 00:01\n",
    "dnsmasq-log": _DNSMASQ_LOG,
    "juniper": _JUNIPER,
    "cisco": _CISCO,
    "a10": _A10,
    "f5": _F5,
    "nfware": _NFWARE,
    "6wind": _6WIND,
    "mikrotik": _MIKROTIK,
    "conntrack": _CONNTRACK,
    "nel": _NEL,
}
