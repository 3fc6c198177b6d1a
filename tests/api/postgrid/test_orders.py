"""Orders, by PostGrid's own client in its strict mode."""

import dataclasses
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

import httpx
import postgrid
import pytest
from litestar import Litestar
from msgspec import json
from postgrid import AsyncPostGrid

from sendtrail.domain.bank_accounts import NewBankAccount
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import AddressChange
from sendtrail.services import accounts, api_keys, bank_accounts, destinations, files, links, mailer_ids, sends
from sendtrail.services.context import Context
from sendtrail.services.links import Chosen
from sendtrail.services.resending import Resending, resend
from sendtrail.services.sends import NewEvent
from sendtrail.store import system
from tests.clients.receiving import Received, receiving

ANN = {
    "firstName": "Ann", "lastName": "Lee", "jobTitle": "Baker", "addressLine1": "1 Main St", "city": "Chicago",
    "provinceOrState": "IL", "postalOrZip": "60614", "countryCode": "US",
}  # fmt: skip
ACME = {
    "companyName": "Acme",
    "addressLine1": "2 High St",
    "city": "Columbus",
    "postalOrZip": "43215",
    "countryCode": "US",
}
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
HTML = "<p>Hello {{to.firstName}}</p>"


class Shop(NamedTuple):
    """An organization, its client, and what else sees it."""

    context: Context
    scope: Scope
    client: AsyncPostGrid
    http: httpx.AsyncClient

    @property
    def mail(self) -> Any:
        return self.client.print_mail


@pytest.fixture
async def shop(app: Litestar, context: Context) -> AsyncIterator[Shop]:
    """A test organization with a Mailer ID, in an application that may fetch from this machine."""
    near = dataclasses.replace(context, config=dataclasses.replace(context.config, allow_private_hooks=True))
    app.state.context = near
    async with near.database.transaction() as connection:
        await system.add_organization(connection, "Acme")
    scope = await accounts.scope_of_organization(near, "Acme", live=False)
    await mailer_ids.add_mailer_id(near, scope, "901000111")
    await destinations.add_destination(near, scope, "shop.example.com")
    transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sendtrail.test") as http:
        yield Shop(near, scope, client_of(http, await api_keys.add_key(near, "Acme", False)), http)


def client_of(http: httpx.AsyncClient, key: str) -> AsyncPostGrid:
    return AsyncPostGrid(
        base_url="http://sendtrail.test",
        print_mail_api_key=key,
        max_retries=0,
        http_client=http,
        _strict_response_validation=True,
    )


def path_of(url: str) -> str:
    """A link's path: its host is the one that is set, not that of the test."""
    return str(httpx.URL(url).path)


async def refused(what: Any) -> tuple[int, str, str | None, str]:
    """Status, type, field and message of a refusal, which is final."""
    with pytest.raises(postgrid.APIStatusError) as caught:
        await what
    error = cast(dict[str, Any], caught.value.body)["error"]
    assert caught.value.response.headers["x-should-retry"] == "false"
    return caught.value.status_code, error["type"], error["param"], error["message"]


async def test_a_letter_goes_its_way_and_cannot_be_called_off_on_it(shop: Shop) -> None:
    letters = shop.mail.letters
    later = datetime.now(UTC) + timedelta(days=9)
    made = await letters.create(to=ANN, from_=ACME, html=HTML, send_date=later, mailing_class="certified")
    assert (made.status, made.send_date.date(), made.tracking_number) == ("ready", later.date(), None)
    assert (made.mailing_class, made.extraService) == ("certified", "certified")
    assert (made.to.first_name, made.to.last_name, made.to.job_title) == ("Ann", "Lee", "Baker")

    steps = [await letters.progress(made.id) for _ in range(3)]

    assert [each.status for each in steps] == ["printing", "processed_for_delivery", "completed"]
    assert steps[0].send_date < later - timedelta(days=8)
    assert [each.tracking_number is None for each in steps] == [True, False, False]
    assert steps[1].carrierTracking["trackingNumber"] == steps[2].tracking_number
    assert (steps[2].imb_status, steps[2].imb_zip_code) == ("out_for_delivery", "60607")
    assert await refused(letters.progress(made.id)) == (
        400, "invalid_progression_error", "id", "the order is completed: nothing follows that",
    )  # fmt: skip
    assert (await refused(letters.delete(made.id)))[:2] == (409, "conflict_error")
    assert (await refused(letters.cancel(made.id, note="No")))[:2] == (409, "conflict_error")
    assert (await letters.retrieve(made.id)).status == "completed"


