"""PostGrid's own client, unmodified and strict about what it is answered, against a real server."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import postgrid
import pytest
from postgrid import AsyncPostGrid, PostGrid

from sendtrail.webhooks import BadSignature, Event, verify
from tests.conformance.installation import Installation, Receiver, Told, installed, receiver

SECRET = "correct horse battery staple"
ANN: Any = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address_line1": "20 Main Street",
    "city": "New York",
    "province_or_state": "NY",
    "postal_or_zip": "10001",
    "country_code": "US",
}
ACME: Any = {**ANN, "company_name": "Acme Incorporated"}


def named(name: str) -> Any:
    """Somebody else at Ann's address."""
    return {**ANN, "first_name": name}


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="module")
def installation(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    name, data = f"{template}_postgrid_sdk", tmp_path_factory.mktemp("postgrid")
    with installed(server, template, name, data) as running:
        yield running


@pytest.fixture(scope="module")
def hooks() -> Iterator[Receiver]:
    with receiver() as receiving:
        yield receiving


def client(installation: Installation, organization: str = "Acme", *, live: bool = False, **more: Any) -> PostGrid:
    key = installation.key(organization, live)
    return PostGrid(base_url=installation.address, print_mail_api_key=key, _strict_response_validation=True, **more)


def async_client(installation: Installation, organization: str = "Acme") -> AsyncPostGrid:
    key = installation.key(organization, False)
    return AsyncPostGrid(base_url=installation.address, print_mail_api_key=key, _strict_response_validation=True)


@pytest.mark.parametrize("payload_format", ["json", "jwt"])
def test_an_order_is_made_moved_along_told_of_in_order_and_then_not_cancelled(
    installation: Installation, hooks: Receiver, payload_format: Any
) -> None:
    asked: list[str] = []
    seen = httpx.Client(event_hooks={"request": [lambda request: asked.append(request.method)]})
    with client(installation, f"Hooked {payload_format}", http_client=seen) as api:
        orders = api.print_mail
        hook = orders.webhooks.create(
            url=hooks.url(payload_format),
            enabled_events=["letter.created", "letter.updated"],
            payload_format=payload_format,
            secret=SECRET,
        )
        letter = orders.letters.create(to=ANN, from_=ACME, html="<p>Hello</p>", metadata={"order": "4711"})
        assert (letter.status, letter.live, letter.to.first_name) == ("ready", False, "Ann")
        steps = [orders.letters.progress(letter.id).status for _ in range(3)]
        assert steps == ["printing", "processed_for_delivery", "completed"]
        assert orders.letters.retrieve(letter.id).status == "completed"

        told = hooks.wait_for(payload_format, lambda each: _read(each).data["status"] == "completed")
        events = [_read(each) for each in told]
        of_status = [
            each for each in events if each.type == "letter.created" or "status" in (each.updated_fields or [])
        ]
        assert [each.data["status"] for each in of_status] == ["ready", *steps]
        assert {each.data["id"] for each in events} == {letter.id}
        assert {each.format for each in events} == {f"postgrid_{payload_format}"}
        assert _moments(events) == sorted(_moments(events))
        with pytest.raises(BadSignature):
            verify(told[0].body, told[0].headers, "another secret of twenty letters")
        ids = {each.id for each in events}
        listed: Any = orders.events.list(limit=100)
        assert ids <= {each.id for each in listed}
        invocations: Any = orders.webhooks.list_invocations(hook.id)
        assert {each.event for each in invocations} <= ids

        asked.clear()
        with pytest.raises(postgrid.ConflictError) as refused:
            orders.letters.delete(letter.id)
        assert (asked, refused.value.response.headers["x-should-retry"]) == (["DELETE"], "false")
        with pytest.raises(postgrid.APIStatusError) as over:
            orders.letters.progress(letter.id)
        assert _refusal(over.value)["type"] == "invalid_progression_error"


def _read(told: Told) -> Event:
    return verify(told.body, told.headers, SECRET)


def _moments(events: list[Event]) -> list[datetime]:
    return [each.occurred_at for each in events]


def test_an_order_that_is_ready_is_cancelled_once_and_for_all(installation: Installation) -> None:
    with client(installation, "Cancelling") as api:
        orders = api.print_mail
        letter = orders.letters.create(to=ANN, from_=ACME, html="<p>Hello</p>")
        postcard = orders.postcards.create(to=ANN, size="6x4", front_html="<b>Front</b>", back_html="Back")
        by_delete = orders.letters.delete(letter.id)
        by_note = orders.postcards.cancel(postcard.id, note="The customer moved")
        mailer = orders.self_mailers.create(
            to=ANN, from_=ACME, size="8.5x11_bifold", inside_html="Inside", outside_html="Outside"
        )
        assert orders.self_mailers.delete(mailer.id).status == "cancelled"
        assert (by_delete.status, by_note.status) == ("cancelled", "cancelled")
        assert by_note.cancellation
        assert (by_note.cancellation.reason, by_note.cancellation.note) == ("user_initiated", "The customer moved")
        shown = orders.postcards.retrieve(by_note.id)
        assert {**shown.to_dict(), "url": ""} == {**by_note.to_dict(), "url": ""}  # a link is good for a time
        with pytest.raises(postgrid.ConflictError):
            orders.letters.delete(by_delete.id)


def test_lists_are_paged_through_to_their_end_by_both_clients(installation: Installation) -> None:
    with client(installation, "Paged") as api:
        made = [
            api.print_mail.postcards.create(to=named(f"Ann{n}"), size="6x4", front_html="Front", back_html="Back").id
            for n in range(23)
        ]
        newest_first = made[::-1]
        assert [each.id for each in api.print_mail.postcards.list(limit=5)] == newest_first
        first = api.print_mail.postcards.list(limit=0)
        assert (first.data, first.total_count) == ([], 23)
        assert api.print_mail.letters.list().total_count == 0
        found = api.print_mail.postcards.list(search='"ann7"')
        assert [each.id for each in found] == [made[7]]
        assert len(list(api.print_mail.contacts.list(limit=7))) == 23

    async def all_of() -> list[str]:
        async with async_client(installation, "Paged") as api:
            return [each.id async for each in api.print_mail.postcards.list(limit=7, skip=2)]

    assert asyncio.run(all_of()) == newest_first[2:]


def test_one_key_makes_one_order_however_often_and_at_once_it_comes(installation: Installation) -> None:
    async def run() -> None:
        async with async_client(installation, "Repeated") as api:
            letters = api.print_mail.letters

            async def create(name: str) -> Any:
                return await letters.create(to=named(name), from_=ACME, html="<p>Hi</p>", idempotency_key="order-1")

            made = await asyncio.gather(*(create("Ann") for _ in range(20)))
            assert len({each.id for each in made}) == 1
            assert (await letters.list()).total_count == 1
            with pytest.raises(postgrid.ConflictError) as refused:
                await create("Bob")
            assert refused.value.response.headers["x-should-retry"] == "false"
            pdf = [
                await letters.create(to=ANN, from_=ACME, pdf=("a.pdf", PDF), idempotency_key="order-2")
                for _ in range(2)
            ]
            assert pdf[0].id == pdf[1].id != made[0].id

    asyncio.run(run())


def test_modes_and_organizations_never_see_each_other(installation: Installation) -> None:
    with client(installation) as test, client(installation, live=True) as live, client(installation, "Beta") as beta:
        letter = test.print_mail.letters.create(to=ANN, from_=ACME, html="<p>Hello</p>")
        contact = test.print_mail.contacts.retrieve(letter.to.id)
        for other in (live, beta):
            _sees_nothing(other, letter.id, contact.id)
        order = live.print_mail.letters.create(to=ANN, from_=ACME, html="<p>Hello</p>")
        with pytest.raises(postgrid.APIStatusError) as refused:
            live.print_mail.letters.progress(order.id)
        assert _refusal(refused.value)["type"] == "invalid_progression_error"
        assert test.print_mail.letters.list().total_count == 1


def _sees_nothing(other: PostGrid, letter: str, contact: str) -> None:
    letters, contacts = other.print_mail.letters, other.print_mail.contacts
    assert (letters.list().total_count, contacts.list().total_count) == (0, 0)
    for ask in (
        lambda: letters.retrieve(letter),
        lambda: letters.delete(letter),
        lambda: letters.retrieve_url(letter),
        lambda: contacts.retrieve(contact),
        lambda: letters.create(to=contact, from_=ACME, html="<p>Hello</p>"),
    ):
        with pytest.raises(postgrid.NotFoundError):
            ask()


def test_what_is_uploaded_is_shown_as_it_was_given_by_a_link_of_its_own(installation: Installation) -> None:
    with client(installation, "Uploading") as api:
        letters = api.print_mail.letters
        letter = letters.create(
            to=ANN,
            from_=ACME,
            pdf=("letter.pdf", PDF, "application/pdf"),
            color=True,
            double_sided=True,
            merge_variables={"order": {"number": "4711"}},
        )
        assert (letter.color, letter.double_sided, letter.uploaded_pdf is not None) == (True, True, True)
        assert letter.merge_variables == {"order": {"number": "4711"}}
        url = str(letters.retrieve_url(letter.id).url)
        shown = httpx.get(url)
        assert (shown.status_code, shown.content) == (200, PDF)
        assert shown.headers["content-type"].startswith("application/pdf")
        assert httpx.get(url[:-2] + ("aa" if url[-2:] != "aa" else "bb")).status_code in {404, 410}
        html = letters.create(to=ANN, from_=ACME, html="<script>alert(1)</script>")
        preview = httpx.get(str(letters.retrieve_url(html.id).url))
        assert "sandbox" in preview.headers["content-security-policy"]


REFUSED: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("no recipient", {"to": None}, 400, "validation_error", "to"),
    ("no content", {"html": None}, 400, "validation_error", "html"),
    ("no address", {"to": {"firstName": "Ann", "countryCode": "US"}}, 400, "validation_error", "to.addressLine1"),
    ("no name", {"to": {"addressLine1": "1 Main", "countryCode": "US"}}, 400, "validation_error", "to.firstName"),
    ("no country", {"to": {"firstName": "A", "addressLine1": "1"}}, 400, "validation_error", "to.countryCode"),
    ("an unknown field", {"colour": True}, 400, "validation_error", "colour"),
    ("a truth that is none", {"color": "blue"}, 400, "validation_error", "color"),
    ("an unknown size", {"size": "a5"}, 400, "validation_error", "size"),
    ("an unknown class", {"mailingClass": "pigeon"}, 400, "validation_error", "mailingClass"),
    ("a day gone by", {"sendDate": "2020-01-01"}, 400, "validation_error", "sendDate"),
    ("a day that is none", {"sendDate": "soon"}, 400, "validation_error", "sendDate"),
    ("no such contact", {"to": "contact_nobody"}, 404, "not_found_error", "to"),
    ("no such template", {"html": None, "template": "template_none"}, 404, "not_found_error", "template"),
    ("certified to Canada", {"extraService": "certified", "to": {"countryCode": "CA"}}, 400, "", "extraService"),
    ("a plastic card", {"plasticCard": {"size": "standard"}}, 422, "not_supported", "plasticCard"),
]


