"""What a hook writes into a CRM: once, about the right person, and nothing where there is none."""

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sendtrail.clients.http import Outside
from sendtrail.domain.notice_bodies import NATIVE, POSTGRID
from sendtrail.services import crm
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


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    async with Outside.opened(private_allowed=True) as opened:
        yield opened


@pytest.mark.parametrize("target", HERE)
async def test_each_event_is_written_once_however_often_it_is_tried(outside: Outside, target: str) -> None:
    make, person, known, settings, field = HERE[target]
    kept = make()
    kept.people[person] = known
    async with kept.running() as url:
        write = {"settings": settings | {"fields": {field: "status_label"}}, "body": NATIVE}
        kept.faults = [503]
        failed = await crm.write(outside, target, url, **write, again=False)
        kept.faults = [0, -500]  # the field is set; the activity too, but nobody hears of it
        lost = await crm.write(outside, target, url, **write, again=True)
        written = await crm.write(outside, target, url, **write, again=True)

    assert [each.answer and each.answer.status for each in (failed, lost)] == [503, 500]
    assert failed.error.endswith("it answered 503: refused with 503")
    assert written.answer
    assert (written.answer.ok, written.error) == (True, "")
    assert written.about.endswith(f"{person}: set {field} and the activity was there already")
    assert len(kept.activities) == 1
    assert "Out for delivery" in str(kept.people[person])
    assert NATIVE["id"] in str(kept.activities)


async def test_what_is_written_is_what_the_hook_was_set_to(outside: Outside) -> None:
    kept = FakeHubSpot()
    kept.people["512"] = {"email": "ann@example.com"}
    async with kept.running() as url:
        settings: dict[str, Any] = {"token": TOKEN, "activity": False, "fields": {"last_mail_at": "occurred_on"}}
        await crm.write(outside, "hubspot", url, settings, NATIVE, again=True)
        await crm.write(outside, "hubspot", url, {"token": TOKEN}, POSTGRID, again=False)

    assert kept.people["512"]["last_mail_at"] == "2026-11-20"
    (note,) = kept.activities
    assert note["text"].startswith("letter.updated: letter to Ann Lee<br>")


async def test_whom_the_crm_does_not_know_is_no_failure_and_is_named(outside: Outside) -> None:
    kept = FakeHubSpot()
    nobody = copy.deepcopy(NATIVE)
    nobody["data"]["send"] |= {"to": {"name": "Bo"}, "external_id": ""}
    async with kept.running() as url:
        unknown = await crm.write(outside, "hubspot", url, {"token": TOKEN}, NATIVE, again=False)
        nameless = await crm.write(outside, "hubspot", url, {"token": TOKEN}, nobody, again=False)

    assert (unknown.error, unknown.about) == ("", "nobody in HubSpot is ann@example.com")
    assert (nameless.error, nameless.about) == ("", "the send has no e-mail address or id to find its recipient by")
    assert kept.activities == []


async def test_a_crm_that_does_not_answer_says_why(outside: Outside) -> None:
    tried = await crm.write(outside, "hubspot", "http://127.0.0.1:1", {"token": TOKEN}, NATIVE, again=False)
    assert tried.answer is None
    assert tried.error.startswith("no connection could be made")
