"""What sinkhole logs call things. Names are compared in lower case, with `-` as `_`; nested keys are joined by dots."""

from __future__ import annotations

# Our own name first. X-Forwarded-For is nobody's address here: whoever calls can write it.
NAMES_BY_FIELD: dict[str, tuple[str, ...]] = {
    "moment": ("time", "timestamp", "@timestamp", "ts", "datetime", "date_time", "seen_at", "start_time"),
    "address": (
        *("client", "client_ip", "src_ip", "source_ip", "remote_addr", "remote_ip", "clientip", "ip", "src"),
        *("id.orig_h", "client.ip", "source.ip", "src_addr"),
    ),
    "port": (
        *("client_port", "src_port", "source_port", "remote_port", "clientport", "sport"),
        *("id.orig_p", "client.port", "source.port"),
    ),
    "peer": ("server", "server_ip", "dst_ip", "dest_ip", "local_addr", "id.resp_h", "server.ip", "destination.ip"),
    "peer_port": (
        *("server_port", "dst_port", "dest_port", "local_port", "dport"),
        *("id.resp_p", "server.port", "destination.port"),
    ),
    "protocol": ("protocol", "transport", "proto", "network.transport"),
    "service": ("service", "application", "app", "app_proto", "network.protocol"),
    "host": ("host", "http_host", "hostname", "qname", "query", "domain", "sni", "url.domain", "http.hostname"),
    "method": ("method", "http_method", "request_method", "verb", "http.request.method"),
    "path": ("path", "uri", "url", "http_url", "request_uri", "url.original", "http.url"),
    "request": ("request", "request_line", "http_request"),
    "user_agent": ("user_agent", "http_user_agent", "http_agent", "useragent", "ua", "user_agent.original"),
    "referer": ("referer", "http_referer", "referrer", "http_referrer", "http.request.referrer"),
    "forwarded": ("x_forwarded_for", "http_x_forwarded_for", "forwarded", "forwarded_for", "via", "http_via"),
    "purpose": ("sec_purpose", "purpose", "x_moz", "x_purpose"),
    "payload": ("payload", "body", "post_data", "request_body", "http_body"),
    "payload_hex": ("payload_hex", "body_hex"),
    "payload_base64": ("payload_base64", "payload_b64", "body_base64"),
    "qtype": ("qtype", "query_type", "qtype_name", "dns.question.type"),
    "malware": ("malware", "family", "botnet", "infection"),
    "source_ref": ("id", "event_id", "uid"),
}
FIELD_BY_NAME = {name: field for field, names in NAMES_BY_FIELD.items() for name in names}

# These have a term of their own in a sighting; every other value is kept in `extra` under the log's own name.
TOLD = ("moment", "address", "port", "peer", "peer_port", "protocol", "host", "malware", "source_ref")

# In a user agent, in lower case: those who look at everything, and say so. A bot may lie and take such a name; better a
# lead too many than a household that was only looked at.
SCANNERS = (
    *("zgrab", "masscan", "nmap", "censys", "shodan", "internet-measurement", "expanse", "palo alto", "netcraft"),
    *("netsystemsresearch", "leakix", "onyphe", "binaryedge", "stretchoid", "projectdiscovery", "nuclei", "nikto"),
    *("virustotal", "urlscan", "safebrowsing", "google-safety", "phishtank", "checkphish", "any.run", "joesandbox"),
    *("mimecast", "proofpoint", "barracuda", "messagelabs", "symantec", "mcafee", "trend micro", "trendmicro"),
    *("kaspersky", "bitdefender", "avast", "avira", "sophos", "eset", "f-secure", "drweb", "clamav", "fortiguard"),
    *("googlebot", "bingbot", "bingpreview", "yandex", "baiduspider", "applebot", "duckduckbot", "petalbot"),
    *("ahrefsbot", "semrushbot", "mj12bot", "dotbot", "bytespider", "gptbot", "ccbot", "claudebot", "archive.org_bot"),
    *("facebookexternalhit", "twitterbot", "slackbot", "telegrambot", "whatsapp", "discordbot", "linkedinbot"),
    *("skypeuripreview", "crawler", "spider", "security scan", "vulnerability", "researchscan", "research scan"),
)

# Programs that a person or a bot may use alike: a call by one of them counts only where the rule asks for more.
ANYBODYS = "|".join(
    (
        r"^mozilla/5\.0 \(.*(firefox|chrome|safari|edg|opr|trident)/",
        "^(curl|wget|python|go-http-client|java|okhttp|ruby|php|perl|lwp|libwww|aiohttp|axios|node|httpie|powershell)",
        "headless|phantomjs",
    )
)
