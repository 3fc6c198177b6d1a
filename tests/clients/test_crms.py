"""Each CRM, by requests of the shapes that its vendor documents."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from sendtrail.clients import salesforce
from sendtrail.clients.crm import Activity, Crm, CrmError
from sendtrail.clients.http import Outside, Unreachable
from sendtrail.clients.hubspot import HubSpot
from sendtrail.clients.pipedrive import Pipedrive
from sendtrail.clients.salesforce import Account, Salesforce

from .crms import FIELD, TOKEN, FakeCrm, FakeHubSpot, FakePipedrive, FakeSalesforce

AT = datetime(2026, 11, 20, 15, 4, 5, 678000, UTC)
ACTIVITY = Activity("event_4k7h", "Delivered: letter to Ada O'Hara", "Delivered <b>\nWhen: today", AT)

Connect = Callable[[Outside, str], Crm]
HERE: dict[str, tuple[type[FakeCrm], str, dict[str, Any], Connect]] = {
    "hubspot": (
        FakeHubSpot,
        "512",
        {"email": "ada@example.com", "customer_number": "c-1042"},
        lambda outside, address: HubSpot(outside, address, TOKEN, external_id_field="customer_number"),
    ),
    "pipedrive": (
        FakePipedrive,
        "7",
        {"email": "ada@example.com", "name": "Ada", "custom_fields": {FIELD: "c-1042"}},
        lambda outside, address: Pipedrive(outside, address, TOKEN, external_id_field=FIELD, activity_type="mail"),
    ),
    "salesforce": (
        FakeSalesforce,
        "0035e00001abcDE",
        {"Email": "ada@example.com", "Customer__c": "c-1042"},
        lambda outside, address: Salesforce(
            outside, Account(address, *FakeSalesforce.CLIENT), person="Lead", external_id_field="Customer__c"
        ),
    ),
}


@pytest.fixture(params=HERE)
async def here(request: pytest.FixtureRequest) -> AsyncIterator[tuple[FakeCrm, Crm, str]]:
    """A CRM with one person, whose id is the last."""
    make, id_, person, connect = HERE[request.param]
    crm = make()
    crm.people[id_] = dict(person)
    async with crm.running() as address, Outside.opened(private_allowed=True) as outside:
        yield crm, connect(outside, address), id_


async def test_a_person_is_found_by_our_senders_id_for_them_and_else_by_address(here: tuple[FakeCrm, Crm, str]) -> None:
    _, crm, id_ = here

    assert await crm.find("c-1042", "") == id_
    assert await crm.find("c-1042", "somebody.else@example.com") == id_
    assert await crm.find("c-9", "ada@example.com") == id_
    assert await crm.find("", "ada@example.com") == id_
    assert await crm.find("", "O'Hara\\@example.com") is None
    assert await crm.find("c-9", "") is None


async def test_an_activity_is_known_again_on_its_person_only(here: tuple[FakeCrm, Crm, str]) -> None:
    kept, crm, id_ = here

    assert not await crm.told(id_, ACTIVITY)
    assert (await crm.tell(id_, ACTIVITY)).ok
    assert await crm.told(id_, ACTIVITY)
    assert not await crm.told(id_, ACTIVITY._replace(event_id="event_9z9z"))
    assert not await crm.told("99", ACTIVITY)
    assert len(kept.activities) == 1


async def test_a_refusal_is_told_in_the_crms_words_with_its_answer(here: tuple[FakeCrm, Crm, str]) -> None:
    kept, crm, id_ = here
    kept.faults = [429]

    with pytest.raises(CrmError, match="it answered 429: refused with 429") as refused:
        await crm.tell(id_, ACTIVITY)
    assert refused.value.answer.headers["retry-after"] == "7"


async def test_where_nobody_answers_it_says_so() -> None:
    async with Outside.opened(private_allowed=True) as outside:
        for _, _, _, connect in HERE.values():
            with pytest.raises(Unreachable):
                await connect(outside, "http://127.0.0.1:1").find("", "ada@example.com")


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    async with Outside.opened(private_allowed=True) as opened:
        yield opened


async def test_hubspots_properties_are_texts_and_its_note_shows_what_was_meant(outside: Outside) -> None:
    kept = FakeHubSpot()
    kept.people["512"] = {"email": "ada@example.com"}
    async with kept.running() as address:
        crm = HubSpot(outside, address, TOKEN, external_id_field="hs_object_id")
        assert await crm.find("512", "") == "512"
        await crm.set("512", {"last_mail_status": "delivered", "mail_is_live": True, "last_mail_at": None})
        await crm.tell("512", ACTIVITY)

    assert kept.people["512"] == {
        "email": "ada@example.com", "last_mail_status": "delivered", "mail_is_live": "true", "last_mail_at": "",
    }  # fmt: skip
    assert kept.activities == [
        {
            "person": "512",
            "at": "1795187045678",
            "text": "Delivered &lt;b&gt;<br>When: today<br><br>Sendtrail event_4k7h",
        }
    ]


async def test_pipedrives_own_fields_and_its_activities_go_where_they_belong(outside: Outside) -> None:
    kept = FakePipedrive()
    kept.people |= {
        "7": {"email": "ada@example.com", "name": "Ada", "custom_fields": {FIELD: ""}},
        "8": {"email": "bo@example.com", "name": "Bo", "custom_fields": {"9" * 40: "c-1042"}},
    }
    async with kept.running() as address:
        assert await Pipedrive(outside, address, TOKEN, external_id_field=FIELD).find("c-1042", "") is None
        crm = Pipedrive(outside, address, TOKEN, external_id_field="id")
        assert [await crm.find(id_, "") for id_ in ("7", "9", "seven", "")] == ["7", None, None, None]
        await crm.set("7", {FIELD: 6, "name": "Ada O'Hara"})
        await crm.tell("7", ACTIVITY)

    assert kept.people["7"] == {"email": "ada@example.com", "name": "Ada O'Hara", "custom_fields": {FIELD: 6}}
    (activity,) = kept.activities
    assert activity["participants"] == [{"person_id": 7, "primary": True}]
    assert (activity["type"], activity["done"]) == ("task", True)
    assert (activity["due_date"], activity["due_time"]) == ("2026-11-20", "15:04:05")


async def test_salesforce_is_signed_in_to_once_and_again_when_the_session_ends(outside: Outside) -> None:
    kept = FakeSalesforce()
    kept.people["0031"] = {"Email": "ada@example.com"}
    async with kept.running() as address:
        account = Account(address, *FakeSalesforce.CLIENT)
        await Salesforce(outside, account).find("", "ada@example.com")
        crm = Salesforce(outside, account)
        await crm.set("0031", {"Mail_Status__c": "delivered", "Mailed_On__c": None})
        assert kept.signed_in == 1

        kept.sessions = []
        await crm.tell("0031", ACTIVITY)
        assert kept.signed_in == 2

        with pytest.raises(CrmError, match="it answered 400: invalid client credentials"):
            await Salesforce(outside, Account(address, "a-client-id", "wrong")).find("", "ada@example.com")

    assert kept.people["0031"] == {"Email": "ada@example.com", "Mail_Status__c": "delivered", "Mailed_On__c": None}
    (task,) = kept.activities
    assert (task["WhoId"], task["Status"], task["ActivityDate"]) == ("0031", "Completed", "2026-11-20")


async def test_an_answer_of_another_shape_is_no_crash(outside: Outside) -> None:
    class Strange(FakeHubSpot):
        async def _read(self, request: web.Request) -> web.Response:
            return web.Response(text="<html>", content_type="text/html")

    async with Strange().running() as address:
        with pytest.raises(CrmError, match="not of the shape"):
            await HubSpot(outside, address, TOKEN).find("", "ada@example.com")


def test_what_is_written_into_a_query_cannot_end_its_text() -> None:
    assert salesforce._text("O'Hara\\\n") == r"'O\'Hara\\\n'"
