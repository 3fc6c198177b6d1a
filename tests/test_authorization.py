"""Who may do what: every route of the application × role × reach × organization. A route without a line here fails."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple, cast

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from sendtrail.domain.roles import READING, Permission
from sendtrail.services import api_keys, sessions
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session
from tests.api.conftest import Clients, app, clients, context
from tests.api.postgrid.lines import PRINT_MAIL, UNSUPPORTED
from tests.people import DAY, REACHED, World, world
from tests.things import filled, things
from tests.web.conftest import Browser

__all__ = ["app", "clients", "context"]

ALL = frozenset(REACHED)
ADMINS = frozenset({"ann", "fay"})
MANAGERS = ADMINS | {"gus", "mia"}
NOBODY: frozenset[str] = frozenset()


class Line(NamedTuple):
    """Who may use a route at all; others get 403. `of`: what its address names, which is 404 beyond their reach."""

    who: frozenset[str]
    of: str = ""


PUBLIC = {
    "GET /login",
    "POST /login",
    "GET /login/code",
    "POST /login/code",
    "POST /logout",
    "GET /invite/{token}",
    "POST /invite/{token}",
    "GET /reset",
    "POST /reset",
    "GET /reset/{token}",
    "POST /reset/{token}",
    "GET /static/{name}",
    "GET /healthz",
    "GET /readyz",
    "GET /files/{token}",
    "GET /goal/{code}",
    "POST /goal/{code}",
}
"""For strangers too."""
PAGES = {
    "GET /": Line(ALL),
    "GET /reports": Line(ALL),
    "GET /reports.csv": Line(ALL),
    "GET /campaigns": Line(ALL),
    "POST /campaigns": Line(ALL),
    "GET /campaigns/new": Line(ALL),
    "GET /campaigns/{campaign_id}": Line(ALL, "campaign"),
    "GET /campaigns/{campaign_id}/edit": Line(ALL, "campaign"),
    "POST /campaigns/{campaign_id}/edit": Line(ALL, "campaign"),
    "POST /campaigns/{campaign_id}/trial": Line(ALL, "campaign"),
    "POST /campaigns/{campaign_id}/responses/reset": Line(ALL, "campaign"),
    "POST /campaigns/{campaign_id}/archive": Line(ALL, "campaign"),
    "POST /campaigns/{campaign_id}/restore": Line(ALL, "campaign"),
    "GET /campaigns/{campaign_id}/delete": Line(ALL, "campaign"),
    "POST /campaigns/{campaign_id}/delete": Line(ALL, "campaign"),
    "GET /campaigns/compare": Line(ALL),
    "GET /campaigns/{campaign_id}/engaged.csv": Line(ALL, "campaign"),
    "GET /campaigns/{campaign_id}/recipients": Line(ALL, "campaign"),
    "POST /campaigns/{campaign_id}/recipients": Line(ALL, "campaign"),
    "GET /campaigns/{campaign_id}/links.csv": Line(ALL, "campaign"),
    "GET /campaigns/{campaign_id}/passed-over.csv": Line(ADMINS | {"gus"}, "campaign"),
    "GET /campaigns/{campaign_id}/links.zip": Line(ALL, "campaign"),
    "GET /links": Line(ALL),
    "GET /links/{link_id}": Line(ALL, "link"),
    "POST /links/{link_id}": Line(ALL, "link"),
    "GET /links/{link_id}/qr.svg": Line(ALL, "link"),
    "GET /links/{link_id}/qr.png": Line(ALL, "link"),
    "POST /campaigns/{campaign_id}/rehearsal": Line(ALL, "campaign"),
    "POST /campaigns/{campaign_id}/rehearsal/reset": Line(ALL, "campaign"),
    "GET /sends": Line(ALL),
    "GET /sends/rows": Line(ALL),
    "GET /sends.csv": Line(ALL),
    "GET /sends/selected": Line(ALL),
    "POST /sends/selected": Line(ALL),
    "GET /sends/views": Line(ALL),
    "POST /sends/views": Line(ALL),
    "POST /sends/views/{view_id}/remove": Line(ALL, "view"),
    "GET /attention": Line(ALL),
    "POST /attention": Line(ALL),
    "GET /attention/{entry_id}": Line(ALL, "entry"),
    "POST /attention/{entry_id}/note": Line(ALL, "entry"),
    "GET /sends/{send_id}": Line(ALL, "send"),
    "GET /recipients/{send_id}": Line(ALL, "send"),
    "GET /sends/{send_id}/content/{part}": Line(ALL, "content"),
    "GET /sends/{send_id}/edit": Line(ALL, "send"),
    "POST /sends/{send_id}/edit": Line(ALL, "send"),
    "GET /sends/{send_id}/tracking": Line(ALL, "send"),
    "POST /sends/{send_id}/tracking": Line(ALL, "send"),
    "GET /sends/{send_id}/cancel": Line(ALL, "send"),
    "POST /sends/{send_id}/cancel": Line(ALL, "send"),
    "GET /sends/{send_id}/resend": Line(ALL, "send"),
    "POST /sends/{send_id}/resend": Line(ALL, "send"),
    "GET /sends/{send_id}/events": Line(ALL, "send"),
    "POST /sends/{send_id}/events": Line(ALL, "send"),
    "POST /sends/{send_id}/progressions": Line(ALL, "send"),
    "POST /sends/{send_id}/rehearsal": Line(ALL, "send"),
    "POST /sends/{send_id}/rehearsal/stop": Line(ALL, "send"),
    "POST /sends/{send_id}/rehearsal/go-on": Line(ALL, "send"),
    "POST /sends/{send_id}/rehearsal/reset": Line(ALL, "send"),
    "POST /rehearsals": Line(ALL),
    "GET /feeds": Line(ADMINS),
    "POST /feeds": Line(ADMINS),
    "GET /feeds/unmatched": Line(ADMINS),
    "GET /feeds/{file_id}": Line(ADMINS, "file"),
    "GET /feeds/{file_id}/rejects.csv": Line(ADMINS, "file"),
    "GET /feeds/{file_id}/original": Line(ADMINS, "file"),
    "GET /hooks": Line(ADMINS),
    "POST /hooks": Line(ADMINS),
    "GET /hooks/new": Line(ADMINS),
    "GET /hooks/{hook_id}": Line(ADMINS, "hook"),
    "GET /hooks/{hook_id}/edit": Line(ADMINS, "hook"),
    "POST /hooks/{hook_id}/edit": Line(ADMINS, "hook"),
    "GET /hooks/{hook_id}/receiver": Line(ADMINS, "hook"),
    "POST /hooks/{hook_id}/rotate": Line(ADMINS, "hook"),
    "POST /hooks/{hook_id}/enable": Line(ADMINS, "hook"),
    "POST /hooks/{hook_id}/disable": Line(ADMINS, "hook"),
    "POST /hooks/{hook_id}/test": Line(ADMINS, "hook"),
    "POST /hooks/{hook_id}/replay": Line(ADMINS, "hook"),
    "GET /hooks/{hook_id}/deliveries/{delivery_id}": Line(ADMINS, "delivery"),
    "POST /hooks/{hook_id}/deliveries/{delivery_id}/replay": Line(ADMINS, "delivery"),
    "GET /hooks/{hook_id}/delete": Line(ADMINS, "hook"),
    "POST /hooks/{hook_id}/delete": Line(ADMINS, "hook"),
    "GET /settings": Line(ADMINS),
    "POST /settings": Line(ADMINS),
    "GET /settings/links": Line(ADMINS),
    "POST /settings/links": Line(ADMINS),
    "POST /settings/links/remove": Line(ADMINS),
    "POST /settings/links/addresses": Line(ADMINS),
    "GET /settings/mailer-ids": Line(ADMINS),
    "POST /settings/mailer-ids": Line(ADMINS),
    "POST /settings/mailer-ids/{mailer_id}/remove": Line(ADMINS, "mailer_id"),
    "GET /settings/stock": Line(ADMINS),
    "POST /settings/stock/{order_id}": Line(ADMINS, "stock_order"),
    "GET /settings/feeds": Line(ADMINS),
    "POST /settings/feeds": Line(ADMINS),
    "POST /settings/feeds/{feed_id}/secret": Line(ADMINS, "feed"),
    "POST /settings/feeds/{feed_id}/revoke": Line(ADMINS, "feed"),
    "GET /settings/money": Line(ADMINS),
    "POST /settings/money/prices": Line(ADMINS),
    "POST /settings/money/prices/remove": Line(ADMINS),
    "POST /settings/money/deposits": Line(ADMINS),
    "GET /settings/funds": Line(ADMINS),
    "POST /settings/funds": Line(ADMINS),
    "POST /settings/funds/{fund_id}": Line(ADMINS, "fund"),
    "POST /settings/budgets": Line(ADMINS),
    "POST /settings/budgets/{budget_id}/remove": Line(ADMINS, "budget"),
    "GET /statement": Line(ALL),
    "GET /statement.csv": Line(ALL),
    "GET /settings/thresholds": Line(ADMINS),
    "POST /settings/thresholds": Line(ADMINS),
    "GET /settings/members": Line(MANAGERS),
    "POST /settings/members": Line(ADMINS),
    "POST /settings/members/{member_id}/role": Line(ADMINS, "member"),
    "POST /settings/members/{member_id}/remove": Line(ADMINS, "member"),
    "POST /settings/invitations/{invitation_id}/withdraw": Line(ADMINS, "invitation"),
    "GET /settings/teams": Line(MANAGERS),
    "POST /settings/teams": Line(ADMINS),
    "POST /settings/teams/{team_id}/enter": Line(ADMINS, "team"),
    "POST /settings/teams/{team_id}/exit": Line(ADMINS, "team"),
    "POST /settings/teams/{team_id}/rename": Line(ADMINS, "team"),
    "POST /settings/teams/{team_id}/remove": Line(ADMINS, "team"),
    "GET /settings/roles": Line(ADMINS),
    "POST /settings/roles": Line(ADMINS),
    "POST /settings/roles/remove": Line(ADMINS),
    "GET /settings/keys": Line(ADMINS),
    "POST /settings/keys": Line(ADMINS),
    "POST /settings/keys/{key_id}/revoke": Line(ADMINS, "key"),
    "GET /settings/clients": Line(ADMINS),
    "POST /settings/clients": Line(ADMINS),
    "GET /settings/audit": Line(ADMINS),
    "GET /settings/worker": Line(frozenset({"ann"})),
    "GET /settings/account": Line(ALL),
    "POST /settings/account": Line(ALL),
    "POST /settings/account/digest": Line(ALL),
    "GET /settings/codes": Line(ALL),
    "POST /settings/codes": Line(ALL),
    "POST /settings/codes/end": Line(ALL),
    "GET /settings/password": Line(ALL),
    "POST /settings/password": Line(ALL),
    "GET /welcome": Line(ADMINS),
    "GET /help/statuses": Line(ALL),
    "POST /mode": Line(ALL),
    "POST /organization": Line(ALL),
    "POST /logout/everywhere": Line(ALL),
    "GET /outbox": Line(frozenset({"ann"})),
}
API: dict[str, tuple[Permission | None, str]] = {
    "GET /api/v1/me": (None, ""),
    "GET /api/v1/keys": (Permission.KEYS_READ, ""),
    "POST /api/v1/keys": (Permission.KEYS_WRITE, ""),
    "DELETE /api/v1/keys/{key_id}": (Permission.KEYS_WRITE, "key"),
    "GET /api/v1/members": (Permission.MEMBERS_READ, ""),
    "POST /api/v1/members": (Permission.MEMBERS_WRITE, ""),
    "GET /api/v1/members/invitations": (Permission.MEMBERS_READ, ""),
    "DELETE /api/v1/members/invitations/{invitation_id}": (Permission.MEMBERS_WRITE, "invitation"),
    "PATCH /api/v1/members/{member_id}": (Permission.MEMBERS_WRITE, "other"),
    "DELETE /api/v1/members/{member_id}": (Permission.MEMBERS_WRITE, "other"),
    "GET /api/v1/teams": (Permission.MEMBERS_READ, ""),
    "POST /api/v1/teams": (Permission.MEMBERS_WRITE, ""),
    "PATCH /api/v1/teams/{team_id}": (Permission.MEMBERS_WRITE, "team"),
    "PUT /api/v1/teams/{team_id}/members/{member_id}": (Permission.MEMBERS_WRITE, "seat"),
    "DELETE /api/v1/teams/{team_id}/members/{member_id}": (Permission.MEMBERS_WRITE, "seat"),
    "DELETE /api/v1/teams/{team_id}": (Permission.MEMBERS_WRITE, "team"),
    "GET /api/v1/clients": (Permission.SETTINGS_READ, ""),
    "POST /api/v1/clients": (Permission.SETTINGS_WRITE, ""),
    "GET /api/v1/mailer_ids": (Permission.SETTINGS_READ, ""),
    "POST /api/v1/mailer_ids": (Permission.SETTINGS_WRITE, ""),
    "DELETE /api/v1/mailer_ids/{mailer_id}": (Permission.SETTINGS_WRITE, "mailer_id"),
    "GET /api/v1/campaigns": (Permission.CAMPAIGNS_READ, ""),
    "POST /api/v1/campaigns": (Permission.CAMPAIGNS_WRITE, ""),
    "GET /api/v1/campaigns/{campaign_id}": (Permission.CAMPAIGNS_READ, "campaign"),
    "GET /api/v1/campaigns/{campaign_id}/history": (Permission.CAMPAIGNS_READ, "campaign"),
    "GET /api/v1/campaigns/{campaign_id}/performance": (Permission.CAMPAIGNS_READ, "campaign"),
    "GET /api/v1/campaigns/{campaign_id}/engaged.csv": (Permission.SENDS_READ, "campaign"),
    "PATCH /api/v1/campaigns/{campaign_id}": (Permission.CAMPAIGNS_WRITE, "campaign"),
    "POST /api/v1/campaigns/{campaign_id}/archive": (Permission.CAMPAIGNS_WRITE, "campaign"),
    "POST /api/v1/campaigns/{campaign_id}/restore": (Permission.CAMPAIGNS_WRITE, "campaign"),
    "DELETE /api/v1/campaigns/{campaign_id}/responses": (Permission.CAMPAIGNS_WRITE, "campaign"),
    "DELETE /api/v1/campaigns/{campaign_id}": (Permission.CAMPAIGNS_WRITE, "campaign"),
    "GET /api/v1/sends": (Permission.SENDS_READ, ""),
    "GET /api/v1/sends/counts": (Permission.SENDS_READ, ""),
    "GET /api/v1/sends.csv": (Permission.SENDS_READ, ""),
    "POST /api/v1/sends": (Permission.SENDS_WRITE, ""),
    "POST /api/v1/sends/batch": (Permission.SENDS_WRITE, ""),
    "GET /api/v1/sends/{send_id}": (Permission.SENDS_READ, "send"),
    "GET /api/v1/sends/{send_id}/events": (Permission.SENDS_READ, "send"),
    "PATCH /api/v1/sends/{send_id}": (Permission.SENDS_WRITE, "send"),
    "POST /api/v1/sends/{send_id}/cancel": (Permission.SENDS_CANCEL, "send"),
    "POST /api/v1/sends/{send_id}/resend": (Permission.SENDS_WRITE, "send"),
    "POST /api/v1/sends/cancel": (Permission.SENDS_CANCEL, ""),
    "POST /api/v1/sends/{send_id}/events": (Permission.SENDS_WRITE, "send"),
    "POST /api/v1/sends/{send_id}/progressions": (Permission.SENDS_WRITE, "send"),
    "POST /api/v1/sends/{send_id}/rehearsal": (Permission.SENDS_WRITE, "send"),
    "GET /api/v1/sends/{send_id}/rehearsal": (Permission.SENDS_READ, "send"),
    "DELETE /api/v1/sends/{send_id}/rehearsal": (Permission.SENDS_WRITE, "send"),
    "GET /api/v1/links": (Permission.SENDS_READ, ""),
    "POST /api/v1/links": (Permission.SENDS_WRITE, ""),
    "GET /api/v1/links.csv": (Permission.SENDS_READ, ""),
    "GET /api/v1/links.zip": (Permission.SENDS_READ, ""),
    "GET /api/v1/links/{link_id}": (Permission.SENDS_READ, "link"),
    "PATCH /api/v1/links/{link_id}": (Permission.SENDS_WRITE, "link"),
    "GET /api/v1/links/{link_id}/visits": (Permission.SENDS_READ, "link"),
    "GET /api/v1/links/{link_id}/qr.svg": (Permission.SENDS_READ, "link"),
    "GET /api/v1/links/{link_id}/qr.png": (Permission.SENDS_READ, "link"),
    "GET /api/v1/destinations": (Permission.SETTINGS_READ, ""),
    "POST /api/v1/destinations": (Permission.SETTINGS_WRITE, ""),
    "DELETE /api/v1/destinations/{host}": (Permission.SETTINGS_WRITE, "destination"),
    "GET /api/v1/goals": (Permission.SENDS_READ, ""),
    "POST /api/v1/goals": (Permission.SENDS_WRITE, ""),
    "GET /api/v1/attention": (Permission.SENDS_READ, ""),
    "GET /api/v1/attention/{entry_id}": (Permission.SENDS_READ, "entry"),
    "PATCH /api/v1/attention/{entry_id}": (Permission.SENDS_WRITE, "entry"),
    "GET /api/v1/balance": (Permission.MONEY_READ, ""),
    "POST /api/v1/balance": (Permission.MONEY_WRITE, ""),
    "POST /api/v1/adjustments": (Permission.MONEY_WRITE, ""),
    "GET /api/v1/ledger": (Permission.MONEY_READ, ""),
    "GET /api/v1/statement": (Permission.MONEY_READ, ""),
    "GET /api/v1/statement.csv": (Permission.MONEY_READ, ""),
    "GET /api/v1/funding_sources": (Permission.MONEY_READ, ""),
    "POST /api/v1/funding_sources": (Permission.MONEY_WRITE, ""),
    "PATCH /api/v1/funding_sources/{fund_id}": (Permission.MONEY_WRITE, "fund"),
    "POST /api/v1/funding_sources/{fund_id}/close": (Permission.MONEY_WRITE, "fund"),
    "GET /api/v1/budgets": (Permission.MONEY_READ, ""),
    "PUT /api/v1/budgets": (Permission.MONEY_WRITE, ""),
    "DELETE /api/v1/budgets/{budget_id}": (Permission.MONEY_WRITE, "budget"),
    "GET /api/v1/prices": (Permission.MONEY_READ, ""),
    "PUT /api/v1/prices": (Permission.MONEY_WRITE, ""),
    "DELETE /api/v1/prices": (Permission.MONEY_WRITE, ""),
    "GET /api/v1/reports/summary": (Permission.REPORTS_READ, ""),
    "GET /api/v1/reports/timeline": (Permission.REPORTS_READ, ""),
    "GET /api/v1/reports/days_to_deliver": (Permission.REPORTS_READ, ""),
    "GET /api/v1/reports/performance": (Permission.REPORTS_READ, ""),
    "GET /api/v1/feeds": (Permission.FEEDS_READ, ""),
    "POST /api/v1/feeds": (Permission.FEEDS_WRITE, ""),
    "PATCH /api/v1/feeds/{feed_id}": (Permission.FEEDS_WRITE, "feed"),
    "GET /api/v1/feeds/files": (Permission.FEEDS_READ, ""),
    "POST /api/v1/feeds/files": (Permission.FEEDS_WRITE, ""),
    "GET /api/v1/feeds/files/{file_id}/rejects": (Permission.FEEDS_READ, "file"),
    "GET /api/v1/feeds/files/{file_id}/rejects.csv": (Permission.FEEDS_READ, "file"),
    "GET /api/v1/feeds/unmatched": (Permission.FEEDS_READ, ""),
    "GET /api/v1/hooks": (Permission.HOOKS_READ, ""),
    "POST /api/v1/hooks": (Permission.HOOKS_WRITE, ""),
    "GET /api/v1/hooks/{hook_id}": (Permission.HOOKS_READ, "hook"),
    "PATCH /api/v1/hooks/{hook_id}": (Permission.HOOKS_WRITE, "hook"),
    "GET /api/v1/hooks/{hook_id}/secret": (Permission.HOOKS_WRITE, "hook"),
    "POST /api/v1/hooks/{hook_id}/rotate": (Permission.HOOKS_WRITE, "hook"),
    "GET /api/v1/hooks/events": (None, ""),
    "GET /api/v1/hooks/sample": (Permission.HOOKS_READ, ""),
    "POST /api/v1/hooks/{hook_id}/test": (Permission.HOOKS_WRITE, "hook"),
    "POST /api/v1/hooks/{hook_id}/replay": (Permission.HOOKS_WRITE, "hook"),
    "POST /api/v1/hooks/{hook_id}/recover": (Permission.HOOKS_WRITE, "hook"),
    "GET /api/v1/hooks/{hook_id}/deliveries": (Permission.HOOKS_READ, "hook"),
    "GET /api/v1/hooks/{hook_id}/deliveries/{delivery_id}": (Permission.HOOKS_READ, "delivery"),
    "POST /api/v1/hooks/{hook_id}/deliveries/{delivery_id}/replay": (Permission.HOOKS_WRITE, "delivery"),
    "DELETE /api/v1/hooks/{hook_id}": (Permission.HOOKS_WRITE, "hook"),
    "POST /api/v1/return_envelope_orders/{order_id}/fill": (Permission.SETTINGS_WRITE, "stock_order"),
    **PRINT_MAIL,
}
BY_CREDENTIALS = {
    "POST /feeds/iv-mtr",
    "POST /feeds/vendors/{vendor}",
    "POST /feeds/vendors/{vendor}/{type}",
    "GET /metrics",
}
"""Feeds' own user names, passwords and secrets, or a token of the settings, open these; their own tests tell how."""
CAME_BACK_ONLY = ("POST /sends/{send_id}/resend", "POST /api/v1/sends/{send_id}/resend")
"""What is done to sends that came back or failed; those of these tests did not."""
TEST_ONLY = re.compile(r"^(?!/print-mail/).*/(progressions|rehearsal)(/[a-z-]+)?$")
"""What live sends refuse; of orders that is a 400, whatever they are asked."""
FORMS = {
    "POST /settings/links": {"host": "more.example.com"},
    "POST /settings/links/remove": {"host": "more.example.com"},
    "POST /settings/money/prices/remove": {"kind": "letter", "mailing_class": ""},
    "POST /settings/roles/remove": {"name": "Auditor"},
    "POST /organization": {"organization": "{organization}"},
    "POST /settings/teams/{team_id}/rename": {"name": "Dusk"},
    "POST /settings/teams/{team_id}/enter": {"member": "{member}"},
    "POST /settings/teams/{team_id}/exit": {"member": "{member}"},
    "POST /sends/selected": {"action": "tag", "all": "yes", "list": "q=To"},
}
QUERIES = {
    "GET /reports": ["", f"?start={DAY}&end={DAY}", f"?start={DAY}&end={DAY}&sector=single&sort=cost"],
    "GET /sends": ["", "?q=To"],
    "GET /sends/rows": ["?ids={sends}"],
    "GET /statement": ["", "?show=entries", "?type=charge"],
    "GET /statement.csv": ["", "?type=charge"],
}
"""Addresses at which a page has more to show; `sends`: the ids of all."""
BOTH_MODES = ("/api/v1/members", "/api/v1/teams", "/api/v1/destinations")
"""What is the same in live and test: a test key sees it and changes nothing."""
OF_A_CAMPAIGN = ("/api/v1/links.csv", "/api/v1/links.zip", "/api/v1/hooks/sample")
"""What asks for a campaign, or for types of events, and is refused without one."""
BODIES = {
    "POST /api/v1/destinations": {"host": "more.example.com"},
    "POST /api/v1/teams": {"name": "Dawn"},
    "POST /api/v1/members": {"email": "more@example.com", "role": "sender"},
    "PATCH /api/v1/members/{member_id}": {"role": "sender"},
    "PATCH /api/v1/feeds/{feed_id}": {"secret": ""},
    "PATCH /api/v1/teams/{team_id}": {"name": "Dusk"},
    "POST /api/v1/sends/{send_id}/events": {"code": "printed"},
    "POST /print-mail/v1/mailing_lists/{id_}/jobs": {"addContacts": []},
    "POST /print-mail/v1/return_envelopes/{id_}/orders": {"quantityOrdered": 5000},
    "POST /api/v1/hooks/{hook_id}/replay": {"since": "2026-03-02T00:00:00Z"},
    "POST /api/v1/hooks/{hook_id}/recover": {"since": "2026-03-02T00:00:00Z"},
}


