"""Mailing lists and their imports, by PostGrid's own client in its strict mode."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import postgrid
import pytest
from litestar import Litestar
from postgrid import AsyncPostGrid

from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, list_reading
from sendtrail.services.context import Context
from sendtrail.store import mailing_lists
from tests.api.postgrid.conftest import Sdks
from tests.clients.receiving import Received, receiving

HEAD = "Given,Firm,Street,Town,Zip,Land,Colour,Office\n"
GOOD = "Ann,Acme,1 Main St,Salem,97301,US,red,9 Elm St\n"
ROWS = (
    GOOD,
    "Bob,,2 Main St,Salem,97301,us,blue,9 Elm St\n",
    "Ann,Acme,1 Main St,Salem,97301,US,green,9 Elm St\n",
    ",,3 Main St,Salem,97301,US,blue,9 Elm St\n",
    "Cid,,4 Main St,Salem,97301,USA,blue,9 Elm St\n",
    "Dan,,5 Main St\n",
)
RECEIVERS = {
    "firstName": "Given",
    "companyName": "Firm",
    "addressLine1": "Street",
    "city": "Town",
    "postalOrZip": "Zip",
    "countryCode": "Land",
}


@pytest.fixture
async def nearby(app: Litestar, context: Context) -> Context:
    """The context of an application that may fetch from this machine."""
    near = dataclasses.replace(context, config=dataclasses.replace(context.config, allow_private_hooks=True))
    app.state.context = near
    return near


@pytest.fixture
async def client(nearby: Context, sdks: Sdks) -> AsyncPostGrid:
    return await sdks()


@pytest.fixture
async def scope(client: AsyncPostGrid, nearby: Context) -> Scope:
    return await accounts.scope_of_organization(nearby, "Acme", live=False)


@pytest.fixture
async def files() -> AsyncIterator[str]:
    """The address of a server with some files: /list, /moved, /wrong, /nobody, /gone."""
    served = {
        "/list": (HEAD + "".join(ROWS)).encode(),
        "/nobody": (HEAD + ROWS[3]).encode(),
        "/wrong": b"Name\nAnn\n",
    }

    async def answer(request: Received) -> bytes:
        if request.path == "/moved":
            return b"HTTP/1.1 302 Found\r\nLocation: /list\r\nContent-Length: 0\r\n\r\n"
        body = served.get(request.path)
        if body is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    async with receiving(answer) as url:
        yield url


async def contact(client: AsyncPostGrid, name: str) -> str:
    made = await client.print_mail.contacts.create(first_name=name, address_line1=f"{name} Road 1", country_code="US")
    return made.id


async def test_a_list_is_made_changed_searched_and_deleted(client: AsyncPostGrid) -> None:
    lists = client.print_mail.mailing_lists
    made = await lists.create(description="Spring", metadata={"for": "us"}, idempotency_key="a")
    again = await lists.create(description="Spring", metadata={"for": "us"}, idempotency_key="a")

    assert (made.status, made.live, made.metadata) == ("completed", False, {"for": "us"})
    assert again.id == made.id
    with pytest.raises(postgrid.ConflictError, match="used before with another request"):
        await lists.create(description="Autumn", idempotency_key="a")
    changed = await lists.update(made.id, description="Summer")
    assert (changed.description, changed.metadata) == ("Summer", {"for": "us"})
    await lists.create(description="Winter")
    found = await lists.list(search="summer")
    assert ([each.id for each in found.data], found.total_count) == ([made.id], 1)
    assert (await lists.delete(made.id)).deleted
    with pytest.raises(postgrid.NotFoundError):
        await lists.retrieve(made.id)


async def test_jobs_put_contacts_into_a_list_and_take_them_out(
    client: AsyncPostGrid, nearby: Context, scope: Scope
) -> None:
    lists = client.print_mail.mailing_lists
    ann, bob, cid = [await contact(client, name) for name in ("Ann", "Bob", "Cid")]
    made = await lists.create()

    async def names() -> list[str]:
        number = nearby.ids.decode(made.id)[1]
        async with nearby.database.snapshot() as connection:
            rows = await mailing_lists.members(connection, scope, number, 0, 10)
        return [nearby.ids.encode("contact", row.contact_id) for row in rows if not row.deleted]

    assert (await lists.jobs(made.id, add_contacts=[bob, ann, bob])).status == "completed"
    await lists.jobs(made.id, add_contacts=[ann, cid])
    assert await names() == [ann, bob, cid]
    await lists.jobs(made.id, remove_contacts=[ann])
    await client.print_mail.contacts.delete(cid)
    assert await names() == [bob]
    with pytest.raises(postgrid.NotFoundError, match="addContacts") as refusal:
        await lists.jobs(made.id, add_contacts=[ann, cid])
    assert refusal.value.response.json()["error"]["param"] == "addContacts"
    assert await names() == [bob]
    with pytest.raises(postgrid.BadRequestError, match="only one of them"):
        await lists.jobs(made.id, add_contacts=[ann], remove_contacts=[bob])
    with pytest.raises(postgrid.BadRequestError, match="give one of them"):
        await lists.jobs(made.id)


async def test_a_file_becomes_contacts_that_a_list_can_take(
    client: AsyncPostGrid, nearby: Context, scope: Scope, files: str
) -> None:
    imports, lists = client.print_mail.mailing_list_imports, client.print_mail.mailing_lists
    made = await imports.create(
        file=f"{files}/moved",
        file_type="csv",
        receiver_address_mapping=RECEIVERS,
        receiver_merge_variable_mapping={"colour": "Colour"},
        sender_address_mapping={"companyName": "Firm", "firstName": "Given", "addressLine1": "Office"},
        idempotency_key="a",
    )
    list_ = await lists.create()
    assert made.status == "validating"
    with pytest.raises(postgrid.ConflictError, match="is validating"):
        await lists.jobs(list_.id, add_mailing_list_imports=[made.id])

    assert await list_reading.read_waiting(nearby) == 1
    read = await imports.retrieve(made.id)

    assert (read.status, read.valid_row_count, read.invalid_row_count) == ("completed", 3, 3)
    assert (read.receiver_status_count.verified_count, read.receiver_status_count.failed_count) == (3, 0)
    assert read.sender_status_count is not None
    assert read.sender_status_count.verified_count == 3
    assert read.file.receiver_address_mapping == RECEIVERS
    (note,) = read.notes
    assert note.type == "skipped_invalid_contacts"
    assert note.message == (
        "3 rows could not be taken: line 5: a contact needs Given or Firm;"
        " line 6: Land must be two letters such as US; line 7: the row has 3 columns, the header 8"
    )

    await lists.jobs(list_.id, add_mailing_list_imports=[made.id])
    number = nearby.ids.decode(list_.id)[1]
    async with nearby.database.snapshot() as connection:
        members = await mailing_lists.members(connection, scope, number, 0, 10)
        assert await mailing_lists.size(connection, scope, number, "amount") == (2, 0, 2)
    assert [each.variables for each in members] == [{"colour": "green"}, {"colour": "blue"}]
    await lists.jobs(list_.id, remove_mailing_list_imports=[made.id])
    async with nearby.database.snapshot() as connection:
        assert await mailing_lists.size(connection, scope, number, "amount") == (0, 0, 0)

    changed = await imports.update(made.id, description="Spring", metadata={"a": "b"})
    assert (changed.description, changed.metadata) == ("Spring", {"a": "b"})
    assert [each.id async for each in imports.list()] == [made.id]
    assert (await imports.delete(made.id)).deleted
    with pytest.raises(postgrid.NotFoundError):
        await lists.jobs(list_.id, add_mailing_list_imports=[made.id])


async def test_a_file_whose_reading_is_broken_off_is_read_from_its_beginning(
    client: AsyncPostGrid, nearby: Context, files: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_reading, "ROWS", 2)
    imports = client.print_mail.mailing_list_imports
    made = await imports.create(file=f"{files}/list", file_type="csv", receiver_address_mapping=RECEIVERS)

    for turns in range(0, 30_000, 1_500):
        reading = asyncio.create_task(list_reading.read_waiting(nearby))
        for _ in range(turns):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        async with nearby.database.transaction() as connection:
            await connection.execute("update mailing_list_import set claimed_until = '-infinity'")
    await list_reading.read_waiting(nearby)

    read = await imports.retrieve(made.id)
    assert (read.status, read.valid_row_count, read.invalid_row_count) == ("completed", 3, 3)
    assert read.receiver_status_count.verified_count == 3
    async with nearby.database.snapshot() as connection:
        cursor = await connection.execute("select count(*) from mailing_list_import_row")
        assert await cursor.fetchall() == [(6,)]


async def test_an_import_is_held_anew_while_its_file_comes_and_soon_free_once_its_worker_died(
    client: AsyncPostGrid, nearby: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_reading, "_RENEWED", 0.01)
    imports, complete = client.print_mail.mailing_list_imports, asyncio.Event()

    async def answer(_: Received) -> bytes:
        await complete.wait()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(HEAD + GOOD), (HEAD + GOOD).encode())

    async def held() -> tuple[str, bool]:
        async with nearby.database.snapshot() as connection:
            cursor = await connection.execute(
                "select claimed_until::text, claimed_until <= clock_timestamp() + interval '30 s'"
                " from mailing_list_import"
            )
            (row,) = await cursor.fetchall()
            return row

    async with receiving(answer) as url:
        made = await imports.create(file=url, file_type="csv", receiver_address_mapping=RECEIVERS)
        reading = asyncio.create_task(list_reading.read_waiting(nearby))
        seen = set[tuple[str, bool]]()
        async with asyncio.timeout(5):
            while len(seen) < 4:
                seen.add(await held())
        assert all(soon for _, soon in seen)
        complete.set()
        assert await reading == 1
    assert (await imports.retrieve(made.id)).status == "completed"


@pytest.mark.parametrize(
    ("path", "type_", "message"),
    [
        ("/gone", "internal_service_error", "the file could not be fetched: it answered 404"),
        ("/wrong", "no_valid_contacts_error", "the file has no column 'Firm', 'Given', 'Land', 'Street'"),
        ("/nobody", "no_valid_contacts_error", "no row of the file can be taken: line 2: a contact needs"),
    ],
)
async def test_an_import_of_which_nothing_comes_says_why(
    client: AsyncPostGrid, nearby: Context, files: str, path: str, type_: str, message: str
) -> None:
    imports = client.print_mail.mailing_list_imports
    made = await imports.create(file=files + path, file_type="csv", receiver_address_mapping=RECEIVERS)

    await list_reading.read_waiting(nearby)

    read = await imports.retrieve(made.id)
    (error,) = read.errors
    assert (read.status, error.type) == ("changes_required", type_)
    assert error.message.startswith(message)


async def test_an_import_is_refused_by_what_is_wrong_with_it(client: AsyncPostGrid) -> None:
    imports = client.print_mail.mailing_list_imports
    https = "https://8.8.8.8/list.csv"
    refused: list[tuple[str, dict[str, str], str]] = [
        (https, {"firstName": "Given"}, "receiverAddressMapping.addressLine1"),
        (https, {"addressLine1": "Street"}, "receiverAddressMapping.firstName"),
        (https, {**RECEIVERS, "street": "Street"}, "receiverAddressMapping.street"),
        ("ftp://8.8.8.8/list.csv", RECEIVERS, "file"),
    ]
    for file, mapping, param in refused:
        with pytest.raises(postgrid.BadRequestError) as refusal:
            await imports.create(file=file, file_type="csv", receiver_address_mapping=mapping)
        error = refusal.value.response.json()["error"]
        assert (error["type"], error["param"]) == ("validation_error", param)
        assert error["message"].startswith(param)
