"""What a send is made from, on its page."""

import re

import msgspec

from sendtrail.domain.bank_accounts import NewBankAccount
from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.pieces import Cheque, Making
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import bank_accounts, contents, orders, return_envelopes, sends, stock_orders
from sendtrail.services.context import Context
from sendtrail.services.orders import NewOrder
from tests.web.conftest import Browser


async def test_a_page_tells_how_a_send_is_printed_and_leads_to_what_was_given(
    ann: Browser, context: Context, acme: Scope
) -> None:
    making = Making(size="9x6", paper="premium_paper_postcard_satin_ds")
    sides = {f"{side}_html": contents.html(f"<p>{side}</p>", side) for side in ("front", "back")}
    order = NewOrder(
        kind="postcard", to=NewContact("1 Main St", "US", first_name="Ann"), making=making, documents=sides
    )
    card = msgspec.json.decode(await orders.make_once(context, acme, order, None))["id"]
    (other,) = await sends.create(context, acme, [NewSend(kind="letter", to=Address(name="Bob"))])
    assert isinstance(other, dict)

    page = (await ann.look(f"/sends/{card}")).text

    assert "<dt>Size</dt><dd>9 × 6</dd>" in page
    assert "Premium paper postcard satin ds" in page
    led = re.findall(rf'href="(/sends/{card}/content/\w+)">([^<]+)</a>', page)
    assert [name for _, name in led] == ["Front (HTML)", "Back (HTML)"]
    answer = await ann.look(led[1][0])
    assert answer.status_code == 302
    assert (await ann.look(answer.headers["Location"])).text == "<p>back</p>"
    for missing in (f"/sends/{card}/content/pdf", f"/sends/{other['id']}/content/html", f"/sends/{card}/content/x"):
        assert (await ann.look(missing)).status_code == 404
    assert "Content</h2>" not in (await ann.look(f"/sends/{other['id']}")).text


async def test_a_page_tells_what_a_cheque_is_made_out_for(ann: Browser, context: Context, acme: Scope) -> None:
    drawn = NewBankAccount("First Bank", "US", "12345678", routing_number="021000021", signature_text="Paul")
    account = (await bank_accounts.make(context, acme, drawn)).id
    shop = NewContact("9 Oak St", "US", company="Shop Inc", city="Chicago")
    envelope = await return_envelopes.make(context, acme, shop, None, None)
    order = await stock_orders.place(
        context, acme, context.ids.encode("return_envelope", envelope.id), 5000, None, None
    )
    await stock_orders.fill(context, acme, context.ids.encode("return_envelope_order", order.id), 5000)
    cheque = Cheque(1250, "", account, 41, memo="Rent of May", message="With thanks")
    wanted = NewOrder(
        kind="cheque",
        to=NewContact("1 Main St", "US", first_name="Ann"),
        from_=shop,
        making=Making(cheque=cheque),
        description="Rent for <the shop>",
        return_envelope=envelope.id,
    )
    made = msgspec.json.decode(await orders.make_once(context, acme, wanted, None))["id"]

    page = (await ann.look(f"/sends/{made}")).text

    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page[page.index('id="content"') :]))
    assert (
        facts.items()
        >= {
            "Description": "Rent for &lt;the shop&gt;",
            "Return envelope": "To Shop Inc, Chicago",
            "Account": "First Bank, ending in 5678",
            "Number": "41",
            "Memo": "Rent of May",
            "Message": "With thanks",
        }.items()
    )
