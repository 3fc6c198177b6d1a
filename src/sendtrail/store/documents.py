"""Content of mail pieces as it was given: kept once in an organization and mode, by its SHA-256."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements

_SQL = statements("documents.sql")


@dataclass(frozen=True)
class Document:
    """What somebody gave, byte for byte. `media_type`: `text/html`, `application/pdf` or an image's."""

    media_type: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        """Its SHA-256 in hexadecimal: by that it is named."""
        return hashlib.sha256(self.content).hexdigest()


async def put(connection: Connection, scope: Scope, documents: Iterable[Document]) -> None:
    """Keep what is not kept yet, in the order of the digests: two who keep the same never wait in a ring."""
    by_digest = {each.digest: each for each in documents}
    digests = sorted(by_digest)
    if digests:
        values = {
            **_own(scope),
            "digests": [bytes.fromhex(digest) for digest in digests],
            "media_types": [by_digest[digest].media_type for digest in digests],
            "contents": [by_digest[digest].content for digest in digests],
        }
        await connection.execute(_SQL["put"], values)


async def read(connection: Connection, scope: Scope, digests: Collection[str]) -> dict[str, Document]:
    """Those that are kept, by their digests."""
    if not digests:
        return {}
    values = {**_own(scope), "digests": [bytes.fromhex(digest) for digest in digests]}
    cursor = await connection.execute(_SQL["read"], values)
    return {bytes(digest).hex(): Document(media_type, bytes(content)) async for digest, media_type, content in cursor}


def _own(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
