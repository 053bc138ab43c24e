"""Every link of a mail, as a browser would understand it. Nothing is fetched, nothing is resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

import msgspec

from tocsin.mailcheck import hosts
from tocsin.mailcheck.hidden import taken_out
from tocsin.mailcheck.mail import Mail

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

LINKS_MAX = 300  # of a mail that are looked at
URL_CHARACTERS_MAX = 4_000
_SHOWN_CHARACTERS_MAX = 300
_HTML_CHARACTERS_MAX = 262_144
_HTML_TAGS_MAX = 40_000  # a tree of more is not built
_VISIBLE_CHARACTERS_MAX = 100_000

Place = Literal["link", "form", "refresh", "frame", "picture", "text", "code"]
# Where a click or the mail itself leads; a picture is only shown.
FOLLOWED: frozenset[Place] = frozenset(("link", "form", "refresh", "frame", "text", "code"))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20}):")
_SCHEME_AGAIN = re.compile(r"https?:/{1,3}", re.IGNORECASE)
_UNSEEN = re.compile(r"[\t\r\n]")
_ENDS = re.compile(r"[/\\?#]")
_WRITTEN = re.compile(r"(?<![\w@.-])(?:h(?:tt|xx)ps?://|ftp://|www\.)[^\s<>\"'`]{1,2000}", re.IGNORECASE)
# A host with a path, without a scheme, as short messages have it.
_BARE = re.compile(
    r"(?<![\w@./:-])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,18}(?:/[^\s<>\"'`]{0,500})?(?![\w@])", re.IGNORECASE | re.ASCII
)
_CLOSING = ".,;:!?)]}>»\u201d\u2019'\"*_"
_REFRESH = re.compile(r"url\s*=\s*['\"]?(.*)", re.IGNORECASE | re.DOTALL)
_SELECTED = "a,area,form,button,input,meta,iframe,frame,img,base"
_PORT_DIGITS_MAX = 5


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What a URL leads to. `host` is normal (see `hosts.normal`) and empty for schemes without hosts."""

    scheme: str
    host: str = ""
    written_host: str = ""  # as it stands in the URL, lower case
    port: int | None = None
    user: str = ""
    rest: str = ""  # path, query and fragment

    @property
    def domain(self) -> str:
        """The registered domain, or the address."""
        return hosts.registrable(self.host) if self.host else ""

    @property
    def is_web(self) -> bool:
        return self.scheme in ("http", "https", "ftp")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A URL, where it stands, and what the reader sees in its place."""

    url: str
    place: Place
    target: Target
    shown: str = ""


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """The links of a mail, the words that its HTML shows and those that it hides, and how many pictures it has."""

    links: tuple[Link, ...] = ()
    shown: str = ""
    hidden: str = ""
    pictures: int = 0
    has_password: bool = False
    is_cut: bool = False

    @property
    def followed(self) -> Iterator[Link]:
        return (link for link in self.links if link.place in FOLLOWED and link.target.is_web and link.target.host)


_last: list[tuple[Mail, Links]] = []  # several checks ask for the links of the same mail, one after the other


def links_of(mail: Mail) -> Links:
    """All links of the mail's twins, at most 300, each once."""
    if _last and _last[0][0] is mail:
        return _last[0][1]
    read = _of_html(mail.html) if mail.html else Links()
    texts = (mail.text, read.shown) if mail.html else (mail.text,)
    known = {link.url for link in read.links}
    more = [link for text in texts if text for link in in_text(text) if link.url not in known]
    links = {(link.url, link.place == "text" or link.shown): link for link in (*read.links, *more)}
    made = msgspec.structs.replace(
        read, links=tuple(links.values())[:LINKS_MAX], is_cut=read.is_cut or len(links) > LINKS_MAX
    )
    _last[:] = [(mail, made)]
    return made


def in_text(text: str) -> Iterator[Link]:
    """Links that are written out."""
    text = text[:_VISIBLE_CHARACTERS_MAX]
    for _, match in zip(range(LINKS_MAX), _WRITTEN.finditer(text), strict=False):
        url = _trimmed(match[0])
        target = target_of(url if "://" in url[:9] else f"http://{url}")
        if target and hosts.is_name(target.host) | bool(hosts.address_of(target.host)):
            yield Link(url=url, place="text", target=target, shown=url)
    for _, match in zip(range(LINKS_MAX), _BARE.finditer(text), strict=False):
        host, slash, path = _trimmed(match[0]).partition("/")
        if slash and path and hosts.is_name(host.lower()):
            target = target_of(f"http://{host}/{path}")
            if target:
                yield Link(url=f"{host}/{path}", place="text", target=target, shown=match[0])


def _trimmed(url: str) -> str:
    return url.rstrip(_CLOSING)


