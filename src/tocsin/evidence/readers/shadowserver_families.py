"""Shadowserver's report types, by what they say of an address. Facts from their report schema of March 2026.

`scan[6]_telnet` stands for `scan_telnet` and `scan6_telnet`; `/tcp` is the transport where no column says it. A line is
the name, IntelMQ's identifier (a word, or `=column`), the application (likewise) and the columns by which a header is
known to be that report's: all of them, or with a leading `!` these and no others but what its whole family has.
"""

from __future__ import annotations

import msgspec

from tocsin.evidence.readers.shadowserver_columns import (
    DRONE,
    EVENT,
    HTTP_DRONE,
    LEGACY,
    NOBODY,
    REFERER,
    SCAN,
    TARGET,
    Layout,
)
from tocsin.terms.roles import Role


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """Reports that say the same of an address."""

    kind: str
    role: Role
    layout: Layout
    proof: str = ""
    intelmq_kind: str = ""
    lines: str


FAMILIES: tuple[Family, ...] = (
    # The scanner asked this address and the answer came from there: a service is open that should not be.
    Family(
        kind="vulnerable-system",
        role=Role.EXPOSED,
        layout=SCAN,
        lines="""
        population[6]_bgp                 accessible-bgp        bgp
        population[6]_msmq                accessible-msmq       msmq
        scan[6]_activemq                  open-activemq         activemq
        scan_adb                          accessible-adb        adb         model features
        scan_afp                          accessible-afp        afp         machine_type afp_versions
        scan_amqp                         accessible-amqp       amqp        channel message_length
        scan_ard                          accessible-ard        -
        scan[6]_bgp                       open-bgp              bgp
        scan_chargen                      open-chargen          chargen
        scan_cisco_smart_install          accessible-cisco-smart-install  cisco-smart-install
        scan_coap                         accessible-coap       coap
        scan_couchdb                      open-couchdb          CouchDB     couchdb_message couchdb_version
        scan[6]_cwmp                      open-cwmp             cwmp
        scan_db2                          open-db2-discovery-service  db2   db2_hostname servername
        scan[6]_dns                       dns-open-resolver     dns         dns_version min_amplification
        scan_docker                       open-docker           docker      experimental api_version
        scan_dvr_dhcpdiscover             open-dvr-dhcpdiscover  =tag       device_id device_serial
        scan[6]_elasticsearch             open-elasticsearch    elasticsearch  cluster_name build_hash
        scan_epmd                         open-epmd             Erlang_Port_Mapper_Daemon  nodes
        scan[6]_ftp                       accessible-ftp        ftp
        scan[6]_http_proxy                open-http-proxy       http
        scan[6]_http_vulnerable           vulnerable-http       http        www_authenticate build_date
        scan_ics                          open-ics              =tag
        scan[6]_imap_vulnerable           vulnerable-imap       imap
        scan[6]_ip_tunnel                 open-ip-tunnel        -
        scan[6]_ipp                       open-ipp              ipp         ipp_version cups_version
        scan[6]_isakmp                    open-ike              ipsec
        scan_kubernetes                   open-kubernetes       kubernetes  git_commit git_tree_state
        scan[6]_ldap_tcp                  open-ldap             ldap        configuration_naming_context cipher_suite
        scan_ldap_udp                     open-ldap             ldap
        scan_loop_dos                     open-loop-dos         =application
        scan_mdns                         open-mdns             mdns        mdns_name mdns_ipv4
        scan_memcached                    open-memcached        memcached   pointer_size curr_connections
        scan[6]_mongodb                   open-mongodb          mongodb     gitversion sysinfo
        scan[6]_mqtt                      open-mqtt             mqtt        anonymous_access hex_code
        scan[6]_mqtt_anon                 open-mqtt-anon        mqtt
        scan_mssql                        open-mssql            mssql       instance_name named_pipe
        scan[6]_mysql                     open-mysql            mysql       mysql_protocol_version server_version
        scan_nat_pmp                      open-natpmp           natpmp      opcode external_ip
        scan_netbios                      open-netbios-nameservice  netbios-nameservice  mac_address workgroup
        scan[6]_ntp                       ntp-version           ntp         clk_wander clock
        scan[6]_ntpmonitor                ntp-monitor           ntp         packets
        scan[6]_pop3_vulnerable           vulnerable-pop3       pop3
        scan_portmapper                   open-portmapper       portmapper  programs mountd_port
        scan[6]_postgres                  open-postgres         postgres    supported_protocols protocol_error_code
        scan_qotd                         open-qotd             qotd        quote
        scan_radmin                       accessible-radmin     -
        scan_rdpeudp                      accessible-msrdpeudp  -           sessionid
        scan_redis                        open-redis            redis       git_sha1 git_dirty_flag
        scan[6]_rsync                     accessible-rsync      rsync       module motd
        scan_sip                          open-sip              sip         sip sip_code
        scan[6]_slp                       open-slp              slp         function function_text
        scan[6]_smtp_vulnerable           vulnerable-smtp       smtp
        scan[6]_snmp                      open-snmp             snmp        sysname sysdesc
        scan_socks                        open-socks            =tag
        scan_ssdp                         open-ssdp             ssdp        header systime
        scan[6]_telnet                    open-telnet           telnet      !banner
        scan_tftp                         open-tftp             tftp        opcode errorcode
        scan_ubiquiti                     accessible-ubiquiti-discovery-service  -  radioname essid
        scan_ws_discovery                 open-ws-discovery     ws-discovery
        scan_xdmcp                        open-xdmcp            xdmcp       opcode reported_hostname
        scan_hadoop/tcp                   accessible-hadoop     hadoop      server_type clusterid
        scan_ipmi/udp                     open-ipmi             ipmi        ipmi_version none_auth
        scan_netis_router/udp             open-netis            -
        scan[6]_rdp/tcp                   open-rdp              rdp         handshake rdp_protocol
        scan[6]_smb/tcp                   open-smb              smb         arch key
        scan[6]_vnc/tcp                   open-vnc              vnc         !product banner
        scan[6]_exchange                  vulnerable-exchange-server  exchange
        """,
    ),
    Family(
        kind="weak-crypto",
        role=Role.EXPOSED,
        layout=SCAN,
        lines="""
        scan[6]_badsecrets                badsecret             http        badsecret_location badsecret_module
        scan[6]_ssl_freak                 ssl-freak             https       freak_vulnerable page_sha256fp
        scan[6]_ssl_poodle                ssl-poodle            https       ssl_poodle raw_cert
        """,
    ),
    Family(
        kind="potentially-unwanted-accessible",
        role=Role.EXPOSED,
        layout=SCAN,
        lines="""
        scan_gtp                          accessible-gtp        -           message_type_text teid
        scan[6]_msrpc                     accessible-msrpc      -           packet_type packet_type_value
        """,
    ),
    # A STUN server amplifies: it is exposed, though IntelMQ has no better kind for it.
    Family(
        kind="other",
        role=Role.EXPOSED,
        layout=SCAN,
        lines="""
        scan[6]_stun  open-stun  Session_Traversal_Utilities_for_NAT  transaction_id magic_cookie
        """,
    ),
    # Services that people run on purpose; that they exist is a fact, not a fault.
    Family(
        kind="other",
        role=Role.LEAD,
        layout=SCAN,
        lines="""
        population[6]_http_proxy          accessible-http-proxy  http
        population[6]_isakmp              accessible-ike         ipsec
        population_ntrip                  accessible-ntrip       ntrip      ntrip ntrip_code
        scan[6]_http                      accessible-http        http
        scan[6]_imap                      accessible-imap        imap
        scan[6]_pop3                      accessible-pop3        pop3
        scan_quic                         open-quic              -          version_field_1 version_field_2
        scan[6]_smtp                      open-smtp              smtp
        scan[6]_ssh                       open-ssh               -          serverid_raw serverid_version
        scan[6]_ssl                       open-ssl               https      ssl_poodle freak_vulnerable
        """,
    ),
    Family(kind="undetermined", role=Role.LEAD, layout=SCAN, lines="device_id[6]  device-id  -  !device_version"),
    # A firewall on the way answers in the name of every address behind it.
    Family(
        kind="vulnerable-system",
        role=Role.LEAD,
        layout=SCAN,
        lines="scan_ddos_middlebox  open-ddos-middlebox  =tag  source_port bytes",
    ),
    # One report about one matter; what it says of an address stands in its text.
    Family(
        kind="undetermined",
        role=Role.LEAD,
        layout=SCAN,
        intelmq_kind="vulnerable-system",
        lines="special  special  -  first_seen_time last_seen_time",
    ),
    # The scanner was answered by somebody else's program: an implanted router, a planted key, an attacker's server.
    Family(
        kind="system-compromise",
        role=Role.INFECTED,
        layout=SCAN,
        proof="not-bare",
        intelmq_kind="vulnerable-system",
        lines="scan_synfulknock  open-synfulknock  -  sequence_number ack_number",
    ),
    Family(
        kind="system-compromise",
        role=Role.INFECTED,
        layout=SCAN,
        proof="not-bare",
        lines="compromised_iot[6]  compromised-iot  -  source_type category",
    ),
    Family(
        kind="c2-server",
        role=Role.INFRASTRUCTURE,
        layout=SCAN,
        intelmq_kind="infected-system",
        lines="scan_post_exploitation_framework  c2-beacon  -  beacon_type beacon_host",
    ),
    # Pages that serve attackers. The address is a web server's, often of many sites.
    Family(
        kind="system-compromise",
        role=Role.INFRASTRUCTURE,
        layout=SCAN,
        lines="compromised_website[6]  compromised-website  =application  http_host category",
    ),
    Family(
        kind="malware-distribution",
        role=Role.INFRASTRUCTURE,
        layout=SCAN,
        lines="malware_url  malware-url  =application  url source sha256",
    ),
    # A link in a mail, a peer of a program in a sandbox (time.windows.com is one), somebody's list: nothing proven.
    Family(kind="spam", role=Role.LEAD, layout=SCAN, lines="spam_url  spam-url  -  sender subject"),
    Family(kind="blacklist", role=Role.LEAD, layout=SCAN, lines="blocklist  blacklisted-ip  -  source reason"),
    Family(
        kind="other",
        role=Role.LEAD,
        layout=SCAN,
        intelmq_kind="malware-distribution",
        lines="""
        sandbox_conn  sandbox-conn  -  md5 bytes_in
        sandbox_url   sandbox-url   -  md5 user_agent
        """,
    ),
    # A bot called its master and got the sinkhole. Over TCP the caller's address is proven; that it was a bot only
    # where the sinkhole names it: link scanners and the curious call too.
    Family(
        kind="infected-system",
        role=Role.INFECTED,
        layout=EVENT,
        proof="named",
        lines="""
        event4_sinkhole                   =infection            -           !infection family
        event6_sinkhole                   =infection            -
        event4_microsoft_sinkhole         =infection            -
        event4_sinkhole_http              =infection            http        http_url forwarded_by
        event6_sinkhole_http              =infection            http
        event4_microsoft_sinkhole_http    =infection            http
        """,
    ),
    # The page that sent somebody to the sinkhole: not the one who came.
    Family(
        kind="other",
        role=Role.LEAD,
        layout=REFERER,
        intelmq_kind="infected-system",
        lines="event4_sinkhole_http_referer  =infection  http  http_referer_ip http_referer_port\n"
        "event6_sinkhole_http_referer  =infection  http",
    ),
    # The one who asked is a resolver, for somebody behind it.
    Family(
        kind="other",
        role=Role.LEAD,
        layout=EVENT,
        lines="event4_sinkhole_dns  sinkholedns  dns  query_type query",
    ),
    # A login attempt at a honeypot, or a request to its service, takes a whole conversation.
    Family(
        kind="brute-force",
        role=Role.ATTACKER,
        layout=EVENT,
        proof="tcp",
        lines="event4_honeypot_brute_force  =application  -  username password",
    ),
    Family(
        kind="scanner",
        role=Role.ATTACKER,
        layout=EVENT,
        proof="tcp",
        lines="""
        event4_honeypot_adb_scan          honeypot-adb-scan     adb         vulnerability_enum maxdata
        event4_honeypot_http_scan         honeypot-http-scan    http        pattern http_url
        event4_honeypot_ics_scan          honeypot-ics-scan     -           sensor_id function_code
        event4_honeypot_ikev2_scan        honeypot-ikev2-scan   ikev2
        event4_honeypot_rdp_scan          honeypot-rdp-scan     rdp         vulnerability_enum cookie
        event4_honeypot_rocketmq_scan     honeypot-rocketmq-scan  rocketmq  vulnerability_enum opaque
        event4_honeypot_smb_scan          honeypot-smb-scan     smb         vulnerability_enum supported_protocols
        """,
    ),
    # Bare packets to addresses that nobody has; anybody can send them in anybody's name.
    Family(kind="other", role=Role.LEAD, layout=EVENT, lines="event4_honeypot_darknet  =tag  -  !count"),
    # A volunteer measured that his network lets forged packets out.
    Family(
        kind="masquerade", role=Role.LEAD, layout=EVENT, lines="event4_ip_spoofer  ip-spoofer  -  network routedspoof"
    ),
    # What asks an amplifier in this address's name has it as its target.
    Family(
        kind="ddos",
        role=Role.VICTIM,
        layout=EVENT,
        lines="event4_honeypot_ddos_amp  amplification-ddos-victim  -  request avg_pps",
    ),
    # An attacker's server (`src_ip`) orders an attack on `dst_ip`: one report for each end.
    Family(kind="ddos", role=Role.VICTIM, layout=TARGET, lines="event4_honeypot_ddos_target  honeypot-ddos-target  -"),
    Family(
        kind="c2-server",
        role=Role.INFRASTRUCTURE,
        layout=EVENT,
        intelmq_kind="ddos",
        lines="event4_honeypot_ddos  honeypot-ddos  -",
    ),
    # Flooding packets can be forged; a request to an application cannot.
    Family(
        kind="ddos",
        role=Role.ATTACKER,
        layout=EVENT,
        proof="talk",
        lines="event4_ddos_participant  ddos-participant  -",
    ),
    # Their names and columns until 2021.
    Family(
        kind="infected-system",
        role=Role.INFECTED,
        layout=DRONE,
        proof="named",
        lines="botnet_drone  =infection  -  cc_port p0f_genre",
    ),
    Family(
        kind="infected-system",
        role=Role.INFECTED,
        layout=HTTP_DRONE,
        proof="named",
        lines="""
        sinkhole_http_drone/tcp  =infection  http  type http_agent tor
        sinkhole6_http/tcp       =infection  http
        microsoft_sinkhole/tcp   =infection  http
        """,
    ),
    Family(
        kind="brute-force",
        role=Role.ATTACKER,
        layout=LEGACY,
        proof="tcp",
        lines="drone_brute_force/tcp  =service  -  service dest_ip",
    ),
    Family(
        kind="scanner",
        role=Role.ATTACKER,
        layout=LEGACY,
        proof="tcp",
        lines="""
        hp_http_scan/tcp  http  http
        hp_ics_scan       ics   -
        """,
    ),
    Family(kind="other", role=Role.LEAD, layout=LEGACY, lines="darknet  =tag  -\nsinkhole_dns  sinkholedns  dns"),
    Family(kind="masquerade", role=Role.LEAD, layout=LEGACY, lines="caida_ip_spoofer  ip-spoofer  -"),
    Family(kind="ddos", role=Role.VICTIM, layout=LEGACY, lines="ddos_amplification  amplification-ddos-victim  -"),
    Family(kind="c2-server", role=Role.INFRASTRUCTURE, layout=LEGACY, lines="cc_ip  c2-server  -"),
    # A resolver with an old key of the root: nobody's fault that a stranger should be told.
    Family(
        kind="vulnerable-system",
        role=Role.LEAD,
        layout=LEGACY,
        lines="outdated_dnssec_key  outdated-dnssec-key  dns\noutdated_dnssec_key_v6  outdated-dnssec-key  dns",
    ),
    # These name no address.
    Family(
        kind="data-leak",
        role=Role.LEAD,
        layout=NOBODY,
        lines="compromised_account  compromised-account  -  email source_url",
    ),
    Family(
        kind="system-compromise",
        role=Role.LEAD,
        layout=NOBODY,
        lines="ransomware_victim  ransomware-victim  -  entity_name ransomware",
    ),
    Family(kind="other", role=Role.LEAD, layout=NOBODY, lines="sandbox_dns  sandbox-dns  dns  request request_type"),
)

# Other names of the same reports, old and IntelMQ's; `event_…` and a missing `6` variant need none (report_named).
ALIASES: dict[str, str] = {
    "blacklist": "blocklist",
    "botnet_drone_v6": "botnet_drone",
    "cisco_smart_install": "scan_cisco_smart_install",
    "cwsandbox_url": "sandbox_url",
    "dns_openresolver": "scan_dns",
    "drone": "botnet_drone",
    "netis_router": "scan_netis_router",
    "open_resolver": "scan_dns",
    "scan_ldap": "scan_ldap_udp",
    "scan_msrdpeudp": "scan_rdpeudp",
    "sinkhole_http": "sinkhole_http_drone",
    "ssl_scan": "scan_ssl",
}
