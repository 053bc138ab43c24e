"""Lines that are JSON objects: journald's export, and access logs of Caddy, Traefik, nginx and Apache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tocsin.witness.heads import Heads

Fields = Mapping[str, object]

# What one thing is called: nginx and Apache leave the names to the operator, so the usual ones are known.
_HOSTS = (
    "remote_addr",
    "remote_ip",
    "client_ip",
    "clientip",
    "ClientHost",
    "remoteIP",
    "remote_host",
    "client",
    "host_ip",
)
_PORTS = ("remote_port", "ClientPort")
_STAMPS = ("time_iso8601", "time_local", "StartUTC", "@timestamp", "timestamp", "time", "ts", "msec")
_TARGETS = ("request_uri", "uri", "RequestPath", "path", "url", "requestURI")
_REQUESTS = ("request", "request_line", "requestLine")
_STATUSES = ("status", "DownstreamStatus", "response", "code", "status_code")
_AGENTS = ("http_user_agent", "user_agent", "agent", "request_User-Agent", "userAgent")
_USERS = ("remote_user", "ClientUsername", "user_id")
_FORWARDED = ("http_x_forwarded_for", "x_forwarded_for", "request_X-Forwarded-For")


def json_heads(texts: Sequence[str], heads: Heads) -> None:
    """Fills in the lines that are JSON objects of a known form."""
    for place, text in enumerate(texts):
        if text.startswith("{"):
            _fill(text, heads, place)


def _fill(text: str, heads: Heads, place: int) -> None:
    try:
        fields = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return
    if not isinstance(fields, dict):
        return
    if "MESSAGE" in fields:
        heads.stamp[place], heads.message[place] = _journal(fields)
        return
    request = fields.get("request")
    nested = request if isinstance(request, dict) else {}
    headers = nested.get("headers")
    headers = headers if isinstance(headers, dict) else {}
    fields = {**fields, **{name: value for name, value in nested.items() if name != "headers"}}
    host = _first(fields, _HOSTS)
    if not host:
        return
    host, _, port = host.rpartition(":") if host.count(":") == 1 else (host, "", "")
    line = _first(fields, _REQUESTS)
    words = line.split(" ")
    target = _first(fields, _TARGETS) or (words[1] if len(words) > 1 else "")
    heads.message[place] = ""
    heads.stamp[place] = _first(fields, _STAMPS)
    heads.host[place] = host
    heads.port[place] = port or _first(fields, _PORTS)
    heads.target[place] = target
    heads.request[place] = line or f"{_first(fields, ('method', 'request_method', 'RequestMethod'))} {target}"
    heads.status[place] = _first(fields, _STATUSES)
    user = _first(fields, _USERS)
    heads.login[place] = f"{heads.status[place]} {user}" if user and user != "-" else ""
    heads.agent[place] = _first(fields, _AGENTS) or _header(headers, "User-Agent")
    heads.rest[place] = _first(fields, _FORWARDED) or _header(headers, "X-Forwarded-For")


def _journal(fields: Fields) -> tuple[str, str]:
    """systemd.journal-fields(7): microseconds since 1970, and the line as syslog would have written it."""
    micros = _text(fields.get("_SOURCE_REALTIME_TIMESTAMP") or fields.get("__REALTIME_TIMESTAMP"))
    stamp = f"{micros[:-6]}.{micros[-6:]}" if micros.isascii() and micros.isdigit() and len(micros) > 12 else ""
    name = _text(fields.get("SYSLOG_IDENTIFIER") or fields.get("_COMM"))
    pid = _text(fields.get("_PID") or fields.get("SYSLOG_PID"))
    machine = _text(fields.get("_HOSTNAME")) or "-"
    message = fields.get("MESSAGE")
    if isinstance(message, list):  # bytes that are no text come as numbers
        message = bytes(each for each in message if isinstance(each, int) and 0 <= each < 256).decode(
            errors="backslashreplace"
        )
    return stamp, f"{machine.replace(' ', '-')} {name}{f'[{pid}]' if pid else ''}: {_text(message)}"


def _first(fields: Fields, names: Sequence[str]) -> str:
    return next((text for name in names if (text := _text(fields.get(name)))), "")


def _header(headers: Fields, name: str) -> str:
    value = headers.get(name)
    return _text(value[0]) if isinstance(value, list) and value else _text(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
