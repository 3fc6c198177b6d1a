"""What all of PostGrid's objects have: an id, their sort, the mode, times, a description and metadata."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sendtrail.domain.ids import Ids
from sendtrail.domain.notice_bodies import stamp
from sendtrail.domain.problems import SendtrailError


class Described(Protocol):
    """A row of what an organization keeps."""

    @property
    def description(self) -> str: ...
    @property
    def metadata(self) -> dict[str, Any] | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...


def common(ids: Ids, word: str, number: int, row: Described, live: bool) -> dict[str, Any]:
    """The fields that every object has; what is empty is left out."""
    return {
        "id": ids.encode(word, number),
        "object": word,
        "live": live,
        **({"description": row.description} if row.description else {}),
        **({"metadata": row.metadata} if row.metadata is not None else {}),
        "createdAt": stamp(row.created_at),
        "updatedAt": stamp(row.updated_at),
    }


def reworded(error: SendtrailError, names: Mapping[str, str]) -> SendtrailError:
    """A refusal that names its field as the client does. `names`: ours to the client's."""
    ours = error.param or ""
    if ours not in names:
        return error
    message = re.sub(rf"^{re.escape(ours)}\b", names[ours], error.message)
    return type(error)(message, names[ours], error.index)