def target_of(url: str) -> Target | None:
    """What the URL leads to, read as browsers read it (WHATWG URL §4); None for a relative or empty one."""
    line = _UNSEEN.sub("", url[:URL_CHARACTERS_MAX]).strip("".join(map(chr, range(33))))
    match = _SCHEME.match(line)
    if match is None:
        return _absolute("http", line.lstrip("/\\")) if line.startswith(("//", "\\\\", "/\\")) else None
    scheme, rest = match[1].lower(), line[match.end() :]
    scheme = {"hxxp": "http", "hxxps": "https"}.get(scheme, scheme)
    if scheme in ("http", "https", "ftp"):
        return _absolute(scheme, rest.lstrip("/\\"))
    return Target(scheme=scheme, rest=rest[:200])


def _absolute(scheme: str, line: str) -> Target:
    again = _SCHEME_AGAIN.match(line)  # `https://https://name/`, as people paste it
    line = line[again.end() :] if again else line
    end = _ENDS.search(line)
    authority, rest = (line[: end.start()], line[end.start() :]) if end else (line, "")
    user, _, place = authority.rpartition("@")
    host, port = place, None
    found = re.fullmatch(r"(.*):(\d{0,5})", place, re.DOTALL)
    if found and not place.endswith("]"):
        host, port = found[1], int(found[2]) if found[2] else None
    written = unquote(host, errors="replace").lower()
    return Target(
        scheme=scheme, host=hosts.normal(written), written_host=written[:300], port=port, user=user[:200], rest=rest
    )


def _of_html(html: str) -> Links:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415 - a mail without HTML needs none

    kept = html[:_HTML_CHARACTERS_MAX]
    if kept.count("<") > _HTML_TAGS_MAX:
        return Links(links=tuple(in_text(kept)), is_cut=True)
    try:
        tree = LexborHTMLParser(kept.encode(errors="replace").decode())
        nodes = tree.css(_SELECTED)
    except (SelectolaxError, ValueError, RuntimeError):
        return Links(links=tuple(in_text(kept)), is_cut=True)
    links = [link for node in nodes[: LINKS_MAX * 4] for link in _of_node(node)]
    pictures = sum(node.tag == "img" for node in nodes)
    has_password = any(
        node.tag == "input" and (node.attributes.get("type") or "").lower() == "password" for node in nodes
    )  # asked before anything is taken out of the tree
    tree.strip_tags(["script", "style", "head", "title", "template"])
    hidden = taken_out(tree)
    words = tree.body.text(separator=" ") if tree.body else ""
    return Links(
        links=tuple(links[:LINKS_MAX]),
        shown=" ".join(words[: _VISIBLE_CHARACTERS_MAX * 2].split())[:_VISIBLE_CHARACTERS_MAX],
        hidden=hidden,
        pictures=pictures,
        has_password=has_password,
        is_cut=len(html) > len(kept) or len(nodes) > LINKS_MAX * 4 or len(links) > LINKS_MAX,
    )


_ATTRIBUTES: dict[str, tuple[str, Place]] = {
    "a": ("href", "link"),
    "area": ("href", "link"),
    "form": ("action", "form"),
    "button": ("formaction", "form"),
    "input": ("formaction", "form"),
    "iframe": ("src", "frame"),
    "frame": ("src", "frame"),
    "img": ("src", "picture"),
}


def _of_node(node: LexborNode) -> Iterator[Link]:
    tag = node.tag or ""
    name, place = _ATTRIBUTES.get(tag, ("content", "refresh"))
    url = (node.attributes.get(name) or "").strip()
    if tag in ("meta", "base"):
        found = _REFRESH.search(url[:URL_CHARACTERS_MAX]) if tag == "meta" else None
        url = found[1].strip("'\" ") if found else ""
    target = _lenient(url) if url else None
    if target:
        yield Link(url=url[:URL_CHARACTERS_MAX], place=place, target=target, shown=_shown(node, tag))


def _lenient(url: str) -> Target | None:
    """Mail programs open `www.evil.example` too, where a browser would take it for a file's name."""
    target = target_of(url)
    if target is None and hosts.is_name(url.partition("/")[0].lower()):
        return target_of(f"http://{url}")
    return target


def _shown(node: LexborNode, tag: str) -> str:
    if tag == "img":
        return (node.attributes.get("alt") or "")[:_SHOWN_CHARACTERS_MAX]
    if tag not in ("a", "button"):
        return ""
    words = " ".join((node.text(separator=" ") or "")[: _SHOWN_CHARACTERS_MAX * 4].split())
    picture = node.css_first("img") if not words else None
    return (words or ((picture.attributes.get("alt") or "") if picture else ""))[:_SHOWN_CHARACTERS_MAX]
