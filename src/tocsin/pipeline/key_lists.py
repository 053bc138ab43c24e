"""Lists of providers' keys: signed by a clearing house, each after the one before; taken over by a reader."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tocsin.book import audit
from tocsin.pipeline.clock import worker
from tocsin.pipeline.house import House
from tocsin.proof.keylist import KEY_LIST_BYTES_MAX, KeyList, follow, make_key_list, read_key_list
from tocsin.proof.known import Taken, newer_list, pinned_keys
from tocsin.proof.private_file import write_over
from tocsin.terms.errors import BadRequest, StorageFailed


def sign_list(house: House, providers: Path, out: Path, *, lasts: timedelta) -> KeyList:
    """Sign the keys that the file pins, and write the list to `out` in the place of the one that it follows.

    Raises BadConfig for a file that is not of the form, BadRequest for a key that was withdrawn and would come back.
    """
    key, at = house.keys.proof, house.now.replace(microsecond=0)
    before = _before(out, key.raw_public)
    fresh = KeyList(
        publisher=house.issuer.name, issued_at=at, expires_at=at + lasts, keys=tuple(pinned_keys(providers))
    )
    try:
        signed = follow(before, fresh)
        raw = make_key_list(signed, key)
    except ValueError as error:
        raise BadRequest(str(error), where=str(providers), remedy="write its revoked_at again") from error
    if len(raw) > KEY_LIST_BYTES_MAX:
        raise BadRequest(f"a list of more than {KEY_LIST_BYTES_MAX} bytes", where=str(providers))
    _write(out, raw)
    with house.book.write() as tx:
        said = f"{len(signed.keys)} keys"
        audit.append(tx, at=house.now, actor=worker(), action="key list signed", object=str(signed.number), reason=said)
    return signed


def take_list(path: Path, known_file: Path) -> Taken:
    """Put it where the known.toml says that its signer's list lies.

    Raises BadConfig when nobody whom the file pins has signed it, or it is older than what lies there.
    """
    taken = newer_list(path, known_file)
    _write(taken.place, taken.raw)
    return taken


def _before(out: Path, public: bytes) -> KeyList | None:
    try:
        raw = out.read_bytes() if out.exists() else None
        return read_key_list(raw, public) if raw is not None else None
    except (OSError, ValueError) as error:
        what = f"what lies there is no list of ours: {error}"
        raise BadRequest(what, where=str(out), remedy="name another file, or put the last list back") from error


def _write(path: Path, raw: bytes) -> None:
    try:
        write_over(path, raw)
    except OSError as error:
        raise StorageFailed(f"cannot be written: {error.strerror or error}", where=str(path)) from error
