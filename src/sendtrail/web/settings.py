"""Settings: what an admin may change, and everybody's own password. Each section has an address of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import organizations, sessions
from sendtrail.web.forms import Blank, nonce, see, wrong_fields
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page
from sendtrail.web.sign_in import with_session
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the settings."""

    path: str
    title: str
    about: str
    needs: Permission | None
    """None: it is for everybody."""
    operator: bool = False
    """It is for admins of the installation."""


ACCOUNT = Section("/settings/account", "Your account", "What you are called, and how you sign in", None)
ORGANIZATION = Section(
    "/settings", "General", "What your organization is called, and whom your people ask", Permission.SETTINGS_WRITE
)
MAILER_IDS = Section(
    "/settings/mailer-ids",
    "Mailer IDs",
    "Which barcodes are yours, and which numbers come next",
    Permission.SETTINGS_WRITE,
)
FEEDS = Section(
    "/settings/feeds",
    "Push feeds",
    "Who may push scans to you, and which vendors' webhooks you take",
    Permission.FEEDS_WRITE,
)
KEYS = Section("/settings/keys", "API keys", "What programs sign in with", Permission.KEYS_WRITE)
CLIENTS = Section("/settings/clients", "Clients", "Organizations that you work for", Permission.SETTINGS_WRITE)
MONEY = Section(
    "/settings/money", "Money", "What a send costs where nobody says so, and what was paid in", Permission.MONEY_WRITE
)
FUNDS = Section("/settings/funds", "Sources and budgets", "Who pays, and what may be spent", Permission.MONEY_WRITE)
THRESHOLDS = Section(
    "/settings/thresholds",
    "Waiting times",
    "How long to wait before a delivery is presumed, or something needs attention",
    Permission.SETTINGS_WRITE,
)
LINKS = Section(
    "/settings/links",
    "Links",
    "Where QR codes and personal URLs may lead, and what is kept of who visits",
    Permission.SETTINGS_WRITE,
)
STOCK = Section(
    "/settings/stock",
    "Return envelopes",
    "What is on the shelf, and what was ordered and has not come yet",
    Permission.SETTINGS_WRITE,
)
MEMBERS = Section("/settings/members", "Members", "Who belongs to your organization", Permission.MEMBERS_READ)
TEAMS = Section("/settings/teams", "Teams", "Whose sends a manager sees", Permission.MEMBERS_READ)
ROLES = Section("/settings/roles", "Roles", "What each role may do, and how far", Permission.MEMBERS_WRITE)
AUDIT = Section("/settings/audit", "Audit", "Who changed what, and when", Permission.AUDIT_READ)
WORKER = Section(
    "/settings/worker", "Worker", "What this installation does by itself, and how it goes", None, operator=True
)
CODES = Section("/settings/codes", "Sign-in codes", "A code at sign-in, besides your password", None)
PASSWORD = Section("/settings/password", "Password", "Your own password", None)
_GROUPS = {
    "You": (ACCOUNT, PASSWORD, CODES),
    "Organization": (ORGANIZATION, MONEY, FUNDS, LINKS, THRESHOLDS, STOCK, CLIENTS, AUDIT),
    "People": (MEMBERS, TEAMS, ROLES),
    "Connections": (MAILER_IDS, FEEDS, KEYS),
    "Installation": (WORKER,),
}

_DONE = {
    "saved": "Saved.",
    "added": "Added.",
    "secret": "Saved: from now on its signature is checked by this secret.",
    "revoked": "Revoked: nothing can be pushed with these credentials any more.",
    "removed": "Removed.",
    "key": "Revoked: it opens nothing any more.",
    "deposited": "It is booked.",
    "invited": "The invitation is on its way.",
    "withdrawn": "Withdrawn: its link opens nothing any more.",
    "filled": "They are on the shelf: letters and cheques can bring them along.",
    "role": "The role is changed. They sign in again to go on.",
    "given_up": "The team is given up. What it sent keeps its name.",
    "allowed": "Links may lead there now.",
    "not_allowed": "Links may not lead there any more.",
    "gone": "They do not belong to your organization any more.",
    "password": "Your password is changed, and you are signed out everywhere else.",
}
"""What a page says after a form did its work, by the word that its address carries."""