def routes(app: Litestar) -> Iterator[str]:
    for route in app.routes:
        if isinstance(route, HTTPRoute) and not route.path_format.startswith("/docs"):
            for method in route.methods - {"OPTIONS", "HEAD"}:
                yield f"{method} {route.path_format.replace(':str', '')}"


async def signed_in(app: Litestar, context: Context, made: World, who: str) -> Browser:
    scope = made.scopes[who]
    session = Session(made.members[who], f"{who}@example.com", scope.organization_id)
    transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://sendtrail.test")
    client.cookies.set("sendtrail_session", await sessions.begin(context, session), domain="sendtrail.test")
    return Browser(client)


def reaches(who: str, of: str, owner: str) -> bool:
    if of in ("send", "content", "campaign", "entry", "link"):
        return owner in REACHED[who]
    if of == "view":
        return who == owner
    return (who == "fay") == (owner == "fay")


def test_every_route_has_its_line(app: Litestar) -> None:
    assert set(routes(app)) == PUBLIC | BY_CREDENTIALS | UNSUPPORTED | PAGES.keys() | API.keys()


@pytest.mark.parametrize("who", sorted(REACHED))
async def test_each_page_is_for_whom_it_says_as_far_as_they_reach(app: Litestar, context: Context, who: str) -> None:
    made = await world(context)
    known = await things(context, made)
    wrong = []
    for route, line in PAGES.items():
        method, path = route.split()
        named: dict[str, str] = getattr(known, line.of) if line.of else {who: ""}
        for (owner, number), query in product(named.items(), QUERIES.get(route, [""])):
            browser = await signed_in(app, context, made, who)
            address = filled(path, number) + query.format(sends=",".join(known.send.values()))
            own = made.scopes[who].organization_id
            ids = {"organization": context.ids.encode("organization", own), "member": ""}
            ids["member"] = context.ids.encode("member", made.members[who])
            fields = {name: text.format(**ids) for name, text in FORMS.get(route, {}).items()}
            answer = await (browser.look(address) if method == "GET" else browser.post(address, **fields))
            await browser.client.aclose()
            if who not in line.who:
                right = answer.status_code == 403
            elif line.of and not reaches(who, line.of, owner):
                right = answer.status_code == 404
            elif TEST_ONLY.search(path) or route in CAME_BACK_ONLY:
                right = answer.status_code == 409
            else:
                right = answer.status_code in (200, 302, 303) or (method == "POST" and answer.status_code == 400)
            if not right or any(name in answer.text for name in made.unseen(who)):
                wrong.append((route, owner, answer.status_code))
    assert wrong == []