async def test_an_order_of_each_kind_is_shown_as_it_was_asked_for(shop: Shop) -> None:
    mail = shop.mail
    template = (await mail.templates.create(html="<b>Front</b>")).id
    ann = (await mail.contacts.create(**_snake(ANN), description="First")).id
    settings: dict[str, dict[str, Any]] = {
        "letters": {
            "from_": ACME, "html": HTML, "color": True, "double_sided": True, "address_placement": "insert_blank_page",
            "size": "a4", "perforated_page": 1, "paper": "premium_paper_letter_standard_white_70lb",
            "merge_variables": {"a": [1]}, "metadata": {"b": 2}, "description": "A letter",
        },
        "postcards": {"size": "9x6", "front_template": template, "back_template": template},
        "self_mailers": {"from_": ACME, "size": "8.5x11_trifold", "inside_html": "In", "outside_html": "Out"},
    }  # fmt: skip
    for name, asked in settings.items():
        resource = getattr(mail, name)
        made = await resource.create(to=ann, **asked)
        shown = made.to_dict()
        assert {each: shown[api_name(each)] for each in asked if each != "from_"}.items() <= asked.items(), name
        assert (shown["to"]["id"], shown["to"]["lastName"]) == (ann, "Lee")
        again = (await resource.retrieve(made.id)).to_dict()
        listed = [each async for each in resource.list(limit=1)]
        assert [each.id for each in listed] == [made.id]
        for each in (shown, again):
            each.pop("url")
        assert again == shown
        cancelled = await resource.delete(made.id)
        assert (cancelled.status, cancelled.cancellation.reason) == ("cancelled", "user_initiated")


async def test_orders_are_listed_page_by_page_and_found_by_their_words(shop: Shop) -> None:
    letters = shop.mail.letters
    made = [
        (await letters.create(to={**ANN, "firstName": name}, from_=ACME, html=HTML)).id
        for name in ("Ann", "Bob", "Cid", "Ann")
    ]
    await letters.cancel(made[1], note="Wrong year")

    assert [each.id async for each in letters.list(limit=3)] == made[::-1]
    assert [each.id async for each in letters.list(search='"Ann Lee" boston')] == []
    assert [each.id async for each in letters.list(search='"Ann Lee" chicago')] == [made[3], made[0]]
    assert [each.id async for each in letters.list(search='"Ann Lee"')] == [made[3], made[0]]
    nothing = await letters.list(limit=0)
    assert (nothing.data, nothing.total_count) == ([], 4)
    assert (await letters.list(skip=9)).data == []
    assert (await letters.retrieve(made[1])).cancellation.note == "Wrong year"
    assert (await shop.mail.postcards.list()).total_count == 0
    assert (await refused(letters.list(limit=1001)))[:3] == (400, "validation_error", "limit")
    assert (await refused(letters.list(extra_query={"status": "ready"})))[:3] == (400, "validation_error", "status")
    assert (await refused(shop.mail.reports.list(limit=1)))[0] == 501
    nowhere = shop.client.get("/print-mail/v1/stamps", cast_to=object)
    assert (await refused(nowhere))[:2] == (404, "not_found_error")
    assert (await refused(shop.mail.postcards.retrieve(made[0])))[:3] == (404, "not_found_error", "id")


