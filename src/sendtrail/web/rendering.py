"""Templates to pages, and how numbers, money and times read in them."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response

from sendtrail.domain.events import Evidence, event_type
from sendtrail.domain.meanings import meaning
from sendtrail.domain.money import NOT_OWED
from sendtrail.domain.plurals import counted
from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.domain.send import Address
from sendtrail.domain.vocabularies.stannp import CATEGORIES, category
from sendtrail.web.assets import NAMES
from sendtrail.web.visitors import (
    CSRF_COOKIE,
    Visitor,
    WebRequest,
    context_of,
    csrf_token,
    form_token,
    set_cookie,
)

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


_DAY_ENDS = time(23, 59, 59)
_SYMBOLS = {"USD": "$", "CAD": "CA$", "AUD": "A$", "GBP": "£", "EUR": "€"}


def sentence(problem: SendtrailError) -> str:
    """A refusal as people read it."""
    return f"{problem.message[:1].upper()}{problem.message[1:]}."


def number(n: int) -> str:
    return f"{n:,}"


def money(cents: int | None, currency: str) -> str:
    """Cents as people write them: $1,234.50, −CA$2.00, 12.00 CHF; a dash for what the visitor may not know."""
    if cents is None:
        return "–"
    amount = f"{abs(cents) / 100:,.2f}"
    symbol = _SYMBOLS.get(currency)
    return ("−" if cents < 0 else "") + (f"{symbol}{amount}" if symbol else f"{amount} {currency}")


def share(n: int, total: int) -> str:
    """Per cent with one digit; a little is never nothing, and not all is never all."""
    if not total or not n:
        return "0 %"
    if n == total:
        return "100 %"
    return f"{min(max(100 * n / total, 0.1), 99.9):.1f} %"


def day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"


def has_time(value: datetime) -> bool:
    """Not for a day's last second, local: that is how what was told with a day only is kept."""
    return value.time().replace(microsecond=0) != _DAY_ENDS


def moment(value: datetime) -> str:
    """Local time with its zone: 22 Nov 2026, 03:41 EST; the day alone where nothing more was told."""
    return f"{day(value)}, {value:%H:%M} {value.tzname()}" if has_time(value) else day(value)


def today(visitor: Visitor) -> date:
    """The day that the organization's clocks have."""
    return datetime.now(ZoneInfo(visitor.organization.time_zone)).date()


def address(value: dict[str, Any]) -> Address:
    """A recipient with all fields, empty where not given."""
    return msgspec.convert(value, Address)


def category_of(status: dict[str, Any]) -> str:
    """The category of a status as `services.views` gives it."""
    return category(status["code"], Evidence[status["evidence"].upper()])


def meaning_of(status: dict[str, Any]) -> str:
    """What a status means, in a sentence."""
    return meaning(status["code"], Evidence[status["evidence"].upper()]).text


def is_owed(status: dict[str, Any]) -> bool:
    """Whether a send of this status is to be paid for."""
    return status["code"] not in NOT_OWED


def cancellable(status: dict[str, Any]) -> bool:
    """Whether a send of this status can be cancelled or changed."""
    return event_type(status["code"], Evidence[status["evidence"].upper()]).cancellable


_environment = Environment(
    loader=PackageLoader("sendtrail.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {"address": address, "number": number, "money": money, "day": day, "moment": moment}
_environment.globals |= {
    "assets": NAMES,
    "cancellable": cancellable,
    "categories": CATEGORIES,
    "category_of": category_of,
    "is_owed": is_owed,
    "counted": counted,
    "has_time": has_time,
    "meaning_of": meaning_of,
    "share": share,
    "zip": zip,
}


def _organizations(request: WebRequest, visitor: Visitor | None) -> list[tuple[str, str]]:
    """Ids and names of the other organizations that a visitor can look at."""
    if visitor is None:
        return []
    ids = context_of(request).ids
    return [
        (ids.encode("organization", number), name)
        for number, name in visitor.person.organizations
        if number != visitor.scope.organization_id
    ]


def _clock(visitor: Visitor | None) -> Callable[[datetime], datetime]:
    """Moments as the organization's clocks show them."""
    zone = ZoneInfo(visitor.organization.time_zone) if visitor else ZoneInfo("UTC")
    return lambda value: value.astimezone(zone)


def _allowed(visitor: Visitor | None) -> Callable[[str], bool]:
    """What a template may offer."""
    return lambda permission: visitor is not None and visitor.scope.may(Permission(permission))


def fragment(template: str, visitor: Visitor, **values: Any) -> str:
    """A part of a page, to take the place of what is there."""
    return _environment.get_template(template).render(
        visitor=visitor, local=_clock(visitor), may=_allowed(visitor), **values
    )


def page(
    request: WebRequest, template: str, visitor: Visitor | None, *, status: int = 200, **values: Any
) -> Response[str]:
    """A page for a visitor, or for somebody who has not signed in."""
    token = csrf_token(request)
    text = _environment.get_template(template).render(
        visitor=visitor,
        csrf=form_token(token, visitor),
        path=request.url.path,
        local=_clock(visitor),
        organizations=_organizations(request, visitor),
        may=_allowed(visitor),
        **values,
    )
    response = Response(text, status_code=status, media_type=MediaType.HTML, headers=HEADERS)
    if request.cookies.get(CSRF_COOKIE) != token:
        set_cookie(request, response, CSRF_COOKIE, token)
    return response
