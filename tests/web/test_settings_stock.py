"""Settings: return envelopes that were ordered come, and are there."""

from dataclasses import replace

from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.scope import Scope
from sendtrail.services import return_envelopes, stock_orders
from sendtrail.services.context import Context
from tests.web.conftest import Browser

STOCK = "/settings/stock"
PAUL = NewContact("1 Main St", "US", first_name="Paul", company="Post & Sons", city="Chicago")
DAN = NewContact("2 Main St", "US", first_name="Dan", secret=True)
TESS = NewContact("3 Main St", "US", first_name="Tess")


async def placed(context: Context, scope: Scope, to: NewContact, quantity: int) -> str:
    row = await return_envelopes.make(context, scope, to, None, None)
    envelope = context.ids.encode("return_envelope", row.id)
    order = await stock_orders.place(context, scope, envelope, quantity, None, None)
    return context.ids.encode("return_envelope_order", order.id)


async def test_whoever_keeps_the_envelopes_says_when_they_came(ann: Browser, context: Context, acme: Scope) -> None:
    empty = await ann.look(STOCK)
    order = await placed(context, acme, PAUL, 6000)
    hidden = await placed(context, acme, DAN, 7000)
    await placed(context, replace(acme, live=False), TESS, 8000)
    page = await ann.look(STOCK)

    assert "No return envelopes yet" in empty.text
    assert all(each in page.text for each in ("Post &amp; Sons", "6,000", order, "A secret contact", hidden))
    assert not any(each in page.text for each in ("Dan", "2 Main St", "Tess", "8,000"))

    for wrong in ("many", "0"):
        answer = await ann.post(f"{STOCK}/{order}", quantity=wrong)
        assert (answer.status_code, 'role="alert">Quantity must' in answer.text) == (400, True)
    came = await ann.post(f"{STOCK}/{order}", quantity="5,900")
    assert (came.status_code, came.headers["Location"]) == (303, f"{STOCK}?done=filled")
    after = await ann.look(came.headers["Location"])
    again = await ann.post(f"{STOCK}/{order}", quantity="5,900")

    await ann.post(f"{STOCK}/{hidden}")
    assert '<p class="none">Nothing is on its way.</p>' in (await ann.look(STOCK)).text
    assert "They are on the shelf" in after.text
    assert "5,900" in after.text
    assert order not in after.text
    assert (again.status_code, "The order is filled already" in again.text) == (400, True)
    assert (await ann.post(f"{STOCK}/return_envelope_order_0000000000000")).status_code == 404
