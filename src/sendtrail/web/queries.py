"""What the address of a page asks for."""

from collections.abc import Mapping
from datetime import date

from sendtrail.domain.problems import Invalid
from sendtrail.web.visitors import WebRequest


def query_of(request: WebRequest) -> dict[str, str]:
    """The parameters that are not empty: a form sends those of its empty fields too. Invalid for one given twice."""
    found: dict[str, str] = {}
    for name, value in request.query_params.items():  # in their order, all of one name too
        text = str(value).strip()
        if not text or "\0" in text:
            continue
        if name in found:
            raise Invalid(f"{name[:40]!a} is given more than once", name[:40])
        found[name] = text
    return found


def refuse_unknown(query: Mapping[str, str], *known: str) -> None:
    """Invalid for a parameter that a page does not read: it would otherwise pass for one that works."""
    if unknown := sorted(query.keys() - set(known)):
        name = unknown[0][:40]
        raise Invalid(f"{name!a} is not a parameter of this page, which takes {', '.join(sorted(known))}", name)


def day_in(query: Mapping[str, str], name: str) -> date | None:
    """The day that a parameter names; Invalid where it is none."""
    try:
        return date.fromisoformat(query[name]) if name in query else None
    except ValueError:
        raise Invalid(f"{name} must be a day such as 2026-03-02", name) from None
