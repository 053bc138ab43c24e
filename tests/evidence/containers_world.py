"""Zips and mails for the tests, honest ones and others."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)  # always the same bytes
    return out.getvalue()


def mail(attachments: dict[str, bytes], subject: str = "Your report") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "reports@feed.example", "abuse@provider.example", subject
    made["Message-ID"] = "<1@feed.example>"
    made.set_content("Dear colleague,\n\nfind your report attached.\n")
    for name, content in attachments.items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    boundary = "b0undary"
    made.set_boundary(boundary)
    return made.as_bytes()


def mailbox(*mails: bytes) -> bytes:
    return b"\n".join(b"From reports@feed.example Tue Nov 24 08:00:00 2026\n" + each + b"\n" for each in mails)
