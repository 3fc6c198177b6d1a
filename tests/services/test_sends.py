"""Accepting sends and what people say of them."""

import pytest

from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import mailer_ids, money, sends
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from tests.store.piles import DAY, letters, organization


async def test_us_mail_gets_the_next_barcode_with_the_right_service_type_and_routing(context: Context) -> None:
    scope = await organization(context)
    await mailer_ids.add_mailer_id(context, scope, "901234567", 7, 8)
    to = Address(name="Ann", postal_code="60614-1234")

    first, second, third, abroad = await sends.create(
        context,
        scope,
        [
            NewSend("letter", to),
            NewSend("postcard", to, mailing_class="marketing"),
            NewSend("letter", to),
            NewSend("letter", Address(name="Ann", country="FR", postal_code="75001")),
        ],
    )

    assert isinstance(first, dict)
    assert first["imb"] == "00310901234567000007606141234"
    assert isinstance(second, dict)
    assert second["imb"] == "00311901234567000008606141234"
    assert isinstance(third, Invalid)
    assert (third.param, third.index) == ("imb", 2)
    assert isinstance(abroad, dict)
    assert abroad["imb"] == ""


async def test_a_send_is_cancelled_while_it_can_be_and_not_afterwards(context: Context) -> None:
    scope = await organization(context)
    early, late = await letters(context, scope, [1, 2])

    cancelled = await sends.record_events(context, scope, early, [sends.NewEvent("cancelled")])
    await sends.record_events(context, scope, late, [sends.NewEvent("delivered")])
    with pytest.raises(Conflict):
        await sends.record_events(context, scope, late, [sends.NewEvent("cancelled")])

    assert cancelled["status"]["code"] == "cancelled"
    assert (await sends.get(context, scope, late))["status"]["code"] == "delivered"
    await money.deposit(context, scope, 100)
    assert (await money.balance(context, scope)).spent == 70


async def test_two_notes_of_one_moment_are_both_kept_and_a_repeat_is_not(context: Context) -> None:
    scope = await organization(context)
    (letter,) = await letters(context, scope, [1])
    at = (await sends.get(context, scope, letter))["created_at"]

    for note in ("first", "second", "first"):
        await sends.record_events(context, scope, letter, [sends.NewEvent("returned", at, note=note)])

    trail = (await sends.get(context, scope, letter))["trail"]
    assert sorted(event["detail"]["note"] for event in trail if event["code"] == "returned") == ["first", "second"]


async def test_a_printer_tells_only_what_a_printer_can_know(context: Context) -> None:
    scope = await organization(context)
    (letter,) = await letters(context, scope, [1])
    with pytest.raises(Invalid) as refusal:
        await sends.record_events(context, scope, letter, [sends.NewEvent("delivered", source="printer")])
    assert refusal.value.param == "code"


async def test_a_send_of_another_organization_or_mode_does_not_exist(context: Context) -> None:
    scope = await organization(context)
    (letter,) = await letters(context, scope, [1])
    for stranger in (await organization(context), Scope(scope.organization_id, False, "test")):
        with pytest.raises(NotFound):
            await sends.get(context, stranger, letter)
        with pytest.raises(NotFound):
            await sends.record_events(context, stranger, letter, [sends.NewEvent("printed")])


async def test_the_same_barcode_within_a_batch_goes_to_the_first(context: Context) -> None:
    scope = await organization(context)
    new = NewSend("letter", Address(name="Ann"), imb="00270901234567000001", send_date=DAY)

    first, second = await sends.create(context, scope, [new, new])

    assert isinstance(first, dict)
    assert isinstance(second, Conflict)
    assert (second.param, second.index) == ("imb", 1)


async def test_what_left_did_not_fail_before_and_what_was_redeemed_was_used(context: Context) -> None:
    scope = await organization(context)
    to = Address(name="Ann", email="ann@example.com", postal_code="60601")
    letter, gift, egift = [
        each
        for each in await sends.create(
            context, scope, [NewSend(kind=kind, to=to) for kind in ("letter", "gift", "egift")]
        )
        if isinstance(each, dict)
    ]
    for send, stands, codes in (
        (letter, "handed_over", ["failed"]),
        (gift, "delivered", ["failed", "confirmation_expired"]),
        (egift, "redeemed", ["failed", "refunded"]),
    ):
        await sends.record_events(context, scope, send["id"], [NewEvent(stands)])
        for code in codes:
            with pytest.raises(Conflict, match=f"it cannot be {code} any more"):
                await sends.record_events(context, scope, send["id"], [NewEvent(code)])
        assert (await sends.get(context, scope, send["id"]))["status"]["code"] == stands
    await sends.record_events(context, scope, gift["id"], [NewEvent("refunded")])
