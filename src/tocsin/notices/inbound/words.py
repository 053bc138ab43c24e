"""What a person wrote back, as plain text that can be kept and shown."""

from __future__ import annotations

from tocsin.notices.inbound.parts import Part

TEXT_MAX = 20_000  # characters; whoever writes more is rung up
_DEPTH_MAX = 4


def words_of(mail: Part) -> str:
    """The plain text, else the words of the HTML; control characters gone, white space that only fills gone."""
    found = _find(mail, "text/plain", _DEPTH_MAX)
    if found is not None and found.text().strip():
        return _tidy(found.text())
    found = _find(mail, "text/html", _DEPTH_MAX)
    return _tidy(_of_html(found.text())) if found is not None else ""


def _find(part: Part, media_type: str, depth: int) -> Part | None:
    if part.media_type == media_type and "attachment" not in part.first("content-disposition").lower():
        return part
    if depth == 0:
        return None
    return next((found for each in part.parts() if (found := _find(each, media_type, depth - 1))), None)


def _of_html(html: str) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415 - most replies have a plain text

    try:
        tree = LexborHTMLParser(html)
        tree.strip_tags(["script", "style", "head", "title"])
        return tree.body.text(separator="\n") if tree.body else ""
    except SelectolaxError:
        return ""


def _tidy(text: str) -> str:
    lines = (
        "".join(sign for sign in line if sign.isprintable() or sign == "\t").rstrip() for line in text.splitlines()
    )
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()[:TEXT_MAX]
