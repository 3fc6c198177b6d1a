"""What the address of a page asks for."""

from collections.abc import Mapping
from datetime import date

from sendtrail.domain.problems import Invalid
from sendtrail.web.visitors import WebRequest


def query_of(request: WebRequest) -> dict[str, str]:
    """The parameters that are not empty: a form sends those of its empty fields too."""
    given = {name: str(value).strip() for name, value in request.query_params.items()}
    return {name: value for name, value in given.items() if value and "\0" not in value}


def day_in(query: Mapping[str, str], name: str) -> date | None:
    """The day that a parameter names; Invalid where it is none."""
    try:
        return date.fromisoformat(query[name]) if name in query else None
    except ValueError:
        raise Invalid(f"{name} must be a day such as 2026-03-02", name) from None
