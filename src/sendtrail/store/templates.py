"""Templates: HTML with variables that orders are made from."""

from datetime import datetime
from typing import Any, NamedTuple

from sendtrail.store.nouns import Noun


class TemplateRow(NamedTuple):
    """One template."""

    id: int
    html: str
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


TEMPLATE = Noun("template", TemplateRow, "html || ' ' || description || ' ' || coalesce(metadata::text, '')")
