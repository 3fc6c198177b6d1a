"""What clients send: forms, nulls, contacts posted back, keys for repeats, and what is told of mistakes."""

import dataclasses
import gzip
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from sendtrail.services import accounts, api_keys, destinations, list_reading
from sendtrail.services.context import Context
from sendtrail.store import system
from tests.clients.receiving import Received, receiving

ANN = {
    "firstName": "Ann",
    "addressLine1": "1 Main St",
    "city": "Salem",
    "provinceOrState": "OR",
    "postalOrZip": "97301",
}
TO = {**ANN, "countryCode": "US"}
ACME = {"companyName": "Acme", "addressLine1": "2 High St", "city": "Columbus", "countryCode": "US"}
LETTER: dict[str, Any] = {"to": TO, "from": ACME, "html": "<p>Hello</p>"}
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture
async def nearby(app: Litestar, context: Context) -> Context:
    """The context of an application that may fetch from this machine."""
    near = dataclasses.replace(context, config=dataclasses.replace(context.config, allow_private_hooks=True))
    app.state.context = near
    return near


@pytest.fixture
async def http(app: Litestar, nearby: Context) -> AsyncIterator[httpx.AsyncClient]:
    """A client with Acme's test key."""
    async with nearby.database.transaction() as connection:
        await system.add_organization(connection, "Acme")
    key = await api_keys.add_key(nearby, "Acme", False)
    transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sendtrail.test/print-mail/v1", headers={"X-API-Key": key}
    ) as client:
        yield client


def error(response: httpx.Response) -> tuple[int, str | None, str]:
    """Status, field and message of a refusal."""
    told = response.json()["error"]
    return response.status_code, told["param"], told["message"]


def form(value: Mapping[str, Any]) -> dict[str, Any]:
    """An object as fields of a form."""
    fields: dict[str, Any] = {}
    for key, each in value.items():
        fields |= {f"{key}[{inner}]": of for inner, of in each.items()} if isinstance(each, dict) else {key: each}
    return fields


def part(name: str) -> str:
    """One of a form's parts."""
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n1\r\n'