REFUSED: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
    ({"mailing_class": "ups_express_2_day"}, (422, "not_supported", "mailingClass")),
    ({"mailing_class": "pigeon"}, (400, "validation_error", "mailingClass")),
    ({"mailing_class": "ca_post_lettermail"}, (400, "validation_error", "mailingClass")),
    ({"extra_body": {"extraService": "fast"}}, (400, "validation_error", "extraService")),
    ({"mailing_class": "registered", "to": {**ANN, "countryCode": "CA"}}, (400, "validation_error", "mailingClass")),
    ({"extra_body": {"surprise": 1}}, (400, "validation_error", "surprise")),
    ({"send_date": "2021-01-01"}, (400, "validation_error", "sendDate")),
    ({"send_date": "soon"}, (400, "validation_error", "sendDate")),
    ({"to": "contact_0000000000000"}, (404, "not_found_error", "to")),
    ({"from_": "letter_1"}, (404, "not_found_error", "from")),
    ({"to": {"firstName": "Ann"}}, (400, "validation_error", "to.addressLine1")),
    ({"to": {**ANN, "countryCode": "Utopia"}}, (400, "validation_error", "to.countryCode")),
    ({"to": 7}, (400, "validation_error", "to")),
    ({"color": "red"}, (400, "validation_error", "color")),
    ({"envelope": "envelope_1"}, (422, "not_supported", "envelope")),
    ({"plastic_card": {"size": "standard"}}, (422, "not_supported", "plasticCard")),
    ({"return_envelope": "return_envelope_1"}, (404, "not_found_error", "returnEnvelope")),
    ({"html": "x" * ((8 << 20) + 1)}, (400, "validation_error", "html")),
    ({"html": "{{tracker_0000000000000}}"}, (404, "not_found_error", "html")),
    ({"extra_body": {"template": "template_1"}}, (400, "validation_error", "template")),
    ({"html": postgrid.omit, "template": "template_1"}, (404, "not_found_error", "template")),
    ({"extra_body": {"pdf": "https://example.com/a.pdf"}}, (400, "validation_error", "pdf")),
    ({"extra_body": {"attachedPDF": {"placement": "after_template"}}}, (400, "validation_error", "attachedPDF.file")),
    ({"merge_variables": {"a": "x" * 70_000}}, (400, "validation_error", "mergeVariables")),
    ({"description": "a\0"}, (400, "validation_error", "description")),
    ({"metadata": {"a": "x" * 20_000}}, (400, "validation_error", "metadata")),
]  # fmt: skip


async def test_what_cannot_be_made_is_refused_by_its_field(shop: Shop) -> None:
    for asked, answer in REFUSED:
        sent = {"to": ANN, "from_": ACME, "html": HTML, **asked}
        assert (await refused(shop.mail.letters.create(**sent)))[:3] == answer, asked
    assert (await shop.mail.letters.list()).total_count == 0


async def test_pdfs_come_as_files_or_from_an_address_and_are_kept_as_they_are(shop: Shop) -> None:
    served = {"/a.pdf": PDF, "/page": b"<html>", "/cut": PDF[:9]}

    async def answer(request: Received) -> bytes:
        if request.path == "/moved":
            return b"HTTP/1.1 302 Found\r\nLocation: /a.pdf\r\nContent-Length: 0\r\n\r\n"
        body = served.get(request.path)
        if body is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    letters, sent = shop.mail.letters, {"to": ANN, "from_": ACME}
    uploads = [await letters.create(**sent, pdf=("a.pdf", PDF), color=True, idempotency_key="once") for _ in range(2)]
    async with receiving(answer) as address:

        async def fetched(path: str) -> Any:
            body = {"to": ANN, "from": ACME, "pdf": address + path}
            return await letters.create(**sent, html=postgrid.omit, extra_body=body)

        by_address = [await fetched("/a.pdf"), await fetched("/moved")]
        assert (await refused(fetched("/page")))[:3] == (400, "invalid_pdf_error", "pdf")
        assert (await refused(fetched("/cut")))[:3] == (400, "invalid_pdf_error", "pdf")
        assert (await refused(fetched("/none")))[:3] == (400, "validation_error", "pdf")
    assert uploads[0].id == uploads[1].id
    assert (await refused(letters.create(**sent, html=HTML, idempotency_key="once")))[:2] == (409, "conflict_error")
    for each in (uploads[0], *by_address):
        shown = await shop.http.get(path_of(each.uploaded_pdf))
        assert (shown.content, shown.headers["content-type"]) == (PDF, "application/pdf")
    async with shop.context.database.snapshot() as connection:
        cursor = await connection.execute("select count(*) from document")
        assert await cursor.fetchone() == (1,)