async def test_a_stranger_sees_the_door_only(app: Litestar, context: Context) -> None:
    known = await things(context, await world(context))
    transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sendtrail.test") as client:
        for route, line in PAGES.items():
            method, path = route.split()
            number = next(iter(getattr(known, line.of).values())) if line.of else ""
            address = filled(path, number)
            answer = await client.request(method, address)
            assert answer.status_code == 303, route
            assert answer.headers["Location"].startswith("/login"), route


@pytest.mark.parametrize(("organization", "live"), [("Acme", True), ("Acme", False), ("Other", True), (None, True)])
async def test_each_api_route_shows_a_key_its_own_organization_and_mode_only(
    context: Context, clients: Clients, organization: str | None, live: bool
) -> None:
    made = await world(context)
    known = await things(context, made)
    wrong = []
    client = await clients(organization, live=live)
    for route, (_, of) in API.items():
        method, path = route.split()
        named: dict[str, str] = getattr(known, of) if of else {"ann": ""}
        for owner, number in named.items():
            address = filled(path, number)
            body = BODIES.get(route, {}) if method != "GET" else None
            answer = await client.request(method, address, json=body)
            if organization is None:
                right = answer.status_code == 401
            elif not live and method != "GET" and path.startswith(BOTH_MODES):
                right = answer.status_code == 403
            elif of and not (live and (owner == "fay") == (organization == "Other")):
                right = answer.status_code == 404
            elif TEST_ONLY.search(path) or route in CAME_BACK_ONLY:
                right = answer.status_code == 409
            else:
                right = answer.status_code < 300 or (
                    answer.status_code == 400 and (body == {} or path in OF_A_CAMPAIGN)
                )
            if not right:
                wrong.append((route, owner, answer.status_code))
            if answer.status_code < 300 and organization is not None:
                hidden = [name for name in known.send if not live or (name == "fay") != (organization == "Other")]
                wrong += [(route, name, 0) for name in hidden if f"To {name}." in answer.text]
    assert wrong == []


