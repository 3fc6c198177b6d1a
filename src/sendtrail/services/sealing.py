"""What must not be read by whoever gets hold of the database: enciphered with a key that lies in a file beside it.

The key is made when it is first needed. It is never made anew while something is enciphered with it, and never used
unless it opens what was enciphered last: else two keys would be in use, and one of them lost one day.
"""

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sendtrail.domain.problems import SendtrailError
from sendtrail.services.context import Context
from sendtrail.store.system import sealed

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"


class Unopenable(SendtrailError):
    """The key is missing or another one: whoever runs the installation must bring it back."""

    type = "unavailable"


class Seal:
    """Enciphers and deciphers with AES-256-GCM (NIST SP 800-38D), each time with a nonce of its own."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, text: str, owner: tuple[int, bool]) -> bytes:
        """The text enciphered for one organization and mode: in another one's row it cannot be opened."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), _about(owner))

    def open(self, content: bytes, owner: tuple[int, bool]) -> str:
        """What `seal` was given; Unopenable where this key or this owner is another one."""
        nonce, enciphered = content[1 : 1 + _NONCE_BYTES], content[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, enciphered, _about(owner)).decode()
        except InvalidTag:
            raise Unopenable("the secret key is not the one with which bank accounts were enciphered") from None


async def seal_of(context: Context) -> Seal:
    """The installation's, whose key is made unless something is enciphered already; Unopenable."""
    path = context.config.secret_key
    async with context.database.snapshot() as connection:
        last = await sealed.newest(connection)
    key = await asyncio.to_thread(_key, path, last is None)
    if key is None:
        raise Unopenable(
            "the secret key is missing with which bank accounts were enciphered: SENDTRAIL_SECRET_KEY_FILE must name it"
        )
    seal = Seal(key)
    if last:
        seal.open(last.account_number, (last.organization_id, last.live))
    return seal


async def opens(context: Context) -> bool:
    """Whether the key that lies there opens what was enciphered last; also where nothing ever was."""
    async with context.database.snapshot() as connection:
        if await sealed.newest(connection) is None:
            return True
    try:
        await seal_of(context)
    except Unopenable:
        return False
    return True


def _key(path: Path, make: bool) -> bytes | None:
    """The key in a file, which is made where it may be and is not there; None where it is missing.

    Its owner alone can read it. It appears whole or not at all, and of several that are made at once one remains.
    """
    with suppress(FileNotFoundError):
        return _read(path)
    if not make:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()
    return _read(path)


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise Unopenable(f"the secret key must be {_KEY_BYTES * 2} hexadecimal digits in SENDTRAIL_SECRET_KEY_FILE")
    return key


def _about(owner: tuple[int, bool]) -> bytes:
    """What is authenticated besides."""
    organization_id, live = owner
    return f"bank_account {organization_id} {'live' if live else 'test'}".encode()
