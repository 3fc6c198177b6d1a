"""What a hook tells a CRM: fields of the person whom a send went to, and an activity on their timeline.

A person whom the CRM does not know is no failure: trying for three days would hold up what is told of the send later.
An activity ends with the event's id; before one is written a second time, it is looked for, so that a try whose answer
was lost leaves no double.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from sendtrail.clients.crm import Activity, Crm, CrmError
from sendtrail.clients.http import Answer, Outside, Unreachable
from sendtrail.clients.hubspot import HubSpot
from sendtrail.clients.pipedrive import Pipedrive
from sendtrail.clients.salesforce import Account, Salesforce
from sendtrail.domain.crm_settings import CRMS, CrmSettings, values
from sendtrail.domain.flat import Flat, flat
from sendtrail.domain.messages import line, text

_MOST_SUBJECT = 255
"""Characters: Salesforce takes no more."""


class Written(NamedTuple):
    """What became of it. `answer`: the CRM's last one, None where nobody answered; `error`: why not, in one line;
    `about`: what was done, for people who look at the deliveries."""

    answer: Answer | None
    error: str
    about: str = ""


async def write(
    outside: Outside, target: str, url: str, settings: Mapping[str, Any], body: Mapping[str, Any], *, again: bool
) -> Written:
    """Write a notification's body into a CRM, one of `CRMS`. `again`: it may have been written before."""
    known = msgspec.convert(dict(settings), CrmSettings)
    told = flat(body)
    crm = _crm(outside, target, url, known)
    try:
        return await _write(crm, CRMS[target], known, told, body, again)
    except CrmError as error:
        return Written(error.answer, f"{CRMS[target]}: {error}")
    except Unreachable as error:
        return Written(None, str(error))


async def _write(
    crm: Crm, name: str, settings: CrmSettings, told: Flat, body: Mapping[str, Any], again: bool
) -> Written:
    external_id, email = told["external_id"] or "", told["to_email"] or ""
    person = await crm.find(external_id, email)
    if person is None:
        whom = " or ".join(each for each in (external_id if settings.external_id_field else "", email) if each)
        return Written(
            None,
            "",
            f"nobody in {name} is {whom}" if whom else "the send has no e-mail address or id to find its recipient by",
        )
    answer, done = None, []
    if settings.fields:
        answer = await crm.set(person, values(settings, told))
        done.append(f"set {', '.join(settings.fields)}")
    if settings.activity:
        activity = Activity(
            told["id"], line(body)[:_MOST_SUBJECT], text(body), datetime.fromisoformat(told["occurred_at"])
        )
        if again and await crm.told(person, activity):
            done.append("the activity was there already")
        else:
            answer = await crm.tell(person, activity)
            done.append("added an activity")
    return Written(answer, "", f"{name} {person}: {' and '.join(done)}")


def _crm(outside: Outside, target: str, url: str, settings: CrmSettings) -> Crm:
    match target:
        case "hubspot":
            return HubSpot(outside, url, settings.token, external_id_field=settings.external_id_field)
        case "pipedrive":
            return Pipedrive(
                outside,
                url,
                settings.token,
                external_id_field=settings.external_id_field,
                activity_type=settings.activity_type,
            )
        case _:
            account = Account(url, settings.client_id, settings.client_secret)
            return Salesforce(outside, account, person=settings.person, external_id_field=settings.external_id_field)