async def test_forms_of_both_sorts_make_orders_and_are_remembered(http: httpx.AsyncClient) -> None:
    fields = {**form(LETTER), "color": "true", "mergeVariables[items][][name]": ["A", "B"]}
    fields["mergeVariables[items][][price]"] = ["1", "2"]
    key = {"idempotency-key": "once"}
    made = [await http.post("/letters", data=fields, headers=key) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    letter = made[0].json()
    assert made[1].json()["id"] == letter["id"]
    assert (letter["to"]["firstName"], letter["color"]) == ("Ann", True)
    assert letter["mergeVariables"] == {"items": [{"name": "A", "price": "1"}, {"name": "B", "price": "2"}]}
    other = await http.post("/letters", data={**fields, "color": "false"}, headers=key)
    assert error(other)[:2] == (409, "Idempotency-Key")
    odd = {**fields, "mergeVariables[items][][price]": ["1"]}
    for answer in (await http.post("/letters", data=odd), await http.post("/letters", data=odd, files={"pdf": PDF})):
        status, param, message = error(answer)
        assert (status, param) == (400, "mergeVariables[items][][name]")
        assert "items[0][name]" in message


@pytest.mark.parametrize(
    ("body", "param", "told"),
    [
        (part("a")[:40], None, "the form cannot be read: unexpected end"),
        ("nothing of the sort", None, "the form cannot be read: "),
        (part("a" + "[b]" * 2000), None, "maximum segment header length"),
        (part("a" + "[b]" * 99), "a[b]", "deeper than 32"),
        (part("to[a"), "to[a", "no name of a form's field"),
        (part('a"\r\nContent-Type: text/plain; charset="klingon'), None, "must be UTF-8"),
        (part("a").replace("; name=", "; other="), None, "name"),
        (part("\xff"), None, "segment header failed to decode"),
        (part("a") * 1001, None, "maximum segment count"),
        (part('pdf"; filename="a.pdf') * 2, "pdf", "given twice, as two files"),
        (part('pdf"; filename="a.pdf') + part('pdf[file]"; filename="a.pdf'), "pdf", "given twice, as two files"),
        (part('html"; filename="a.html'), "html", "is not a file here"),
    ],
)
async def test_a_broken_form_is_refused_by_what_is_broken(
    http: httpx.AsyncClient, body: str, param: str | None, told: str
) -> None:
    status, named, message = error(
        await http.post("/letters", content=f"{body}--x--\r\n".encode("latin-1"), headers=MULTIPART)
    )
    assert status == 400
    assert (named or "").startswith(param or "")
    assert told in message
    assert "(" not in message or "parser closed" in message


async def test_a_file_is_taken_where_there_can_be_one_and_once(http: httpx.AsyncClient) -> None:
    for path, fields, name, told in (
        ("/letters", form({"to": TO, "from": ACME, "pdf": "https://example.com/a.pdf"}), "pdf", "as a file and as the"),
        ("/contacts", TO, "metadata", "'metadata' is not a file here"),
    ):
        status, param, message = error(await http.post(path, data=fields, files={name: PDF}))
        assert (status, param) == (400, name)
        assert told in message


async def test_null_is_no_more_than_absence_where_it_cannot_empty_anything(http: httpx.AsyncClient) -> None:
    nulls = ("mailingClass", "extraService", "size", "color", "doubleSided", "envelope", "paper", "sendDate", "pdf")
    made = await http.post("/letters", json={**LETTER, **dict.fromkeys(nulls), "to": {**TO, "lastName": None}})
    assert made.status_code == 201, made.text
    assert (made.json()["size"], made.json()["color"]) == ("us_letter", False)
    assert error(await http.post("/letters", json={**LETTER, "to": None}))[:2] == (400, "to")
    assert error(await http.post("/postcards", json={"to": TO, "size": None}))[:2] == (400, "size")

    template = (await http.post("/templates", json={"html": "<b>Hi</b>", "description": "One"})).json()
    changed = await http.post(f"/templates/{template['id']}", json={"html": None, "description": None})
    assert (changed.json()["html"], changed.json().get("description")) == ("<b>Hi</b>", None)
    hook = await http.post(
        "/webhooks",
        json={"url": "https://8.8.8.8/", "enabledEvents": ["letter.created"], "payloadFormat": None, "secret": None},
    )
    assert (hook.status_code, hook.json()["payloadFormat"]) == (201, "jwt")


async def test_fields_of_an_order_are_told_as_the_client_names_them(http: httpx.AsyncClient) -> None:
    for wrong, param in (
        ({"sendDate": "9999-12-31"}, "sendDate"),
        ({"sendDate": "9999-12-31T23:00:00-05:00"}, "sendDate"),
        ({"to": {**TO, "postalOrZip": "9" * 501}}, "to.postalOrZip"),
        ({"from": {**ACME, "addressLine2": "9" * 501}}, "from.addressLine2"),
        ({"to": {**TO, "firstName": "A" * 300, "lastName": "B" * 300}}, "to.firstName"),
        ({"html": ""}, "html"),
        ({"html": " \n"}, "html"),
        ({"html": "x" * ((8 << 20) + 1)}, "html"),
        ({"html": "{{ TRACKER_nope.qrcode }}"}, "html"),
    ):
        status, named, message = error(await http.post("/letters", json={**LETTER, **wrong}))
        assert (status in (400, 404), named) == (True, param), message
        assert param in message or status == 404
    large = await http.post("/letters", json={**LETTER, "html": "<p>{{tracker_url}}</p>" + "x" * 2_000_000})
    assert error(large)[:2] == (404, "html")
    own = {"mergeVariables": {"tracker_URL": "https://example.com"}, "html": "{{tracker_url}}" + "x" * 2_000_000}
    assert (await http.post("/letters", json={**LETTER, **own})).status_code == 201


async def test_a_contact_that_is_posted_back_is_that_contact(http: httpx.AsyncClient) -> None:
    ann = (await http.post("/contacts", json={**TO, "description": "First"})).json()
    hid = (await http.post("/contacts", json={**TO, "firstName": "Hid", "secret": True})).json()
    acme = (await http.post("/contacts", json=ACME)).json()
    for to in (ann, hid):
        made = await http.post("/letters", json={**LETTER, "to": to, "from": {**acme, "addressErrors": "none"}})
        assert (made.json()["to"]["id"], made.json()["from"]["id"]) == (to["id"], acme["id"])
        assert (await http.post("/letters", json={**LETTER, "to": made.json()["to"]})).json()["to"]["id"] == to["id"]
    in_form = await http.post("/letters", data=form({**LETTER, "to": {"id": ann["id"]}}))
    assert in_form.json()["to"]["id"] == ann["id"]
    envelope = (await http.post("/return_envelopes", json={"to": ann})).json()
    assert envelope["to"]["id"] == ann["id"]

    for to, answer in (
        ({**ann, "addressLine1": "9 Elm St"}, (400, "to.addressLine1")),
        ({**ann, "surprise": 1}, (400, "to.surprise")),
        ({"id": "contact_0000000000000"}, (404, "to")),
        ({**TO, "live": False}, (400, "to.live")),
        ({**TO, "id": 7}, (400, "to.id")),
    ):
        assert error(await http.post("/letters", json={**LETTER, "to": to}))[:2] == answer
        assert error(await http.post("/return_envelopes", json={"to": to}))[:2] == answer


async def test_a_template_may_be_empty_until_something_is_made_from_it(http: httpx.AsyncClient) -> None:
    empty = (await http.post("/templates", json={"description": "Later"})).json()
    order = {"to": TO, "from": ACME, "template": empty["id"]}
    assert error(await http.post("/letters", json=order)) == (
        400, "template", f"template {empty['id']} is empty: give it its HTML first",
    )  # fmt: skip
    await http.post(f"/templates/{empty['id']}", json={"html": "<p>Now</p>"})
    assert (await http.post("/letters", json=order)).json()["template"] == empty["id"]
    large = {"html": "é" * 500_001}
    assert error(await http.post("/templates", json=large))[:2] == (400, "html")


async def test_a_key_makes_one_of_everything(http: httpx.AsyncClient, nearby: Context) -> None:
    secret = "a secret of one's own, long"
    live = await accounts.scope_of_organization(nearby, "Acme", live=True)
    await nearby.database.run(lambda connection: destinations.allow(connection, nearby, live, "shop.example.com"))
    for path, body in (
        ("/contacts", TO),
        ("/templates", {"html": "Hi"}),
        ("/trackers", {"redirectURLTemplate": "https://shop.example.com/", "urlExpireAfterDays": 30}),
        ("/webhooks", {"url": "https://8.8.8.8/", "enabledEvents": ["letter.created"], "secret": secret}),
    ):
        key = {"idempotency-key": f"one of {path}"}
        first, second = [(await http.post(path, json=body, headers=key)).json() for _ in range(2)]
        assert first == second
        assert (await http.get(path)).json()["totalCount"] == 1
        other = await http.post(path, json={**body, "description": "Another"}, headers=key)
        assert error(other)[:2] == (409, "Idempotency-Key")
    async with nearby.database.snapshot() as connection:
        cursor = await connection.execute("select string_agg(idempotency::text, ' ') from idempotency")
        (kept,) = await cursor.fetchone() or ("",)
    assert secret not in kept
    assert secret.encode().hex() not in kept


async def test_what_is_wrong_with_an_address_or_its_file_is_said_of_it(
    http: httpx.AsyncClient, nearby: Context
) -> None:
    rows = b"Firm,Street,Land\nAcme,1 Main St,US\n"
    served = {
        "/gz": gzip.compress(rows),
        "/utf16": rows.decode().encode("utf-16"),
        "/bare": rows.decode().encode("utf-16-le"),
    }

    async def answer(request: Received) -> bytes:
        if request.path == "/lost":
            return b"HTTP/1.1 302 Found\r\nLocation: http://\r\nContent-Length: 0\r\n\r\n"
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(served[request.path]), served[request.path])

    account = {
        "bankName": "First", "bankPrimaryLine": "1", "bankSecondaryLine": "2", "bankCountryCode": "US",
        "routingNumber": "021000021", "accountNumber": "12345678",
    }  # fmt: skip
    async with receiving(answer) as there:
        for address in ("nonsense", "https:///x", "ftp://example.com/", "https://a:b@example.com/", f"{there}/lost"):
            for path, body, param in (
                ("/letters", {"to": TO, "from": ACME, "pdf": address}, "pdf"),
                ("/bank_accounts", {**account, "signatureImage": address}, "signatureImage"),
            ):
                status, named, message = error(await http.post(path, json=body))
                assert (status, named, message.partition(" ")[0]) == (400, param, param), message
                assert not any(each in message for each in ("hook", "notification", "url ", "Error")), message
        for name, told in (("gz", "compressed by gzip"), ("utf16", "in UTF-16"), ("bare", "no text")):
            mapping = {"companyName": "Firm", "addressLine1": "Street", "countryCode": "Land"}
            asked = {"file": f"{there}/{name}", "fileType": "csv", "receiverAddressMapping": mapping}
            made = (await http.post("/mailing_list_imports", json=asked)).json()
            await list_reading.read_waiting(nearby)
            (refusal,) = (await http.get(f"/mailing_list_imports/{made['id']}")).json()["errors"]
            assert refusal["message"].startswith("the file is")
            assert told in refusal["message"]
            assert "CSV in UTF-8" in refusal["message"]