async def test_a_link_shows_what_was_given_for_a_while_and_runs_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "<script>alert(1)</script>"
    letter = await shop.mail.letters.create(to=ANN, from_=ACME, html=script)
    card = await shop.mail.postcards.create(to=ANN, size="6x4", front_html="Front", back_html=script)

    path = path_of((await shop.mail.letters.retrieve_url(letter.id)).url)
    shown = await shop.http.get(path)
    assert (shown.text, shown.headers["content-type"]) == (script, "text/html; charset=utf-8")
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert shown.headers["x-content-type-options"] == "nosniff"
    both = await shop.http.get(path_of(card.url))
    assert ">Front</a>" in both.text
    assert script not in both.text
    token = path.removeprefix("/files/")
    forged = [token[:-1], token[:5] + ("A" if token[5] != "A" else "B") + token[6:], "", "%00", "é" * 60, token + "A"]
    assert [(await shop.http.get(f"/files/{each}")).status_code for each in forged] == [404] * len(forged)
    monkeypatch.setattr(files, "OPEN_FOR", -1)
    over = await shop.http.get(path_of((await shop.mail.letters.retrieve_url(letter.id)).url))
    assert (over.status_code, "This link has expired" in over.text) == (410, True)


async def test_cheques_have_numbers_and_are_made_out_in_the_money_of_their_account(shop: Shop) -> None:
    drawn = NewBankAccount("First Bank", "US", "12345678", routing_number="021000021", signature_text="Paul")
    row = await bank_accounts.make(shop.context, shop.scope, drawn)
    cheques, account = shop.mail.cheques, shop.context.ids.encode("bank_account", row.id)
    sent = {"to": ANN, "from_": ACME, "bank_account": account, "amount": 1250}
    made = [await cheques.create(**sent, **more) for more in ({}, {"number": 7, "currency_code": "CAD"}, {})]
    digital = await cheques.create(
        **{**sent, "to": postgrid.omit, "from_": postgrid.omit},
        digital_only={"watermark": "Copy", "payee": {"name": "Bob"}},
        memo="Rent",
    )

    assert [(each.number, each.currency_code) for each in made] == [(1, "USD"), (7, "CAD"), (8, "USD")]
    assert (digital.to.first_name, digital.digital_only.watermark, digital.number) == ("Bob", "Copy", 9)
    assert (digital.status, digital.cancellation.reason) == ("cancelled", "user_initiated")
    assert (await refused(cheques.progress(digital.id)))[:2] == (400, "invalid_progression_error")
    assert (await refused(cheques.create(**sent, number=7)))[:3] == (409, "conflict_error", "number")
    preview = await shop.http.get(path_of(digital.url))
    assert "<dt>Amount</dt><dd>12.50 USD</dd>" in preview.text
    assert (await cheques.retrieve_with_deposit_ready_pdf(digital.id)).id == digital.id
    assert (await refused(cheques.create(**{**sent, "bank_account": "bank_account_1"})))[:3] == (
        404, "not_found_error", "bankAccount",
    )  # fmt: skip
    assert (await refused(cheques.create(**{**sent, "amount": 0})))[:3] == (400, "validation_error", "amount")
    assert (await refused(cheques.create(**{**sent, "to": postgrid.omit})))[:3] == (400, "validation_error", "to")


async def test_a_letter_brings_a_return_envelope_for_as_long_as_there_are_some(shop: Shop) -> None:
    mail = shop.mail
    envelope = (await mail.return_envelopes.create(to=ACME)).id
    sent = {"to": ANN, "from_": ACME, "html": HTML, "return_envelope": envelope}
    assert (await refused(mail.letters.create(**sent)))[:3] == (409, "conflict_error", "returnEnvelope")
    order = await mail.return_envelopes.orders.create(envelope, quantity_ordered=5000)
    await mail.return_envelopes.orders.fill(order.id, id=envelope)

    letter = await mail.letters.create(**sent)

    assert letter.return_envelope == envelope
    assert (await mail.return_envelopes.retrieve(envelope)).available == 4999
    await mail.letters.delete(letter.id)
    assert (await mail.return_envelopes.retrieve(envelope)).available == 5000


