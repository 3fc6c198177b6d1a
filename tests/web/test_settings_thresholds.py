"""Waiting times, as an admin changes them; what the rules read; what the audit trail says."""

from html import unescape

from sendtrail.domain.scope import Scope
from sendtrail.domain.thresholds import DEFAULTS
from sendtrail.services import audit, thresholds
from sendtrail.services.context import Context
from tests.services.organizations import organization
from tests.web.conftest import Browser

PAGE = "/settings/thresholds"


async def test_each_waiting_time_changes_by_itself_and_goes_back_by_its_own_button(
    ann: Browser, context: Context, acme: Scope
) -> None:
    assert await thresholds.show(context, acme) == DEFAULTS
    shown = (await ann.look(PAGE)).text
    assert 'name="held_days" value="3"' in shown
    assert "Back to" not in shown

    fields = {"held_days": "5", "was_held_days": "3", "first_class": "8", "balance_cents": "2,500.50"}
    answer = await ann.post(PAGE, **fields, ordered_days="7", was_ordered_days="7")
    assert answer.headers["Location"] == f"{PAGE}?done=saved"
    changed = {"held_days": 5, "first_class": 8, "balance_cents": 250050}
    assert await thresholds.show(context, acme) == {**DEFAULTS, **changed}
    shown = (await ann.look(PAGE)).text
    assert 'name="balance_cents" value="2500.50"' in shown
    assert shown.count("Back to") == 3

    await ann.post(PAGE, held_days="9", was_held_days="5", reset="first_class")
    assert await thresholds.show(context, acme) == {**DEFAULTS, "held_days": 5, "balance_cents": 250050}
    notes, _ = await audit.list_notes(context, acme)
    assert [each.detail["values"] for each in notes if each.action == "thresholds.changed"] == [
        {"first_class": 10},
        changed,
    ]
    assert "changed waiting times" in (await ann.look("/settings/audit")).text
    other = await organization(context, "Other")
    assert await thresholds.show(context, other) == DEFAULTS


async def test_what_cannot_be_is_said_beside_its_field_and_changes_nothing(
    ann: Browser, context: Context, acme: Scope
) -> None:
    answer = await ann.post(PAGE, held_days="400", quiet_days="0", first_class="soon", marketing="20")

    assert answer.status_code == 400
    page = unescape(answer.text)
    assert page.count("This must lie between 0 and 365.") == 1
    assert page.count("This must lie between 1 and 250.") == 2
    assert 'value="soon"' in page
    assert 'name="marketing" value="20"' in page
    assert await thresholds.show(context, acme) == DEFAULTS


async def test_zero_ends_a_rule(ann: Browser, context: Context, acme: Scope) -> None:
    await ann.post(PAGE, held_days="0")
    assert (await thresholds.show(context, acme))["held_days"] == 0
    assert '<span class="pill">off</span>' in (await ann.look(PAGE)).text
