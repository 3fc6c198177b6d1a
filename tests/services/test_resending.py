"""What came back or failed goes out once more: the same thing, to a better address, once."""

import asyncio
from datetime import date, timedelta

import msgspec
import pytest

from sendtrail.domain.problems import Conflict, Invalid, NotFound, SendtrailError
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import AddressChange
from sendtrail.services import attending, attention, histories, mailer_ids, money, sends
from sendtrail.services.attending import Wanted
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.resending import Resending, resend
from sendtrail.services.sends import NewEvent
from sendtrail.services.views import View
from tests.people import world

BETTER = Resending(AddressChange(address_line1="2 Elm Terrace", postal_code="60614-1234"), date(2026, 12, 1))
SAME = (
    "kind",
    "campaign",
    "tags",
    "mailing_class",
    "message",
    "sender",
    "owner",
    "team",
    "cost_cents",
    "metadata",
    "from",
)


async def test_it_goes_out_once_more_as_it_was_to_the_better_address_and_both_know_of_each_other(
    context: Context,
) -> None:
    made = await world(context)
    ann, sam = made.scopes["ann"], made.scopes["sam"]
    await mailer_ids.add_mailer_id(context, ann, "901234567")
    new = NewSend(
        kind="letter",
        to=Address(name="Ada Abbott", address_line1="1 Elm Terrace", city="Chicago", state="IL", postal_code="60601"),
        from_=Address(name="Acme", postal_code="10001"),
        campaign="By sam.",
        tags=["spring"],
        mailing_class="marketing",
        message="Hello",
        cost_cents=70,
        external_id="A-1",
        metadata={"order": "7"},
    )
    (first,) = await sends.create(context, sam, [new])
    assert isinstance(first, dict)
    with pytest.raises(Conflict):
        await resend(context, ann, first["id"], BETTER)
    await sends.record_events(context, sam, first["id"], [NewEvent("returned")])
    await histories.refresh(context, rest=timedelta())
    await attention.refresh(context)
    spent = (await money.balance(context, ann)).spent

    second: View = msgspec.json.decode(await resend(context, ann, first["id"], BETTER))

    first = await sends.get(context, ann, first["id"])
    assert {name: second[name] for name in SAME} == {name: msgspec.to_builtins(first[name]) for name in SAME}
    assert second["to"] == {**first["to"], "address_line1": "2 Elm Terrace", "postal_code": "60614-1234"}
    assert (second["send_date"], second["external_id"], second["status"]["code"]) == ("2026-12-01", "", "created")
    assert second["imb"] not in ("", first["imb"])
    assert (second["replaces"], first["replaced_by"]) == (first["id"], second["id"])
    assert (await money.balance(context, ann)).spent == spent + 70
    assert (await sends.get(context, sam, second["id"]))["owner"]["email"] == "sam@example.com"
    assert (await attending.list_entries(context, ann, Wanted(rule="returned"), 9))[0] == []
    (done,) = (await attending.list_entries(context, ann, Wanted("done"), 9))[0]
    assert done.about.id == first["id"]
    with pytest.raises(Conflict, match=second["id"]):
        await resend(context, ann, first["id"], BETTER)


async def test_pressed_twice_at_once_it_goes_out_once(context: Context) -> None:
    made = await world(context)
    ann, first = made.scopes["ann"], made.sends["sam"]["id"]
    await sends.record_events(context, ann, first, [NewEvent("failed")])

    async def press(request: Request | None) -> bytes | SendtrailError:
        try:
            return await resend(context, ann, first, BETTER, request)
        except Conflict as refusal:
            return refusal

    one, two, three = await asyncio.gather(press(Request("form-1", b"")), press(Request("form-1", b"")), press(None))
    assert one == two
    assert isinstance(one, bytes) != isinstance(three, bytes)


async def test_what_cannot_be_taken_or_is_beyond_reach_changes_nothing(context: Context) -> None:
    made = await world(context)
    first = made.sends["tom"]["id"]
    await sends.record_events(context, made.scopes["tom"], first, [NewEvent("returned")])
    with pytest.raises(NotFound):
        await resend(context, made.scopes["sam"], first, BETTER)
    with pytest.raises(Invalid) as refused:
        await resend(context, made.scopes["tom"], first, Resending(AddressChange(country="Chile")))
    assert refused.value.param == "to.country"
    for wrong, param in (
        (AddressChange(postal_code="!!"), "to.postal_code"),
        (AddressChange(email="nope"), "to.email"),
    ):
        with pytest.raises(Invalid) as refused:
            await resend(context, made.scopes["tom"], first, Resending(wrong))
        assert refused.value.param == param
    assert (await sends.get(context, made.scopes["tom"], first))["replaced_by"] is None