def sections_for(visitor: Visitor) -> dict[str, list[Section]]:
    """What of the settings is for a visitor, by group."""
    groups = {group: [each for each in sections if _is_for(visitor, each)] for group, sections in _GROUPS.items()}
    return {group: sections for group, sections in groups.items() if sections}


def _is_for(visitor: Visitor, section: Section) -> bool:
    return (section.needs is None or visitor.scope.may(section.needs)) and (
        visitor.person.operator or not section.operator
    )


async def settings_page(
    request: WebRequest,
    visitor: Visitor,
    template: str,
    section: Section,
    *,
    wrong: Mapping[str, str],
    typed: Mapping[str, str],
    **values: Any,
) -> Response[str]:
    """A section's page. `wrong`: by field what was wrong with what was `typed`, which the form shows again."""
    return page(
        request,
        template,
        visitor,
        status=400 if wrong else 200,
        section=section,
        navigation=sections_for(visitor),
        done="" if wrong else _DONE.get(query_of(request).get("done", ""), ""),
        wrong=Blank(wrong),
        typed=Blank(typed),
        nonce=nonce(),
        **values,
    )


@get("/settings", needs=Permission.SETTINGS_WRITE)
async def show_organization(request: WebRequest, visitor: Here) -> Response[str]:
    """Name, time zone, support contact, currency."""
    known = _known(visitor)
    return await _organization_page(request, visitor, known | {f"was_{name}": value for name, value in known.items()})


@post("/settings", needs=Permission.SETTINGS_WRITE)
async def change_organization(request: WebRequest, visitor: Here) -> Response[str]:
    """Change what somebody changed on the page; what they left as it was shown may be another since."""
    fields = await read_form(request, visitor)
    wanted = {
        name: value if fields.get(name) in (None, fields.get(f"was_{name}")) else fields[name]
        for name, value in _known(visitor).items()
    }
    try:
        await organizations.change(
            context_of(request),
            visitor.scope,
            name=wanted["name"],
            time_zone=wanted["time_zone"].strip(),
            support_contact=wanted["support_contact"],
            currency=wanted["currency"],
        )
    except SendtrailError as problem:
        return await _organization_page(request, visitor, fields, problem)
    return see("/settings?done=saved")


def _known(visitor: Visitor) -> dict[str, str]:
    """What the organization says of itself, by the field of the form."""
    own = visitor.organization
    return {
        "name": own.name,
        "time_zone": own.time_zone,
        "support_contact": own.support_contact,
        "currency": own.currency,
    }


async def _organization_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    names = {"name": "name", "time_zone": "time zone", "support_contact": "contact", "currency": "currency"}
    return await settings_page(
        request,
        visitor,
        "settings.html",
        ORGANIZATION,
        wrong=wrong_fields(problem, names),
        typed=typed,
        zones=organizations.time_zones(),
        currencies=organizations.CURRENCIES,
        may_change_currency=await organizations.may_change_currency(context_of(request), visitor.scope),
    )


@get("/settings/password", needs=None)
async def show_password(request: WebRequest, visitor: Here) -> Response[str]:
    """The form for a new password of one's own."""
    return await settings_page(request, visitor, "settings_password.html", PASSWORD, wrong={}, typed={})


@post("/settings/password", needs=None)
async def change_password(request: WebRequest, visitor: Here) -> Response[str]:
    """Take a new password from whoever knows the old one; every other sign-in of theirs ends."""
    fields = await read_form(request, visitor)
    old, new = fields.get("old_password", ""), fields.get("password", "")
    try:
        token = await sessions.change_password(context_of(request), visitor.session, visitor.token, old, new)
    except SendtrailError as problem:
        if problem.param == "old_password":
            problem = SendtrailError("this is not your password", "old_password")
        wrong = wrong_fields(problem, {"old_password": "old password", "password": "password"})
        return await settings_page(request, visitor, "settings_password.html", PASSWORD, wrong=wrong, typed={})
    return with_session(request, see("/settings/password?done=password"), token)