def test_what_cannot_be_is_refused_by_its_field(installation: Installation) -> None:
    sent: dict[str, Any] = {
        "to": {"firstName": "Ann", "addressLine1": "20 Main", "city": "New York", "provinceOrState": "NY",
               "postalOrZip": "10001", "countryCode": "US"},
        "from": {"companyName": "Acme", "addressLine1": "20 Main", "countryCode": "US"},
        "html": "<p>Hello</p>",
    }  # fmt: skip
    with client(installation, "Refused", max_retries=0) as api:
        told = {}
        for what, changes, status, type_, param in REFUSED:
            body = {name: value for name, value in (sent | changes).items() if value is not None}
            if what == "certified to Canada":
                body["to"] = sent["to"] | changes["to"]
            with pytest.raises(postgrid.APIStatusError) as refused:
                api.post("/print-mail/v1/letters", body=body, cast_to=object)
            error = _refusal(refused.value)
            told[what] = (refused.value.status_code, error["type"] if type_ else "", error["param"])
            assert refused.value.response.headers["x-should-retry"] == "false"
            assert status == 404 or param.rpartition(".")[2] in error["message"]
        assert told == {what: tuple(rest) for what, _, *rest in REFUSED}
        with pytest.raises(postgrid.APIStatusError) as broken:
            api.print_mail.letters.create(to=ANN, from_=ACME, pdf=("a.pdf", b"not a PDF"))
        assert _refusal(broken.value)["type"] == "invalid_pdf_error"
        for ask in (api.print_mail.boxes.list, api.print_mail.snap_packs.list, api.print_mail.reports.list):
            with pytest.raises(postgrid.InternalServerError) as lacking:
                ask()
            assert (lacking.value.status_code, _refusal(lacking.value)["type"]) == (501, "not_supported")
        assert api.print_mail.letters.list().total_count == 0
    with PostGrid(base_url=installation.address, print_mail_api_key="st_test_none") as stranger:
        letters = stranger.print_mail.letters
        with pytest.raises(postgrid.AuthenticationError):
            letters.list()


def test_days_and_classes_are_answered_as_they_were_asked_for(installation: Installation) -> None:
    with client(installation, "Classes") as api:
        letters = api.print_mail.letters
        usual = letters.create(to=ANN, from_=ACME, html="<p>Hello</p>")
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        assert abs((usual.send_date.date() - tomorrow).days) <= 1
        assert usual.mailing_class == "first_class"
        later = datetime.now(UTC) + timedelta(days=40)
        certified = letters.create(
            to=ANN, from_=ACME, html="<p>Hello</p>", mailing_class="usps_first_class_certified", send_date=later
        )
        assert (certified.mailing_class, certified.send_date.date()) == ("usps_first_class_certified", later.date())
        old = letters.create(
            to=ANN, from_=ACME, html="<p>Hello</p>", extra_body={"extraService": "certified_return_receipt"}
        )
        assert old.model_extra
        assert old.model_extra["extraService"] == "certified_return_receipt"
        for _ in range(2):
            moved = letters.progress(old.id)
        assert moved.tracking_number


def _refusal(error: postgrid.APIStatusError) -> dict[str, Any]:
    body: Any = error.body
    found: dict[str, Any] = body.get("error", body)
    return found
