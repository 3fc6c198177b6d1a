"""What everything that an organization keeps may carry besides: a description, and metadata of its own."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain.problems import Invalid
from sendtrail.domain.send import MAX_JSON, MAX_MESSAGE


def check_described(description: str | UnsetType | None, metadata: dict[str, Any] | UnsetType | None) -> dict[str, Any]:
    """Those of the two that were given, as columns; null empties one. Invalid names the field."""
    columns: dict[str, Any] = {}
    if description is not UNSET:
        if description and len(description) > MAX_MESSAGE:
            raise Invalid(f"description may be {MAX_MESSAGE:,} characters at most", "description")
        columns["description"] = description or ""
    if metadata is not UNSET:
        if metadata is not None and len(msgspec.json.encode(metadata)) > MAX_JSON:
            raise Invalid(f"metadata may be {MAX_JSON:,} bytes of JSON at most", "metadata")
        columns["metadata"] = metadata
    return columns
