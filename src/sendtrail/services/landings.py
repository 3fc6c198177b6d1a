"""Where links lead: what somebody wants is checked against the organization's destinations, then it is kept.

A landing that changes leads printed links elsewhere from that moment; it is noted with the campaign.
"""

from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain import landing
from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services import link_addresses
from sendtrail.services.context import Context
from sendtrail.store import audit, destinations, links, trials
from sendtrail.store import landings as store
from sendtrail.store.campaigns import CampaignRow
from sendtrail.store.database import Connection


class LinkPlan(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where links are to lead. `url`: https, on a host that the organization allows, with variables such as
    `{{to.first_name}}`; `expire_after_days`: 30, 60, 90, 180 or 365, 90 unless said. `testing`: of a campaign's links,
    that they are being tried out: what happens counts nowhere, and is forgotten when that ends.
    """

    url: str | UnsetType = UNSET
    expire_after_days: int | UnsetType = UNSET
    testing: bool | UnsetType = UNSET


class CampaignLink(msgspec.Struct, frozen=True):
    """Where a campaign's links lead, and for how many days after they were made or sent, whichever is later.

    `testing`: they are being tried out, and what happens counts nowhere. `goal_script`: the address of the script by
    which the pages where they lead tell goals.
    """

    url: str
    expire_after_days: int
    testing: bool
    goal_script: str


class Landing(NamedTuple):
    """A template that was checked, and for how many days links lead there."""

    template: str
    days: int


def link_of_campaign(context: Context, row: CampaignRow) -> CampaignLink | None:
    """Where a campaign's links lead, if anywhere."""
    if not row.landing_id:
        return None
    return CampaignLink(row.template, row.days, row.testing, link_addresses.goal_script(context, row.landing_id))


async def checked(
    connection: Connection, scope: Scope, plan: LinkPlan, known: Landing | None = None, field: str = ""
) -> Landing:
    """What a plan comes to, where it leaves something out as it is `known`; Invalid names its field, after `field`."""
    days = (known.days if known else landing.USUAL_DAYS) if plan.expire_after_days is UNSET else plan.expire_after_days
    if days not in landing.DAYS:
        *others, last = landing.DAYS
        choices = f"{', '.join(map(str, others))} or {last}"
        raise Invalid(f"{field}expire_after_days must be {choices}", f"{field}expire_after_days")
    if plan.url is UNSET and known:
        return Landing(known.template, days)
    if plan.url is UNSET or not plan.url.strip():
        raise Invalid(f"{field}url is missing", f"{field}url")
    try:
        return Landing(landing.check(plan.url, await destinations.held(connection, scope)), days)
    except Invalid as problem:
        raise Invalid(f"{field}{problem.message}", f"{field}{problem.param}") from None


async def lead(connection: Connection, scope: Scope, row: CampaignRow, plan: LinkPlan | None) -> CampaignRow:
    """Let the links of a campaign that is held lead as planned, and make one for each of its sends; None: nowhere.

    Invalid names the field of the plan, after `link.`; Conflict where there are links, which must lead somewhere.
    """
    known = Landing(row.template, row.days) if row.landing_id else None
    if plan is None:
        if known and not await _removed(connection, scope, row):
            raise Conflict("link: this campaign's links are made, and may be printed: they must lead somewhere", "link")
        return row._replace(landing_id=0, template="", days=0, testing=False)
    wanted = await checked(connection, scope, plan, known, "link.")
    if wanted != known:
        await links.hold(connection, scope, row.id)
        number = await store.put(connection, scope, row.id, *wanted)
        await links.make_all(connection, scope, row.id, number)
        row = row._replace(landing_id=number, template=wanted.template, days=wanted.days)
    if plan.testing is UNSET or plan.testing == row.testing:
        return row
    return await _tried(connection, scope, row, plan.testing)


async def _tried(connection: Connection, scope: Scope, row: CampaignRow, testing: bool) -> CampaignRow:
    """Begin to try out a campaign's links, or end that and forget all of it."""
    await trials.switch(connection, scope, row.landing_id, testing)
    if testing:
        await audit.note(connection, scope, "campaign.trial_begun", row.name)
    else:
        deleted = await trials.forget(connection, scope, row.landing_id)
        await audit.note(connection, scope, "campaign.trial_ended", row.name, deleted=deleted)
    return row._replace(testing=testing)


async def _removed(connection: Connection, scope: Scope, row: CampaignRow) -> bool:
    await links.hold(connection, scope, row.id)
    return await store.remove(connection, scope, row.id)


def told(row: CampaignRow) -> dict[str, str]:
    """What the audit trail says of a campaign's landing."""
    return {
        "link.url": row.template or "none",
        "link.expire_after_days": str(row.days) if row.landing_id else "none",
    }
