"""Findings on how a mail is made up, whatever it says: what its reader does not get to see, where its pictures and
pages lie, and what it carries about him."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from tocsin.mailcheck.directory import directory
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.identity import day_of, owner_of
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.linkcheck import word_count
from tocsin.mailcheck.links import Link, Links, links_of
from tocsin.mailcheck.mail import shown
from tocsin.mailcheck.parties import one_address
from tocsin.mailcheck.places import is_free_mail, is_hosting, is_mailer, shows_anybodys_pictures
from tocsin.mailcheck.randomness import is_unspeakable
from tocsin.mailcheck.sender import Sender, sender_of

HIDDEN_WORDS_MIN = 40  # different ones that are nowhere to be seen; the line that a list of mails shows has fewer
_WORDS_FEW = 15
_REST_CHARACTERS_MAX = 2_000
_LOCAL_CHARACTERS_MAX = 64
_WITHIN = re.compile(
    r"/(?:wp-(?:content|includes|admin)|\.well-known|cgi-sys|\.git|node_modules|vendor/phpunit)/", re.IGNORECASE
)
_UNFILLED = re.compile(
    r"\{\{? ?[A-Za-z_]{4,30} ?\}?\}|%%[A-Za-z_]{4,30}%%|\[\[[A-Za-z_-]{4,30}\]\]|##[A-Za-z_]{4,30}##"
)
_FILES = (".pdf", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".docx", ".xlsx", ".ics", ".mp3", ".mp4")
_NUMBERED = re.compile(r"[a-z]{3}_\d{4,}$", re.ASCII)  # as programs tell thousands of mailboxes apart
_PIECES = re.compile(r"[._+-]")


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.is_proved or seen.mail.form == "words":
        return
    links, sender = links_of(seen.mail), sender_of(seen.mail)
    own = owner_of(sender, directory(seen.known.organisations), day_of(seen))
    yield from _unseen(links)
    if own is not None:
        return
    yield from _pictures(links, sender)
    yield from _pages(links, sender)
    yield from _carried(seen, links, sender)
    yield from _unfilled(seen, links)
    if is_hosting(sender.domain) and not seen.mail.first("list-id"):
        yield found("sender-tenant", sender.address, domain=sender.domain)
    local = _local(sender)
    if _NUMBERED.search(local) or any(map(is_unspeakable, _PIECES.split(local))):
        yield found("mailbox-random", sender.address, address=sender.address)


def _unseen(links: Links) -> Iterator[Finding]:
    """More words out of sight than in sight: a note for the list of mails is short, and repeats what is there."""
    if not links.hidden:
        return
    seen = set(links.shown.lower().split())
    hidden = {word for word in links.hidden.lower().split() if len(word) > 1} - seen
    if len(hidden) >= max(HIDDEN_WORDS_MIN, len(seen)):
        yield found("text-hidden", links.hidden, count=str(len(hidden)))


def _pictures(links: Links, sender: Sender) -> Iterator[Finding]:
    clicked = [link for link in links.followed if link.place == "link"]
    words = word_count(links.shown)
    for link in links.links:
        if link.place == "picture" and shows_anybodys_pictures(link.target.host) and clicked:
            yield found("picture-anybodys", link.url, domain=link.target.host)
            break
    if not links.pictures or not clicked or words >= _WORDS_FEW:
        return
    if is_free_mail(sender.domain):
        yield found("free-mail-picture", clicked[0].url, address=sender.address)


def _pages(links: Links, sender: Sender) -> Iterator[Finding]:
    """Where a website keeps its own programs and pictures nobody puts pages for readers, but those who broke in."""
    for link in links.followed:
        path = link.target.rest[:_REST_CHARACTERS_MAX].lower().partition("?")[0]
        if link.target.domain != sender.registered and _WITHIN.search(path) and not path.endswith(_FILES):
            yield found("link-within", link.url, domain=link.target.domain)
            return


def _carried(seen: Inspection, links: Links, sender: Sender) -> Iterator[Finding]:
    """The reader's own address in a link to a stranger's page, which fills it in and so looks as if it knew him."""
    recipient = one_address(shown(seen.mail.first("to") or "")) or ""
    if not recipient:
        return
    lists = f"{seen.mail.first('list-id')} {seen.mail.first('list-unsubscribe')}".lower()
    forms = (
        recipient,
        base64.b64encode(recipient.encode()).decode().rstrip("=")[:-1].lower(),
        recipient.encode().hex(),
    )
    for link in links.followed:
        rest = link.target.rest[:_REST_CHARACTERS_MAX].lower().replace("%40", "@")
        if link.place == "link" and _is_strange(link, sender, lists) and any(form in rest for form in forms):
            yield found("link-carries-reader", link.url, domain=link.target.domain)
            return


def _is_strange(link: Link, sender: Sender, lists: str) -> bool:
    """Neither the sender's, nor of whom he sends through, nor of the mailing list."""
    domain = link.target.domain
    return domain != sender.registered and not is_mailer(link.target.host) and domain not in lists


def _unfilled(seen: Inspection, links: Links) -> Iterator[Finding]:
    """A form letter's blanks that its sender's program did not fill in."""
    lines = [shown(seen.mail.first("from") or ""), seen.wording.subject]
    lines += [link.target.rest[:_REST_CHARACTERS_MAX] for link in links.followed if link.place == "link"]
    for line in lines:
        match = _UNFILLED.search(line)
        if match:
            yield found("blank-unfilled", match[0], blank=match[0])
            return


def _local(sender: Sender) -> str:
    return sender.address.rpartition("@")[0].lower()[:_LOCAL_CHARACTERS_MAX]
