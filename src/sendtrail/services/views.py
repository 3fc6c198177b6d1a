"""A send as the API, the pages and the hooks show it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sendtrail.domain.events import Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.ids import Ids
from sendtrail.domain.observation import Facility
from sendtrail.domain.packing import EPOCH, EXPECTED
from sendtrail.domain.tracking_numbers import tracking_url
from sendtrail.domain.trail import Event, status_of_best
from sendtrail.domain.vocabularies import tell
from sendtrail.feeds.local_time import zone_of
from sendtrail.services.responses import NONE, Responses, response_view, told, totals_view
from sendtrail.store.sends import SendRow

View = dict[str, Any]


def view(
    row: SendRow,
    trail: Sequence[Event],
    facilities: Mapping[str, Facility],
    ids: Ids,
    time_zone: str,
    money: bool = True,
    responses: Responses = NONE,
    link: View | None = None,
) -> View:
    """One send with its status, its trail and each vocabulary's words, ready for JSON. Its cost only if `money`.

    Responses stand among the events of the trail, all of them in order of arrival.
    """
    return {
        **ordered_view(row, ids, money, link),
        "status": _status(row),
        "responses": totals_view(responses, money),
        "vocabularies": tell([*trail, *told(responses.totals)], facts(row, time_zone)),
        "trail": _in_order(
            [event_view(event, facilities) for event in trail],
            [response_view(each, ids, row.currency, money) for each in responses.rows],
        ),
    }


def ordered_view(row: SendRow, ids: Ids, money: bool = True, link: View | None = None) -> View:
    """What of a send does not take its trail: what was ordered, and when it is expected."""
    kind = Kind(row.kind)
    return {
        "id": ids.encode(kind.word, row.send_id),
        "kind": kind.word,
        "live": row.live,
        "to": row.recipient,
        "from": row.return_address,
        "campaign": {"id": ids.encode("campaign", row.campaign_id), "name": row.campaign} if row.campaign_id else None,
        "tags": row.tags,
        "send_date": row.send_date,
        "day": row.created_on,
        "created_at": row.created_at,
        "mailing_class": row.mailing_class,
        "extra_service": row.extra_service,
        "post": row.post,
        "imb": row.imb,
        "tracking_number": row.tracking_number,
        "carrier": row.carrier,
        "tracking_url": tracking_url(row.carrier, row.tracking_number),
        "supplier": row.supplier,
        "message": row.message,
        "gift": row.gift,
        "cost_cents": row.cost_cents if money else None,
        "currency": row.currency,
        "funding_source": {"id": ids.encode("fund", row.fund_id), "name": row.fund}
        if money and row.live and row.fund_id
        else None,
        "sender": row.sender,
        "owner": {"id": ids.encode("member", row.owner_id), "email": row.owner_email, "name": row.owner_name}
        if row.owner_email
        else None,
        "team": {"id": ids.encode("team", row.team_id), "name": row.team} if row.team else None,
        "external_id": row.external_id,
        "vendor": row.vendor,
        "vendor_id": row.vendor_id,
        "metadata": row.metadata,
        "link": link,
        "replaces": ids.encode(kind.word, row.replaces) if row.replaces else None,
        "replaced_by": ids.encode(kind.word, row.replaced_by) if row.replaced_by else None,
        "expected_delivery": _expected(row.expected),
    }


def _in_order(events: list[View], responses: list[View]) -> list[View]:
    """Both by the second in which we were told; events in the order of their numbers, whatever they say of that."""
    if not responses:
        return events
    told_at = accumulate((_second(event) for event in events), max)
    known = [*zip(told_at, events, strict=True), *((_second(each), each) for each in responses)]
    return [each for _, each in sorted(known, key=itemgetter(0))]


def _second(told: View) -> datetime:
    at: datetime = told["recorded_at"]
    return at.replace(microsecond=0)


def facts(row: SendRow, time_zone: str) -> Facts:
    """What the vocabularies must know of a send."""
    return Facts(
        kind=Kind(row.kind),
        post=row.post,
        mailing_class=row.mailing_class,
        extra_service=row.extra_service,
        recipient_zip=row.recipient.get("postal_code", ""),
        return_zip=(row.return_address or {}).get("postal_code", ""),
        time_zone=time_zone,
    )


def event_view(event: Event, facilities: Mapping[str, Facility]) -> View:
    """One event: `local_time` is that of the facility, None where nobody knows its zone."""
    facility = facilities.get(event.zip)
    zone = zone_of(int(event.zip)) if event.zip and not event.zoneless else None
    return {
        "seq": event.seq,
        "code": event.code,
        "label": event.type.label,
        "occurred_at": event.occurred_at,
        "local_time": event.occurred_at.astimezone(ZoneInfo(zone)) if zone else None,
        "zone_known": not event.zoneless,
        "recorded_at": event.recorded_at,
        "source": event.source.word,
        "evidence": event.evidence.word,
        "place": {
            "zip": event.zip,
            "facility": facility.name if facility else "",
            "city": facility.city if facility else "",
            "state": facility.state if facility else "",
        }
        if event.zip
        else None,
        "phase": event.phase.name.lower() if event.phase else None,
        "operation": event.operation or None,
        "detail": event.detail,
        "id": None,
        "response": None,
    }


def _status(row: SendRow) -> View:
    status = status_of_best(row.best)
    return {"code": status.code, "label": status.label, "since": status.since, "evidence": status.evidence.word}


def _expected(packed: int) -> date | None:
    day = EXPECTED.unpack(packed)["day"]
    return (EPOCH + timedelta(days=day)).date() if day else None
