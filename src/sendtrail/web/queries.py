"""What the address of a page asks for."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from sendtrail.domain.problems import Invalid

_DONE = "done"
"""What a form says that did its work: any page may come after one."""


def query_of(request: ASGIConnection[Any, Any, Any, Any], repeats: Collection[str] = ()) -> dict[str, str]:
    """The parameters that are not empty: a form sends those of its empty fields too. Invalid for one given twice.

    Of those in `repeats`, which may be, the last one; `values_of` has them all.
    """
    found: dict[str, str] = {}
    for name, value in request.query_params.items():  # in their order, all of one name too
        text = str(value).strip()
        if not text or "\0" in text:
            continue
        if name in found and name not in repeats:
            raise Invalid(f"{name[:40]!a} is given more than once", name[:40])
        found[name] = text
    return found


def values_of(request: ASGIConnection[Any, Any, Any, Any], name: str) -> list[str]:
    """All values of a parameter that may be given several times, in their order, without empty ones."""
    found = (str(value).strip() for value in request.query_params.getall(name, []))
    return [text for text in found if text]


def refuse_unknown(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of all pages: a parameter that a page does not read would pass for one that works.

    A handler says by `takes` which it reads, and by `repeats` which of them may be given several times; Invalid for any
    other, and for one given twice.
    """
    if connection.scope.get("method") != "GET":
        return
    takes = handler.opt.get("takes", ())
    if unknown := sorted(query_of(connection, handler.opt.get("repeats", ())).keys() - {_DONE, *takes}):
        name, known = unknown[0][:40], ", ".join(sorted(takes)) or "none"
        raise Invalid(f"{name!a} is not a parameter of this page, which takes {known}", name)


def day_in(query: Mapping[str, str], name: str) -> date | None:
    """The day that a parameter names; Invalid where it is none."""
    try:
        return date.fromisoformat(query[name]) if name in query else None
    except ValueError:
        raise Invalid(f"{name} must be a day such as 2026-03-02", name) from None
