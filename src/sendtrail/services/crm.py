"""What a hook tells a CRM: fields of the person whom a send went to, and an activity on their timeline.

A person whom the CRM does not know is no failure: trying for three days would hold up what is told of the send later.
An activity ends with the event's id; where an earlier try may have written it, it is looked for first, so that a try
whose answer was lost leaves no double.

Fields say where a send stands, so a scan that came late sets none, nor does a replay of what the hook was told before
something later.
"""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.clients.crm import Activity, Crm, CrmError
from sendtrail.clients.http import Outside
from sendtrail.clients.hubspot import HubSpot
from sendtrail.clients.pipedrive import Pipedrive
from sendtrail.clients.salesforce import Account, Salesforce
from sendtrail.domain.crm_settings import CRMS, CrmSettings, values
from sendtrail.domain.deliveries import NOBODY
from sendtrail.domain.flat import Flat, flat
from sendtrail.domain.messages import line, text
from sendtrail.services.context import Context
from sendtrail.services.hook_telling import Notice, Told, page_of, told_by
from sendtrail.store.system import deliveries
from sendtrail.store.system.deliveries import HookRow

_FRESH = timedelta(seconds=3)
"""What was put into words so lately is told for the first time: the second try comes five seconds later."""
_MOST_SUBJECT = 255
"""Characters: Salesforce takes no more."""


async def write(context: Context, outside: Outside, hook: HookRow, notice: Notice) -> Told:
    """Write a notification into a hook's CRM; what was done is told as the answer."""
    started = time.monotonic()
    settings = msgspec.convert(hook.settings, CrmSettings)
    try:
        told = await _write(context, _crm(outside, hook, settings), hook, notice, settings)
    except CrmError as error:
        told = replace(told_by(error.answer), error=str(error), gone=False)
    return replace(told, took_ms=int((time.monotonic() - started) * 1000))


async def _write(context: Context, crm: Crm, hook: HookRow, notice: Notice, settings: CrmSettings) -> Told:
    """What was done, in a few words; with status NOBODY where there is no such person."""
    body = notice.body
    told = flat(body)
    person = await crm.find(told["external_id"] or "", told["to_email"] or "")
    if person is None:
        return Told(NOBODY, answer=f"{CRMS[hook.target]}: {_nobody(settings, told)}")
    done = []
    if settings.fields:
        zone, later = await _told_later(context, hook, notice)
        if told["current"] and not later:
            await crm.set(person, values(settings, told, zone, datetime.now(UTC)))
            done.append(f"set {', '.join(settings.fields)}")
        else:
            done.append("set no field, since the send stands elsewhere by now")
    if settings.activity:
        at, since = (datetime.fromisoformat(told[name]) for name in ("occurred_at", "created_at"))
        words = text(body, page_of(context, body))
        activity = Activity(notice.event_id, line(body)[:_MOST_SUBJECT], words, at)
        if datetime.now(UTC) - since > _FRESH and await crm.told(person, activity):
            done.append("the activity was there already")
        else:
            await crm.tell(person, activity)
            done.append("added an activity")
    return Told(200, answer=f"{CRMS[hook.target]}: {person}: {' and '.join(done)}")


async def _told_later(context: Context, hook: HookRow, notice: Notice) -> tuple[ZoneInfo, bool]:
    """The clocks of whose send it is; and whether fields were set by something later, as when this is a replay."""
    _, number = context.ids.decode(notice.event_id)
    async with context.database.snapshot() as connection:
        time_zone, bodies = await deliveries.told_later(connection, hook.id, number)
    return ZoneInfo(time_zone), any(flat(json.loads(body))["current"] for body in bodies)


def _nobody(settings: CrmSettings, told: Flat) -> str:
    known_by = (told["external_id"] if settings.external_id_field else "", told["to_email"])
    known = " or ".join(each for each in known_by if each)
    return f"nobody there is {known}" if known else "the send has nothing by which to find its recipient"


def _crm(outside: Outside, hook: HookRow, settings: CrmSettings) -> Crm:
    by = settings.external_id_field
    match hook.target:
        case "hubspot":
            return HubSpot(outside, hook.url, settings.token, external_id_field=by)
        case "pipedrive":
            activity = settings.activity_type
            return Pipedrive(outside, hook.url, settings.token, external_id_field=by, activity_type=activity)
        case _:
            account = Account(hook.url, settings.client_id, settings.client_secret)
            return Salesforce(outside, account, person=settings.person, external_id_field=by)
