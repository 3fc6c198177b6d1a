"""What a hook writes into a CRM: once, about the right person, and nothing where there is none."""

import copy
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sendtrail.clients.http import Outside
from sendtrail.domain.notice_bodies import NATIVE, POSTGRID, Body, stamp
from sendtrail.services.context import Context
from sendtrail.services.hook_targets import TARGETS
from sendtrail.services.hook_telling import Notice, Told
from sendtrail.store.system.deliveries import HookRow
from tests.clients.crms import FIELD, TOKEN, FakeCrm, FakeHubSpot, FakePipedrive, FakeSalesforce

HERE: dict[str, tuple[type[FakeCrm], str, dict[str, Any], dict[str, Any], str]] = {
    "hubspot": (FakeHubSpot, "512", {"email": "ann@example.com"}, {"token": TOKEN}, "last_mail_status"),
    "pipedrive": (FakePipedrive, "7", {"email": "ann@example.com", "custom_fields": {}}, {"token": TOKEN}, FIELD),
    "salesforce": (
        FakeSalesforce,
        "0031",
        {"Email": "ann@example.com"},
        dict(zip(("client_id", "client_secret"), FakeSalesforce.CLIENT, strict=True)),
        "Mail_Status__c",
    ),
}


class Teller:
    """Tells hooks as a worker does."""

    def __init__(self, context: Context, outside: Outside) -> None:
        self._context = context
        self._outside = outside

    async def __call__(self, target: str, url: str, settings: dict[str, Any], body: Body, age: float = 0) -> Told:
        """`age`: how many seconds ago the notification was made."""
        made = datetime.now(UTC) - timedelta(seconds=age)
        body = body | {"createdAt" if "object" in body else "created_at": stamp(made)}
        hook = HookRow(1, 1, True, "", target, url, "standard", settings, [], False)
        return await TARGETS[target](
            self._context, self._outside, hook, Notice(body["id"], body["type"], json.dumps(body), 1)
        )


@pytest.fixture
async def tell(context: Context) -> AsyncIterator[Teller]:
    async with Outside.opened(private_allowed=True) as outside:
        yield Teller(context, outside)


async def test_each_event_is_written_once_however_often_it_is_tried(tell: Teller) -> None:
    for target, (make, person, known, account, field) in HERE.items():
        kept = make()
        kept.people[person] = known
        settings = account | {"fields": {field: "status_label"}}
        async with kept.running() as url:
            kept.faults = [429]
            failed = await tell(target, url, settings, NATIVE)
            kept.faults = [0, -500]  # the field is set; the activity too, but nobody hears of it
            lost = await tell(target, url, settings, NATIVE)
            written = await tell(target, url, settings, NATIVE, age=5)

        assert (failed.status, failed.error) == (429, "it answered 429: refused with 429")
        assert failed.asked == timedelta(seconds=7)
        assert lost.error == "it answered 500: refused with 500"
        assert (written.status, written.error) == (200, "")
        assert written.answer.endswith(f" {person}: set {field} and the activity was there already")
        assert len(kept.activities) == 1
        assert "Out for delivery" in str(kept.people[person])
        assert NATIVE["id"] in str(kept.activities)
        assert "/sends/letter_3xq1m8t0d5n7k" in str(kept.activities)


async def test_what_is_written_is_what_the_hook_was_set_to(tell: Teller) -> None:
    kept = FakeHubSpot()
    kept.people["512"] = {"email": "ann@example.com"}
    async with kept.running() as url:
        settings: dict[str, Any] = {"token": TOKEN, "activity": False, "fields": {"last_mail_at": "occurred_on"}}
        await tell("hubspot", url, settings, NATIVE)
        await tell("hubspot", url, {"token": TOKEN}, POSTGRID)

    assert kept.people["512"]["last_mail_at"] == "2026-11-20"
    (note,) = kept.activities
    assert note["text"].startswith("letter.updated: letter to Ann Lee<br>")


async def test_whom_the_crm_does_not_know_is_no_failure_and_is_named(tell: Teller) -> None:
    kept = FakeHubSpot()
    nameless = copy.deepcopy(NATIVE)
    nameless["data"]["send"] |= {"to": {"name": "Bo"}, "external_id": ""}
    async with kept.running() as url:
        by_both = {"token": TOKEN, "external_id_field": "customer_number"}
        told = [
            await tell("hubspot", url, by_both, NATIVE),
            await tell("hubspot", url, {"token": TOKEN}, NATIVE),
            await tell("hubspot", url, by_both, nameless),
        ]

    assert [each.error for each in told] == ["", "", ""]
    assert [each.answer for each in told] == [
        "HubSpot: nobody there is crm-20418 or ann@example.com",
        "HubSpot: nobody there is ann@example.com",
        "HubSpot: the send has nothing by which to find its recipient",
    ]
    assert kept.activities == []
