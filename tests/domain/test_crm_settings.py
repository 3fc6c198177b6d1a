"""What hooks that write into a CRM may be told to do."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from sendtrail.domain.crm_settings import CRMS, CrmSettings, checked, shown, values
from sendtrail.domain.flat import flat
from sendtrail.domain.notice_bodies import NATIVE
from sendtrail.domain.problems import Invalid

TOKEN = {"token": "pat-na1-0123"}
APP = {"client_id": "3MVG9VwZxx", "client_secret": "8A4BE698BC"}


@pytest.mark.parametrize("target", CRMS)
def test_settings_are_kept_as_they_are_meant(target: str) -> None:
    needed = APP if target == "salesforce" else TOKEN
    given = {**needed, "fields": {"Mail_Status__c": "status", "region": "metadata_region", "day": "occurred_on"}}

    assert checked(target, given, {}) == given
    assert checked(target, needed, {}) == needed


@pytest.mark.parametrize("target", CRMS)
def test_what_opens_the_account_is_not_shown_and_stays_where_it_is_left_out(target: str) -> None:
    kept = checked(target, APP if target == "salesforce" else TOKEN, {})
    told = shown(kept)
    assert told == ({"client_id": APP["client_id"]} if target == "salesforce" else {})
    assert checked(target, told, kept) == kept


@pytest.mark.parametrize(
    ("target", "settings", "param"),
    [
        ("hubspot", {"color": "red"}, "settings"),
        ("hubspot", {"person": "Lead"}, "settings"),
        ("hubspot", {"fields": ["status"]}, "settings.fields"),
        ("hubspot", {"fields": {"a": 3}}, "settings.fields"),
        ("hubspot", {"activity": "yes"}, "settings.activity"),
        ("hubspot", {"token": 3}, "settings.token"),
        ("hubspot", {"fields": {"a status": "status"}}, "settings.fields"),
        ("hubspot", {"fields": {"status": "money"}}, "settings.fields"),
        ("hubspot", {"fields": {"status": "metadata_"}}, "settings.fields"),
        ("hubspot", {"fields": {f"f{each}": "status" for each in range(31)}}, "settings.fields"),
        ("hubspot", {"activity": False}, "settings.fields"),
        *(("hubspot", {"token": each}, "settings.token") for each in ("", "short", "a blank in it", "tökenökenök")),
        ("hubspot", {"token": "header\r\nx: y"}, "settings.token"),
        ("pipedrive", {"activity_type": "a call"}, "settings.activity_type"),
        ("salesforce", {"client_id": ""}, "settings.client_id"),
        ("salesforce", {"client_secret": "x" * 501}, "settings.client_secret"),
        ("salesforce", {"external_id_field": "Id = '' OR Name"}, "settings.external_id_field"),
        ("salesforce", {"person": "Account"}, "settings.person"),
    ],
)
def test_what_cannot_work_is_refused_by_name(target: str, settings: dict[str, Any], param: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(target, (APP if target == "salesforce" else TOKEN) | settings, {})
    assert refused.value.param == param
    assert refused.value.message.isprintable()
    assert refused.value.message.startswith("settings")
    assert "$" not in refused.value.message


def test_fields_hold_what_is_told_and_are_cleared_of_what_is_not() -> None:
    fields = {
        "s": "status",
        "on": "occurred_on",
        "told": "told_on",
        "code": "code",
        "live": "live",
        "p": "metadata_policy",
        "q": "metadata_x",
    }
    settings = msgspec.convert({"fields": fields}, CrmSettings)

    now = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
    late = flat(NATIVE) | {"occurred_at": "2026-11-21T02:00:00.000Z"}
    assert values(settings, late, ZoneInfo("America/Chicago"), now) == {
        "s": "out_for_delivery", "on": "2026-11-20", "told": "2026-11-23", "code": None, "live": True,
        "p": "HV-771204", "q": None,
    }  # fmt: skip