async def test_a_key_that_only_reads_changes_nothing(context: Context, clients: Clients) -> None:
    made = await world(context)
    known = await things(context, made)
    client = await clients("Acme")
    for words, allowed in (
        (api_keys.read_only(), {each for each, (needed, _) in API.items() if not needed or needed in READING}),
        ({"sends.write": "organization"}, {each for each, (needed, _) in API.items() if not needed or needed in SENDS}),
    ):
        key = (await api_keys.make(context, made.scopes["ann"], "Narrow", words)).key
        client.headers["Authorization"] = f"Bearer {key}"
        for route, (_, of) in API.items():
            method, path = route.split()
            address = filled(path, getattr(known, of)["ann"] if of else "")
            answer = await client.request(method, address, json={} if method != "GET" else None)
            assert (answer.status_code != 403) == (route in allowed), route


SENDS = (Permission.SENDS_READ, Permission.SENDS_WRITE)


def test_each_api_route_takes_the_permission_of_its_line(application: Litestar) -> None:
    needed = {
        f"{method} {each.path_format.replace(':str', '')}": handler[0].opt["needs"]
        for each in application.routes
        if isinstance(each, HTTPRoute) and each.path_format.startswith(("/api/v1/", "/print-mail/v1/"))
        for method, handler in each.route_handler_map.items()
        if method != "OPTIONS"
    }
    assert {route: needed.get(route) for route in API} == {route: needs for route, (needs, _) in API.items()}
