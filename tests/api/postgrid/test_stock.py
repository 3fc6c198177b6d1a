"""Contacts, bank accounts, return envelopes and orders of them, by PostGrid's own client in its strict mode."""

import base64
from collections.abc import Awaitable
from typing import Any

import postgrid
import pytest

from sendtrail.services.accounts import scope_of_organization
from sendtrail.services.context import Context
from sendtrail.services.hook_plans import HookPlan
from sendtrail.services.hooks import make as make_hook
from tests.api.conftest import Clients
from tests.api.postgrid.conftest import Sdks

ANN: Any = {
    "first_name": "Ann",
    "last_name": "Lee",
    "job_title": "Owner",
    "address_line1": "1 Main St",
    "city": "Chicago",
    "province_or_state": "illinois",
    "postal_or_zip": "60601",
    "country_code": "us",
    "email": "ann@example.com",
    "phone_number": "+1 312 555 0100",
    "metadata": {"n": [1, None]},
}
US: dict[str, Any] = {"bank_country_code": "US", "bank_name": "First Bank", "routing_number": "021000021"}
CANADA: dict[str, Any] = {"bank_country_code": "CA", "bank_name": "Première", "route_number": "003"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


async def refused(call: Awaitable[object]) -> tuple[int, str, str | None, str]:
    """Status, type, field and `x-should-retry` of a refusal whose message names the field."""
    with pytest.raises(postgrid.APIStatusError) as refusal:
        await call
    body: Any = refusal.value.body
    error = body["error"]
    assert (error["param"] or "") in error["message"] or error["param"] == "id"
    response = refusal.value.response
    return response.status_code, error["type"], error["param"], response.headers["x-should-retry"]


async def test_contacts_are_made_once_listed_shown_and_deleted(sdks: Sdks) -> None:
    test, live, other = await sdks(), await sdks(live=True), await sdks("Other")
    made = await test.print_mail.contacts.create(**ANN, description="first")
    again = await test.print_mail.contacts.create(**ANN, description="second")
    real = await live.print_mail.contacts.create(**ANN)
    failed = await test.print_mail.contacts.create(**ANN | {"first_name": "Bob"}, description="test failed")
    hidden = await test.print_mail.contacts.create(**ANN | {"first_name": "Cleo"}, secret=True)

    assert (made.id, made.description, again.description) == (again.id, "first", "second")
    assert (made.country_code, made.province_or_state, made.address_status) == ("US", "illinois", "verified")
    assert (made.live, real.live, real.province_or_state, real.address_status) == (False, True, "IL", "corrected")
    assert (failed.address_status, bool(failed.address_errors)) == ("failed", True)
    assert (hidden.secret, hidden.first_name, hidden.address_line1, hidden.email) == (True, None, "", None)
    assert made.model_dump(exclude_none=True).keys() == {
        *("id", "object", "live", "created_at", "updated_at", "description", "metadata", "address_status"),
        *(name for name in ANN),
    }

    listed = await test.print_mail.contacts.list(limit=2, skip=1)
    assert ([each.id for each in listed.data], listed.total_count) == ([failed.id, made.id], 3)
    assert [each.id async for each in test.print_mail.contacts.list(limit=1)] == [hidden.id, failed.id, made.id]
    empty = await test.print_mail.contacts.list(limit=0)
    assert (empty.data, empty.total_count) == ([], 3)
    assert [each.id async for each in test.print_mail.contacts.list(search='"Main St" bob')] == [failed.id]
    assert await test.print_mail.contacts.retrieve(made.id) == again

    for stranger in (live, other):
        assert (await refused(stranger.print_mail.contacts.retrieve(made.id)))[:2] == (404, "not_found_error")
        assert (await refused(stranger.print_mail.contacts.delete(made.id)))[0] == 404
    assert (await test.print_mail.contacts.delete(made.id)).deleted
    assert (await refused(test.print_mail.contacts.retrieve(made.id)))[0] == 404


async def test_what_is_no_contact_is_refused_by_its_field(sdks: Sdks) -> None:
    contacts = (await sdks()).print_mail.contacts
    for changed, param in (
        ({"country_code": "USA"}, "countryCode"),
        ({"address_line1": " "}, "addressLine1"),
        ({"first_name": ""}, "firstName"),
        ({"city": "x" * 501}, "city"),
        ({"postal_or_zip": "a\0b"}, "postalOrZip"),
        ({"description": "x" * 10_001}, "description"),
        ({"secret": "yes"}, "secret"),
    ):
        given: dict[str, Any] = ANN | changed
        assert await refused(contacts.create(**given)) == (400, "validation_error", param, "false")
    assert (await refused(contacts.create(**ANN, extra_body={"firstname": "A"})))[2] == "firstname"
    assert (await refused(contacts.list(skip=-1)))[2] == "skip"
    assert (await refused(contacts.list(extra_query={"sort": "name"})))[:3] == (400, "validation_error", "sort")


async def test_bank_accounts_show_the_end_of_their_number_only(sdks: Sdks, context: Context) -> None:
    test, live = await sdks(), await sdks(live=True)
    accounts = test.print_mail.bank_accounts
    signed = await accounts.create(
        **US, account_number="123456789", signature_text="Ann Lee", bank_primary_line="1 A St"
    )
    drawn = await accounts.create(
        **CANADA, transit_number="00102", account_number="1234567", signature_image=base64.b64encode(PNG).decode()
    )

    assert (signed.account_number, signed.routing_number) == ("********6789", "021000021")
    assert (signed.signature_text, signed.bank_primary_line, signed.live) == ("Ann Lee", "1 A St", False)
    assert (drawn.account_number, drawn.bank_country_code, drawn.signature_text) == ("********567", "CA", None)
    picture = await test._client.get(drawn.signature_image or "")
    assert (picture.content, picture.headers["content-type"], signed.signature_image) == (PNG, "image/png", None)
    assert [each.id async for each in accounts.list(limit=1)] == [drawn.id, signed.id]
    assert [each.id async for each in accounts.list(search="6789")] == [signed.id]
    assert (await refused(live.print_mail.bank_accounts.retrieve(signed.id)))[0] == 404
    assert (await accounts.delete(drawn.id)).deleted

    good: dict[str, Any] = {**US, "account_number": "123456789", "signature_text": "Ann"}
    for changed, param in (
        ({"routing_number": "021000022"}, "routingNumber"),
        ({"account_number": "x"}, "accountNumber"),
        ({"bank_country_code": "FR"}, "bankCountryCode"),
        ({"transit_number": "12345"}, "transitNumber"),
        ({"signature_text": ""}, "signatureText"),
        ({"signature_image": "https://example.com/a.png"}, "signatureText"),
        ({"signature_text": "", "signature_image": base64.b64encode(b"GIF89a").decode()}, "signatureImage"),
        ({"signature_text": "", "signature_image": "http://127.0.0.1/a.png"}, "signatureImage"),
        ({"signature_text": "", "signature_image": "no base64!"}, "signatureImage"),
    ):
        assert await refused(accounts.create(**good | changed)) == (400, "validation_error", param, "false")
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select subject, detail::text from audit where action like 'bank_account.%'")
        told = str(await cursor.fetchall())
    assert "6789" in told
    assert "123456789" not in told


async def test_an_order_of_return_envelopes_is_placed_filled_or_cancelled_and_told_of(
    sdks: Sdks, context: Context
) -> None:
    test = await sdks()
    scope = await scope_of_organization(context, "Acme", live=False)
    await make_hook(
        context,
        scope,
        HookPlan(
            url="https://8.8.8.8/",
            events=["return_envelope_order.created", "return_envelope_order.updated"],
            format="postgrid_json",
        ),
    )
    envelopes = test.print_mail.return_envelopes
    envelope = await envelopes.create(to=ANN, description="To us", idempotency_key="once")

    assert (envelope.to.first_name, envelope.available, envelope.description) == ("Ann", 0, "To us")
    assert (await envelopes.create(to=ANN, description="To us", idempotency_key="once")).id == envelope.id
    assert await refused(envelopes.create(to=envelope.to.id)) == (
        *(409, "return_envelope_already_exists_error", "to", "false"),
    )
    assert (await refused(envelopes.create(to="contact_0000000000000")))[:3] == (404, "not_found_error", "to")
    nowhere: Any = {**ANN, "country_code": "x"}
    assert (await refused(envelopes.create(to=nowhere)))[2] == "to.countryCode"

    assert [each.id async for each in envelopes.list(search='"Ann Lee" us')] == [envelope.id]
    assert [each.id async for each in envelopes.list(search="Bob")] == []
    orders = envelopes.orders
    placed = await orders.create(envelope.id, quantity_ordered=5000)
    assert (placed.status, placed.return_envelope, placed.quantity_filled) == ("placed", envelope.id, None)
    assert (await refused(orders.create(envelope.id, quantity_ordered=4999)))[2] == "quantityOrdered"
    filled = await orders.fill(placed.id, id=envelope.id)
    assert (filled.status, filled.quantity_filled) == ("filled", 5000)
    assert (await refused(orders.fill(placed.id, id=envelope.id)))[1] == "return_envelope_order_cannot_fill_error"
    assert (await refused(orders.cancel(placed.id, id=envelope.id))) == (409, "conflict_error", "id", "false")

    spare = await orders.create(envelope.id, quantity_ordered=6000)
    cancelled = await orders.cancel(spare.id, id=envelope.id, expand=["returnEnvelope"])
    assert cancelled.status == "cancelled"
    assert not isinstance(cancelled.return_envelope, str)
    assert cancelled.return_envelope.available == 5000
    assert await orders.retrieve(spare.id, id=envelope.id, expand=["returnEnvelope"]) == cancelled
    assert await orders.retrieve(spare.id, id=envelope.id, extra_query={"expand[]": "returnEnvelope"}) == cancelled
    assert [each.id async for each in orders.list(envelope.id, limit=1)] == [spare.id, placed.id]
    assert (await envelopes.retrieve(envelope.id)).available == 5000

    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select body::jsonb from notification order by id")
        told = [body async for (body,) in cursor]
    assert [(each["type"], each["data"]["status"], each["updatedFields"]) for each in told] == [
        ("return_envelope_order.created", "placed", None),
        ("return_envelope_order.updated", "filled", {"status": "filled", "quantityFilled": 5000}),
        ("return_envelope_order.created", "placed", None),
        ("return_envelope_order.updated", "cancelled", {"status": "cancelled"}),
    ]


async def test_whoever_keeps_the_stock_fills_live_orders(sdks: Sdks, clients: Clients) -> None:
    live, native, test = (await sdks(live=True)).print_mail, await clients("Acme"), await clients("Acme", live=False)
    envelope = await live.return_envelopes.create(to=ANN)
    orders = live.return_envelopes.orders
    placed = await orders.create(envelope.id, quantity_ordered=5000, metadata={"n": 1})
    fill = f"/api/v1/return_envelope_orders/{placed.id}/fill"

    cannot = "return_envelope_order_cannot_fill_error"
    assert await refused(orders.fill(placed.id, id=envelope.id)) == (400, cannot, None, "false")
    assert (await test.post(fill)).status_code == 404
    assert (await native.post(fill, json={"quantity": 0})).json()["error"]["param"] == "quantity"
    filled = (await native.post(fill, json={"quantity": 4800})).json()
    again = await native.post(fill)

    told = {name: filled[name] for name in ("id", "status", "quantity_filled", "return_envelope", "metadata")}
    assert told == {
        "id": placed.id,
        "status": "filled",
        "quantity_filled": 4800,
        "return_envelope": envelope.id,
        "metadata": {"n": 1},
    }
    assert (again.status_code, again.json()["error"]["type"]) == (409, "conflict")
    assert (await live.return_envelopes.retrieve(envelope.id)).available == 4800
