"""Codes in a mail's pictures (QR and the like), where the extra `tocsin[qr]` is installed. Bounded; never raises.

Pictures are decoded by libraries in C and C++, which is why this is an extra and not always done.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser

from tocsin.mailcheck.mail import Mail

PICTURES_MAX = 10  # of a mail that are looked at
PICTURE_BYTES_MAX = 2 * 1024 * 1024
PICTURE_PIXELS_MAX = 4_000_000
PICTURE_SIDE_MIN = 21  # pixels; the smallest QR code has 21 modules
CODES_MAX = 20
CODE_CHARACTERS_MAX = 2_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


def has_pictures(mail: Mail) -> bool:
    return any(part.media_type.startswith("image/") for part in mail.parts)


def codes_in(mail: Mail) -> tuple[str, ...] | None:
    """What the codes in the mail's pictures say; None where the libraries are not installed."""
    try:
        import zxingcpp  # noqa: F401, PLC0415 - an extra
        from PIL import Image  # noqa: F401, PLC0415
    except ImportError:
        return None
    found = (text for picture in _pictures(mail) for text in _codes(picture))
    return tuple(text for _, text in zip(range(CODES_MAX), found, strict=False))


def _pictures(mail: Mail) -> Iterator[bytes]:
    """The bytes of the pictures, which the mail as read does not keep."""
    message = BytesParser(policy=policy.compat32).parsebytes(mail.raw)
    seen = 0
    for part in message.walk():
        if part.get_content_maintype() == "image" and seen < PICTURES_MAX:
            seen += 1
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and 0 < len(payload) <= PICTURE_BYTES_MAX:
                yield payload


def _codes(picture: bytes) -> Iterator[str]:
    import zxingcpp  # noqa: PLC0415
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(picture), formats=_FORMATS) as opened:
            width, height = opened.size
            if width * height > PICTURE_PIXELS_MAX or min(width, height) < PICTURE_SIDE_MIN:
                return
            found = zxingcpp.read_barcodes(opened.convert("L"))
    except (OSError, ValueError, SyntaxError, RuntimeError, EOFError, MemoryError, UnidentifiedImageError):
        return  # what cannot be drawn shows no code
    except Image.DecompressionBombError:
        return
    for code in found:
        if code.valid:
            yield code.text[:CODE_CHARACTERS_MAX]
