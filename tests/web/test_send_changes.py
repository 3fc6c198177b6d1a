"""Cancelling and changing a send on its page, and adding what happened to it."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from sendtrail.domain.scope import Scope
from sendtrail.domain.send_change import AddressChange, SendChange
from sendtrail.services import sends
from sendtrail.services.cancelling import cancel
from sendtrail.services.context import Context
from sendtrail.services.editing import edit
from sendtrail.services.sends import NewEvent
from tests.web.conftest import EMAIL, Browser
from tests.web.test_pages import letter, made, words


async def status(context: Context, scope: Scope, public_id: str) -> str:
    return str((await sends.get(context, scope, public_id))["status"]["code"])


def nonce_of(page: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found
    return found[1]


def filled(page: str) -> dict[str, str]:
    """The fields of the page's last form as they are filled in, without the token."""
    form = page.rpartition("<form")[2]
    found = {}
    for field in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="(\w+)"', field), re.search(r'value="([^"]*)"', field)
        assert name
        assert value
        found[name[1]] = unescape(value[1])
    del found["csrf"]
    return found


class TestCancel:
    async def test_the_form_cancels_and_the_trail_says_who_and_why(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter())
        address = f"/sends/{send['id']}"
        assert f'href="{address}/cancel"' in (await ann.look(address)).text
        form = await ann.look(f"{address}/cancel")
        assert "Cancel this send?" in form.text

        gone = await ann.post(f"{address}/cancel", nonce=nonce_of(form.text), reason="The show is\r\noff ")

        assert (gone.status_code, gone.headers["Location"]) == (303, f"{address}?done=cancelled")
        page = (await ann.look(gone.headers["Location"])).text
        assert "It is cancelled." in page
        assert f"Cancelled Reason: The show is off cancelled by {EMAIL}" in words(page)
        assert f'href="{address}/cancel"' not in page
        assert (await sends.get(context, acme, send["id"]))["trail"][-1]["detail"]["reason"] == "The show is\noff"

    async def test_a_double_click_cancels_once_and_reads_as_done(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter())
        address = f"/sends/{send['id']}/cancel"
        nonce = nonce_of((await ann.look(address)).text)
        answers = [await ann.post(address, nonce=nonce, reason="") for _ in range(2)]
        assert [each.headers["Location"] for each in answers] == [f"/sends/{send['id']}?done=cancelled"] * 2
        assert len((await sends.get(context, acme, send["id"]))["trail"]) == 2

    async def test_who_comes_second_reads_who_was_first(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, letter())
        form = await ann.look(f"/sends/{send['id']}/cancel")
        await cancel(context, acme, send["id"], "wrong list")
        late = await ann.post(f"/sends/{send['id']}/cancel", nonce=nonce_of(form.text), reason="me too")
        assert late.status_code == 409
        assert "It cannot be cancelled any more" in late.text
        page = words(late.text)
        assert "It is cancelled already." in page
        assert f"cancelled by {EMAIL}. Reason: wrong list" in page

    async def test_too_late_says_where_it_stands(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, letter())
        await sends.record_events(context, acme, send["id"], [NewEvent("handed_over", source="printer")])
        assert f"/sends/{send['id']}/cancel" not in (await ann.look(f"/sends/{send['id']}")).text
        assert "It cannot be cancelled any more" in (await ann.look(f"/sends/{send['id']}/cancel")).text
        late = await ann.post(f"/sends/{send['id']}/cancel", nonce="x", reason="")
        assert late.status_code == 409
        assert "the status is Handed over" in late.text
        assert await status(context, acme, send["id"]) == "handed_over"

    async def test_a_reason_that_is_too_long_is_said_beside_it_and_kept(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter())
        refused = await ann.post(f"/sends/{send['id']}/cancel", nonce="x", reason="y" * 2_001)
        assert refused.status_code == 400
        assert 'id="reason-wrong"' in refused.text
        assert "y" * 2_001 in refused.text
        assert await status(context, acme, send["id"]) == "created"

    async def test_a_test_send_opens_and_is_cancelled_from_live_mode(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        rehearsal = replace(acme, live=False)
        (send,) = await made(context, rehearsal, letter())
        page = (await ann.look(f"/sends/{send['id']}")).text
        assert "nothing on this page was really sent." in page
        assert "Test mode" not in words(page)
        await ann.post(f"/sends/{send['id']}/cancel", nonce="x", reason="")
        assert await status(context, rehearsal, send["id"]) == "cancelled"


class TestEdit:
    async def test_the_form_shows_what_is_there_and_saves_what_is_typed(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter("Ana López", message="kept"))
        address = f"/sends/{send['id']}"
        assert f'href="{address}/edit"' in (await ann.look(address)).text
        form = (await ann.look(f"{address}/edit")).text
        fields = filled(form)
        assert (fields["name"], fields["city"], fields["country"], fields["send_date"]) == (
            "Ana López",
            "Boston",
            "US",
            "",
        )

        saved = await ann.post(f"{address}/edit", **{**fields, "name": "Ana Lopez ", "send_date": "2026-12-24"})

        assert saved.headers["Location"] == f"{address}?done=changed"
        after = await sends.get(context, acme, send["id"])
        assert (after["to"]["name"], after["day"], after["message"]) == ("Ana Lopez", date(2026, 12, 24), "kept")
        page = words((await ann.look(saved.headers["Location"])).text)
        assert "Your changes are saved." in page
        assert f"by {EMAIL} : name Ana López → Ana Lopez ; send date empty → 2026-12-24" in page
        audit = words((await ann.look("/settings/audit")).text)
        assert f"changed the send {send['id']}" in audit
        assert "after: name Ana Lopez; send_date 2026-12-24" in audit

    async def test_what_cannot_be_is_said_beside_the_field_and_kept(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter())
        address = f"/sends/{send['id']}/edit"
        fields = filled((await ann.look(address)).text)
        for wrong, field in (
            ({"country": "X1"}, "country"),
            ({"country": "CA"}, "country"),
            ({"send_date": "soon"}, "send_date"),
            ({"name": "y" * 501}, "name"),
        ):
            refused = await ann.post(address, **{**fields, "phone": "+1 555", **wrong})
            assert refused.status_code == 400
            assert f'id="{field}-wrong"' in refused.text
            assert filled(refused.text)["phone"] == "+1 555"
        assert "to.country" not in refused.text
        nobody = await ann.post(address, **{**fields, "name": "", "company": "", "email": "", "address_line1": ""})
        assert nobody.status_code == 400
        assert 'role="alert"' in nobody.text
        assert await sends.get(context, acme, send["id"]) == send

    async def test_who_comes_second_sees_what_the_first_changed_and_may_go_on(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter())
        address = f"/sends/{send['id']}/edit"
        fields = filled((await ann.look(address)).text)
        await edit(context, acme, send["id"], SendChange(to=AddressChange(city="Salem")))

        second = await ann.post(address, **{**fields, "city": "Lowell"})

        assert second.status_code == 409
        assert "Where it differs from what you typed: City: Salem" in words(second.text)
        again = filled(second.text)
        assert again["city"] == "Lowell"
        assert (await ann.post(address, **again)).status_code == 303
        assert (await sends.get(context, acme, send["id"]))["to"]["city"] == "Lowell"

    async def test_too_late_says_where_it_stands(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, letter())
        address = f"/sends/{send['id']}/edit"
        fields = filled((await ann.look(address)).text)
        await sends.record_events(context, acme, send["id"], [NewEvent("printed", source="printer")])
        late = await ann.post(address, **fields)
        assert late.status_code == 409
        assert "It cannot be changed any more" in late.text
        assert "the status is Producing: printed" in late.text

    async def test_a_test_send_is_changed_from_live_mode(self, ann: Browser, context: Context, acme: Scope) -> None:
        rehearsal = replace(acme, live=False)
        (send,) = await made(context, rehearsal, letter())
        fields = filled((await ann.look(f"/sends/{send['id']}/edit")).text)
        await ann.post(f"/sends/{send['id']}/edit", **{**fields, "name": "Ana B."})
        assert (await sends.get(context, rehearsal, send["id"]))["to"]["name"] == "Ana B."


class TestHappenings:
    async def test_what_somebody_knows_comes_into_the_trail_with_their_name(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter())
        address = f"/sends/{send['id']}/events"
        form = (await ann.look(address)).text
        assert '<option value="returned" selected>Returned</option>' in form
        assert 'value="cancelled"' not in form
        assert 'value="created"' not in form

        told = await ann.post(
            address, nonce=nonce_of(form), code="returned", occurred_at="2026-03-02T09:30", note="No such street"
        )

        assert told.headers["Location"] == f"/sends/{send['id']}?done=told"
        page = words((await ann.look(told.headers["Location"])).text)
        assert "What happened is noted." in page
        assert f"2 Mar 2026, 09:30 EST Returned “No such street” reported by {EMAIL}" in page

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"code": "cancelled"}, "code"),
            ({"code": "opened"}, "code"),
            ({"code": "returned", "occurred_at": "yesterday"}, "occurred_at"),
            ({"code": "returned", "occurred_at": "2999-01-01T00:00"}, "occurred_at"),
            ({"code": "returned", "note": "y" * 2_001}, "note"),
        ],
    )
    async def test_what_cannot_be_is_said_beside_the_field(
        self, ann: Browser, context: Context, acme: Scope, fields: dict[str, str], field: str
    ) -> None:
        (send,) = await made(context, acme, letter())
        refused = await ann.post(f"/sends/{send['id']}/events", nonce="x", **fields)
        assert refused.status_code == 400
        assert f'id="{field}-wrong"' in refused.text
        assert await status(context, acme, send["id"]) == "created"


class TestTrackingNumber:
    async def test_it_can_be_added_when_the_send_is_on_its_way(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter())
        await sends.record_events(context, acme, send["id"], [NewEvent("handed_over")])
        address = f"/sends/{send['id']}"
        assert "Add tracking number" in (await ann.look(address)).text
        wrong = await ann.post(f"{address}/tracking", tracking_number="1Z999AA10123456785", carrier="ups")
        assert wrong.status_code == 400
        assert 'aria-describedby="tracking_number-wrong"' in wrong.text
        assert 'value="1Z999AA10123456785"' in wrong.text

        gone = await ann.post(f"{address}/tracking", tracking_number="1Z999AA10123456784", carrier="")

        assert (gone.status_code, gone.headers["Location"]) == (303, f"{address}?done=changed")
        page = (await ann.look(address)).text
        assert "https://www.ups.com/track?tracknum=1Z999AA10123456784" in page
        assert "Change tracking number" in page