async def test_an_order_gets_a_link_for_each_tracker_that_it_names(shop: Shop) -> None:
    where = "https://shop.example.com/?to={{to.firstName}}"
    tracker = (await shop.mail.trackers.create(redirect_url_template=where, url_expire_after_days=30)).id
    html = f"<a href='{{{{{tracker}}}}}'>Go</a> <img src='{{{{{tracker}.qrcode}}}}'>"
    letter = await shop.mail.letters.create(to=ANN, from_=ACME, html=html)

    found, _ = await links.list_links(shop.context, shop.scope, Chosen(send=letter.id), limit=9)

    assert [each.leads_to for each in found] == ["https://shop.example.com/?to=Ann"]


async def test_what_is_sent_once_more_is_made_from_the_same(shop: Shop) -> None:
    tracker = (
        await shop.mail.trackers.create(redirect_url_template="https://shop.example.com/", url_expire_after_days=30)
    ).id
    letter = await shop.mail.letters.create(to=ANN, from_=ACME, html=f"{{{{{tracker}}}}}", color=True)
    await sends.record_events(shop.context, shop.scope, letter.id, [NewEvent("returned")])
    change = Resending(to=AddressChange(address_line1="9 Elm St"))

    again = json.decode(await resend(shop.context, shop.scope, letter.id, change))["id"]

    made = await shop.mail.letters.retrieve(again)
    assert (made.html, made.color, made.to.address_line1) == (letter.html, True, "9 Elm St")
    assert made.to.id != letter.to.id
    found, _ = await links.list_links(shop.context, shop.scope, Chosen(send=again), limit=9)
    assert len(found) == 1


async def test_a_send_of_ours_is_an_order_too(shop: Shop) -> None:
    new = NewSend(kind="letter", to=Address(name="Ann Lee", postal_code="60614"), mailing_class="marketing")
    (made,) = await sends.create(shop.context, shop.scope, [new])
    assert isinstance(made, dict)

    (letter,) = (await shop.mail.letters.list()).data

    assert (letter.id, letter.mailing_class, letter.size) == (made["id"], "standard_class", "us_letter")
    assert (letter.to.first_name, letter.to.address_status, letter.from_.address_line1) == ("Ann Lee", "verified", "")
    assert (await shop.mail.contacts.retrieve(letter.to.id)).first_name == "Ann Lee"
    assert (await refused(shop.mail.letters.retrieve_url(letter.id)))[0] == 404
    await sends.record_events(shop.context, shop.scope, letter.id, [NewEvent("failed", reason="Torn")])
    assert (await shop.mail.letters.retrieve(letter.id)).cancellation.to_dict() == {
        "reason": "invalid_content", "note": "Torn",
    }  # fmt: skip


async def test_live_orders_are_not_moved_along_and_not_seen_in_test_mode(shop: Shop) -> None:
    live = client_of(shop.http, await api_keys.add_key(shop.context, "Acme", True)).print_mail
    letter = await live.letters.create(to=cast(Any, ANN), from_=cast(Any, ACME), html=HTML)

    assert (await refused(live.letters.progress(letter.id)))[:2] == (400, "invalid_progression_error")
    assert (await refused(shop.mail.letters.retrieve(letter.id)))[0] == 404
    assert (await refused(shop.mail.letters.create(to=letter.to.id, from_=ACME, html=HTML)))[:3] == (
        404, "not_found_error", "to",
    )  # fmt: skip
    assert (await shop.mail.letters.list()).total_count == 0


def api_name(name: str) -> str:
    """What the client calls an argument on the wire."""
    first, *others = name.split("_")
    return first + "".join("HTML" if each == "html" else each.capitalize() for each in others)


def _snake(contact: Mapping[str, str]) -> dict[str, str]:
    names = {
        "firstName": "first_name", "lastName": "last_name", "jobTitle": "job_title", "addressLine1": "address_line1",
        "provinceOrState": "province_or_state", "postalOrZip": "postal_or_zip", "countryCode": "country_code",
    }  # fmt: skip
    return {names.get(name, name): value for name, value in contact.items()}
