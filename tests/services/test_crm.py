"""What a hook writes into a CRM: once, about the right person, and nothing where there is none."""

import copy
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sendtrail.clients.http import Outside
from sendtrail.domain.deliveries import NOBODY
from sendtrail.domain.notice_bodies import NATIVE, POSTGRID, Body, stamp
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.hook_targets import TARGETS
from sendtrail.services.hook_telling import Notice, Told
from sendtrail.store.system.deliveries import HookRow
from tests.clients.crms import FIELD, TOKEN, FakeCrm, FakeHubSpot, FakePipedrive, FakeSalesforce
from tests.services.hooks import listen
from tests.services.organizations import organization

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

    def __init__(self, context: Context, outside: Outside, scope: Scope, hook_id: int) -> None:
        self._context = context
        self._outside = outside
        self._scope = scope
        self._hook_id = hook_id

    async def __call__(
        self, target: str, url: str, settings: dict[str, Any], body: Body, age: float = 0, number: int = 1
    ) -> Told:
        """`age`: how many seconds ago the notification was made; `number`: of it, which is in its id."""
        made = datetime.now(UTC) - timedelta(seconds=age)
        body = body | {"createdAt" if "object" in body else "created_at": stamp(made), "id": self.id_of(number)}
        await self._note(number, json.dumps(body))
        hook = HookRow(
            self._hook_id, self._scope.organization_id, True, "", target, url, "standard", settings, [], False
        )
        told = await TARGETS[target](
            self._context, self._outside, hook, Notice(body["id"], body["type"], json.dumps(body), 1)
        )
        if not told.error:
            await self._arrived(number)
        return told

    def id_of(self, number: int) -> str:
        return self._context.ids.encode("event", number)

    async def _note(self, number: int, body: str) -> None:
        async with self._context.database.transaction() as connection:
            await connection.execute(
                "insert into notification (id, organization_id, live, send_id, sequence, type, occurred_at, body)"
                " overriding system value values (%s, %s, true, 1, 1, 'send.printed', now(), %s)"
                " on conflict (id) do update set body = excluded.body",
                [number, self._scope.organization_id, body],
            )

    async def _arrived(self, number: int) -> None:
        async with self._context.database.transaction() as connection:
            await connection.execute(
                "insert into delivery (hook_id, organization_id, live, notification_id, send_id, state, due_at)"
                " values (%s, %s, true, %s, 1, 2, now())",
                [self._hook_id, self._scope.organization_id, number],
            )


@pytest.fixture
async def tell(context: Context) -> AsyncIterator[Teller]:
    scope = await organization(context)
    hook_id = await listen(context, scope, "send.*")
    async with Outside.opened(private_allowed=True) as outside:
        yield Teller(context, outside, scope, hook_id)


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
        assert tell.id_of(1) in str(kept.activities)
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
    assert note["text"].startswith("Out for delivery (PostGrid letter updated): letter to Ann Lee<br>")


def told_by(code: str, label: str, at: str, status: tuple[str, str, str]) -> Body:
    """What is told by an event while the send stands at `status`: its code, label and since when."""
    body = copy.deepcopy(NATIVE)
    body["data"] |= {"status_changed": False, "previous_status": None}
    body["data"]["event"] |= {"code": code, "label": label, "occurred_at": at}
    body["data"]["send"]["status"] |= dict(zip(("code", "label", "since"), status, strict=True))
    return body


async def test_fields_never_go_back_by_what_comes_late_or_once_more(tell: Teller) -> None:
    first, second = "2026-11-18T08:00:00Z", "2026-11-20T15:04:05Z"
    moving, out = ("in_transit", "In transit", first), ("out_for_delivery", "Out for delivery", second)
    kept = FakeHubSpot()
    kept.people["512"] = {"email": "ann@example.com"}
    settings = {"token": TOKEN, "fields": {"last_mail_status": "event"}}
    async with kept.running() as url:

        async def telling(number: int, told: tuple[str, str, str], status: tuple[str, str, str]) -> str:
            body = told_by(*told, status)
            done = await tell("hubspot", url, settings, body, age=5, number=number)
            assert done.error == ""
            return str(kept.people["512"].get("last_mail_status", "")) + done.answer.partition("512:")[2]

        left = " set no field, since the send stands elsewhere by now"
        said = [
            await telling(1, moving, moving),
            await telling(2, out, out),
            await telling(3, ("in_transit", "In transit", "2026-11-19T08:00:00Z"), out),
            await telling(1, moving, moving),
            await telling(2, out, out),
        ]

    assert said == [
        "In transit set last_mail_status and added an activity",
        "Out for delivery set last_mail_status and added an activity",
        f"Out for delivery{left} and added an activity",
        f"Out for delivery{left} and the activity was there already",
        "Out for delivery set last_mail_status and the activity was there already",
    ]
    assert len(kept.activities) == 3


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

    assert [(each.error, each.status) for each in told] == [("", NOBODY)] * 3
    assert [each.answer for each in told] == [
        "HubSpot: nobody there is crm-20418 or ann@example.com",
        "HubSpot: nobody there is ann@example.com",
        "HubSpot: the send has nothing by which to find its recipient",
    ]
    assert kept.activities == []
