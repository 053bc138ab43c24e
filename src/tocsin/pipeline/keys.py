"""The issuer's keys on disk: made once, readable by their owner alone."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.notices.dkim_key import generate_dkim_key, load_dkim_key, save_dkim_key
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.zone import zone_text
from tocsin.proof.keys import generate_key, load_key, save_key
from tocsin.proof.known import format_known
from tocsin.proof.private_file import sweep_halves, write_new, write_over
from tocsin.terms.errors import BadRequest, StorageFailed

PROOF_KEY_LASTS = timedelta(days=2 * 365)
_SECRET_BYTES = 32


def make_keys(folder: Path, issuer: Issuer, now: datetime) -> bool:
    """Make what is missing: proof key, DKIM key, secret; and beside them the zone file and a known.toml.

    Keys that are there are never changed. Each file stands whole or not at all, so a call that was cut short is
    repeated. Returns whether anything was made. Raises StorageFailed when the disk would not take it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sweep_halves(folder)
        made = _make_missing(folder, issuer, now)
        keys = load_keys(folder)
        write_over(folder / "zone.txt", zone_text(issuer, keys).encode())
        write_over(folder / "known.toml", format_known([(keys.proof.public, issuer.name)], []).encode())
    except OSError as error:
        what = f"the keys cannot be written: {error.strerror or error}"
        raise StorageFailed(what, where=str(folder), remedy="mend the folder, then run `tocsin init` again") from error
    return made


def _make_missing(folder: Path, issuer: Issuer, now: datetime) -> bool:
    made = False
    if not (folder / "proof.pem").exists():
        save_key(generate_key(issuer.domain, now, now + PROOF_KEY_LASTS), folder / "proof.pem")
        made = True
    if not (folder / "dkim.pem").exists():
        save_dkim_key(generate_dkim_key(), folder / "dkim.pem")
        made = True
    if not (folder / "secret").exists():
        write_new(folder / "secret", secrets.token_bytes(_SECRET_BYTES))
        made = True
    return made


def load_keys(folder: Path) -> Keys:
    """Raises BadRequest when there are none yet."""
    if not (folder / "secret").is_file():
        raise BadRequest("there are no keys yet", where=str(folder), remedy="run `tocsin init`")
    secret = (folder / "secret").read_bytes()
    if len(secret) < _SECRET_BYTES:
        raise StorageFailed("the secret is cut short", where=str(folder / "secret"), remedy="restore it from a backup")
    return Keys(proof=load_key(folder / "proof.pem"), dkim=load_dkim_key(folder / "dkim.pem"), secret=secret)
