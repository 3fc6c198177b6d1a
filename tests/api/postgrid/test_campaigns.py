"""Campaigns that make their orders themselves, by PostGrid's own client in its strict mode."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import postgrid
import pytest
from postgrid import AsyncPostGrid

from sendtrail.domain.problems import Conflict
from sendtrail.domain.scope import Scope
from sendtrail.services import (
    accounts,
    campaign_changes,
    campaigns,
    funds,
    hooks,
    mailing_refusals,
    mailing_work,
    mailings,
    money,
)
from sendtrail.services.context import Context
from sendtrail.services.hook_plans import HookPlan
from tests.api.postgrid.conftest import Sdks

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
OFFICE: dict[str, Any] = {"company_name": "Acme", "address_line1": "9 Elm St", "country_code": "US"}


@pytest.fixture
async def client(sdks: Sdks) -> AsyncPostGrid:
    return await sdks()


@pytest.fixture
async def scope(client: AsyncPostGrid, context: Context) -> Scope:
    return await accounts.scope_of_organization(context, "Acme", live=False)


async def list_of(client: AsyncPostGrid, names: Sequence[str]) -> str:
    """A mailing list with a contact of each name."""
    at: dict[str, Any] = {"address_line1": "1 Main St", "country_code": "US"}
    made = [await client.print_mail.contacts.create(first_name=name, **at) for name in names]
    list_ = await client.print_mail.mailing_lists.create()
    await client.print_mail.mailing_lists.jobs(list_.id, add_contacts=[each.id for each in made])
    return list_.id


async def told(context: Context) -> list[tuple[str, dict[str, Any]]]:
    """What hooks are told of campaigns: the type, and the status and the fields that changed."""
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select type, body::text from notification order by id")
        rows = await cursor.fetchall()
    return [(type_, msgspec.json.decode(body)["data"]) for type_, body in rows]


async def test_a_campaign_is_drafted_sent_and_stands_as_its_orders_do(
    client: AsyncPostGrid, context: Context, scope: Scope
) -> None:
    mail = client.print_mail
    await hooks.make(context, scope, HookPlan(events=["campaign.created", "campaign.updated"], url="https://8.8.8.8/"))
    template = await mail.templates.create(html="<p>Hello {{to.firstName}}</p>")
    sender = await mail.contacts.create(**OFFICE)
    list_ = await list_of(client, ["Ann", "Bob", "Cid"])
    made = await mail.campaigns.create(
        mailing_list=list_, description="Spring offer", letter={"color": True}, idempotency_key="a"
    )
    again = await mail.campaigns.create(
        mailing_list=list_, description="Spring offer", letter={"color": True}, idempotency_key="a"
    )

    assert again.id == made.id
    assert made.status == "changes_required"
    assert [each.message for each in made.errors or []] == [
        "letter.template is missing",
        "defaultSenderContact is missing: 3 contacts came without a sender",
    ]
    with pytest.raises(postgrid.BadRequestError, match="changes are required: letter"):
        await mail.campaigns.send(made.id)

    drafted = await mail.campaigns.update(
        made.id,
        letter={"template": template.id, "double_sided": True, "merge_variables": {"a": 1}, "metadata": {"job": "7"}},
        default_sender_contact=sender.id,
    )
    assert (drafted.status, drafted.errors, drafted.created_count) == ("draft", None, 0)
    assert drafted.letter is not None
    assert (drafted.letter.template, drafted.letter.color, drafted.letter.double_sided) == (template.id, False, True)

    sent = await mail.campaigns.send(made.id)
    assert sent.status == "creating_orders"
    for refused in (mail.campaigns.send(made.id), mail.campaigns.update(made.id, description="Autumn")):
        with pytest.raises(postgrid.ConflictError, match="was sent already"):
            await refused
    with pytest.raises(postgrid.ConflictError, match="is creating_orders"):
        await mail.campaigns.delete(made.id)
    with pytest.raises(postgrid.ConflictError, match="is making its orders from this list"):
        await mail.mailing_lists.jobs(list_, add_contacts=[sender.id])
    with pytest.raises(postgrid.ConflictError, match="is making its orders from this list"):
        await mail.mailing_lists.delete(list_)
    await asyncio.gather(mailing_work.work(context), mailing_work.work(context))

    ready = await mail.campaigns.retrieve(made.id)
    letters = [each async for each in mail.letters.list()]
    assert (ready.status, ready.created_count) == ("ready", 3)
    assert sorted(each.to.first_name or "" for each in letters) == ["Ann", "Bob", "Cid"]
    assert {each.from_.id for each in letters} == {sender.id}
    assert [(each.template, each.merge_variables, each.metadata) for each in letters] == [
        (template.id, {"a": 1}, {"job": "7"})
    ] * 3
    assert ready.order_preview_url is not None
    assert "<p>Hello" in (await client._client.get(ready.order_preview_url)).text
    page = await campaigns.get(context, scope, made.id)
    assert (page.name, page.type, page.total, page.received) == ("Spring offer", "bulk", 3, 3)

    await mail.letters.progress(letters[0].id)
    assert (await mail.campaigns.retrieve(made.id)).status == "printing"
    for each in letters:
        while (await mail.letters.progress(each.id)).status != "processed_for_delivery":
            pass
    assert [each.status async for each in mail.campaigns.list(search="spring")] == ["processed_for_delivery"]
    with pytest.raises(postgrid.ConflictError, match="is processed_for_delivery"):
        await mail.campaigns.delete(made.id)
    async with context.database.transaction() as connection:
        await connection.execute("update mailing set due_at = now()")
    assert await mailing_work.work(context) == 1
    assert await mailing_work.work(context) == 0

    assert [(type_, data["status"]) for type_, data in await told(context)] == [
        ("campaign.created", "changes_required"),
        ("campaign.updated", "draft"),
        ("campaign.updated", "creating_orders"),
        ("campaign.updated", "ready"),
        ("campaign.updated", "processed_for_delivery"),
    ]


async def test_a_campaign_that_is_deleted_cancels_what_it_sent(
    client: AsyncPostGrid, context: Context, scope: Scope
) -> None:
    mail = client.print_mail
    list_ = await list_of(client, ["Ann", "Bob"])
    draft = await mail.campaigns.create(mailing_list=list_, postcard={"size": "6x4", "pdf": PDF})
    sent = await mail.campaigns.create(mailing_list=list_, postcard={"size": "6x4", "pdf": PDF})
    assert [draft.status, sent.status] == ["draft", "draft"]
    await mail.campaigns.send(sent.id, send_date=datetime.now(UTC) + timedelta(days=9))
    await mailing_work.work(context)
    assert {each.status async for each in mail.postcards.list()} == {"ready"}

    for each in (draft, sent):
        assert (await mail.campaigns.delete(each.id)).deleted
        with pytest.raises(postgrid.NotFoundError):
            await mail.campaigns.retrieve(each.id)
    await mailing_work.work(context)

    assert [each.status async for each in mail.postcards.list()] == ["cancelled", "cancelled"]
    assert (await campaigns.get(context, scope, sent.id)).state == "deleted"
    await campaign_changes.move(context, scope, sent.id, "active")
    assert (await mail.campaigns.retrieve(sent.id)).created_count == 2


async def test_who_cannot_be_sent_to_is_told_and_the_others_are_sent_to(
    client: AsyncPostGrid, context: Context
) -> None:
    mail = client.print_mail
    account = await mail.bank_accounts.create(
        bank_country_code="US", bank_name="First", account_number="123456", routing_number="021000021",
        signature_text="Ann",
    )  # fmt: skip
    sender = await mail.contacts.create(**OFFICE)
    list_ = await list_of(client, ["Ann", "Bob"])
    cheques: Any = {"bank_account": account.id, "memo": "Refund"}
    made = await mail.campaigns.create(mailing_list=list_, cheque=cheques, default_sender_contact=sender.id)
    assert [each.message for each in made.errors or []] == [
        "2 contacts came without the variable amount, a cheque's cents"
    ]
    await mail.campaigns.update(made.id, cheque=cheques | {"merge_variables": {"amount": "1250"}})
    async with context.database.transaction() as connection:
        await connection.execute(
            """update mailing_list_member set variables = '{"amount": "a lot"}'
                where contact_id = (select id from contact where first_name = 'Bob')"""
        )
    await mail.campaigns.send(made.id)
    await mailing_work.work(context)

    sent = await mail.campaigns.retrieve(made.id)
    assert (sent.status, sent.created_count) == ("ready", 1)
    error, total = sent.errors or []
    assert error.message.endswith("a cheque needs the variable amount: whole cents, such as 1250 for 12.50")
    assert total.message == "1 contact in all could not be sent to"
    assert [(each.amount, each.memo, each.to.first_name) async for each in mail.cheques.list()] == [
        (1250, "Refund", "Ann")
    ]


async def test_a_campaign_is_refused_by_what_is_wrong_with_it(
    client: AsyncPostGrid, context: Context, scope: Scope
) -> None:
    list_ = await list_of(client, ["Ann"])
    over = datetime.now(UTC) - timedelta(minutes=1)
    refused: list[tuple[dict[str, Any], int, str]] = [
        ({"mailing_list": "mailing_list_0"}, 404, "mailingList"),
        ({"default_sender_contact": "contact_0"}, 404, "defaultSenderContact"),
        ({"letter": {"template": "template_0"}}, 404, "letter.template"),
        ({"letter": {}, "postcard": {}}, 400, "postcard"),
        ({"letter": {"size": "a5"}}, 400, "letter.size"),
        ({"letter": {"envelope_type": "flat"}}, 422, "letter.envelopeType"),
        ({"snap_pack": {}}, 422, "snapPack"),
        ({"letter": {"pdf": b"%PDF-broken"}}, 400, "letter.pdf"),
        ({"send_date": over}, 400, "sendDate"),
        ({"send_date": "2600-01-01"}, 400, "sendDate"),
        ({"letter": {"merge_variables": {"a": "b" * 70_000}}}, 400, "letter.mergeVariables"),
        ({"extra_body": {"colour": 1}}, 400, "colour"),
    ]
    nowhere: Any = {"size": "6x4", "pdf": PDF, "mailing_class": "certified"}
    drafted = await client.print_mail.campaigns.create(mailing_list=list_, postcard=nowhere)
    assert [each.message for each in drafted.errors or []] == [
        "postcard.mailingClass certified goes with letters and cheques only"
    ]
    for body, status, param in refused:
        with pytest.raises(postgrid.APIStatusError) as refusal:
            await client.print_mail.campaigns.create(**{"mailing_list": list_, **body})
        error = refusal.value.response.json()["error"]
        assert (refusal.value.status_code, error["param"]) == (status, param)
    made = await client.print_mail.campaigns.create(mailing_list=list_, postcard={"size": "6x4", "pdf": PDF})
    with pytest.raises(postgrid.BadRequestError, match="sendDate"):
        await client.print_mail.campaigns.send(made.id, send_date=over)


async def test_an_archived_campaign_makes_no_more_sends_until_it_is_restored_and_none_to_deleted_contacts(
    client: AsyncPostGrid, context: Context, scope: Scope
) -> None:
    list_ = await list_of(client, ["Ann", "Bob"])
    made = await client.print_mail.campaigns.create(mailing_list=list_, postcard={"size": "6x4", "pdf": PDF})
    await client.print_mail.campaigns.send(made.id)
    await campaign_changes.move(context, scope, made.id, "archived")
    assert await mailing_work.work(context) == 0
    (bob,) = [each.id async for each in client.print_mail.contacts.list(search="Bob")]
    await client.print_mail.contacts.delete(bob)

    await campaign_changes.move(context, scope, made.id, "active")

    assert await mailing_work.work(context) > 0
    assert (await client.print_mail.campaigns.retrieve(made.id)).created_count == 1


async def test_each_send_is_made_once_however_often_workers_are_broken_off(
    client: AsyncPostGrid, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing_work, "BATCH", 2)
    names = [f"Ann {number}" for number in range(9)]
    list_ = await list_of(client, names)
    made = await client.print_mail.campaigns.create(mailing_list=list_, postcard={"size": "6x4", "pdf": PDF})
    await client.print_mail.campaigns.send(made.id)

    for turns in range(0, 30_000, 1_200):
        workers = [asyncio.create_task(mailing_work.work(context)) for _ in range(2)]
        for _ in range(turns):
            await asyncio.sleep(0)
        if all(worker.done() for worker in workers):
            break
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    await mailing_work.work(context)

    sent = await client.print_mail.campaigns.retrieve(made.id)
    assert (sent.status, sent.created_count) == ("ready", 9)
    assert sorted([each.to.first_name or "" async for each in client.print_mail.postcards.list()]) == names


async def test_money_that_ends_stops_a_campaign_until_there_is_more_and_it_stays_as_it_was_sent(
    sdks: Sdks, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing_work, "BATCH", 4)
    client = await sdks(live=True)
    mail, scope = client.print_mail, await accounts.scope_of_organization(context, "Acme", live=True)
    await money.set_price(context, scope, "letter", 100)
    (fund,) = await funds.list_funds(context, scope)
    await funds.change_fund(context, scope, fund.id, never_below_zero=True)
    await money.deposit(context, scope, 200)
    template = await mail.templates.create(html="<p>Spring</p>")
    sender = await mail.contacts.create(**OFFICE)
    names = ["Ann", "Bob", "Cid", "Dee", "Eve"]
    made = await mail.campaigns.create(
        mailing_list=await list_of(client, names), letter={"template": template.id}, default_sender_contact=sender.id
    )
    await mail.campaigns.send(made.id)
    await mailing_work.work(context)

    stopped = await mail.campaigns.retrieve(made.id)
    (error,) = stopped.errors or []
    assert (stopped.status, stopped.created_count) == ("creating_orders", 2)
    assert error.message.startswith("stopped: funding source 'Main account' has 0.00 USD left")
    assert error.message.endswith("It goes on by itself once that is mended")
    with pytest.raises(Conflict, match="archive it first"):
        await campaign_changes.move(context, scope, made.id, "deleted")
    await mail.templates.update(template.id, html="<p>Autumn</p>")
    await mail.templates.delete(template.id)
    await mail.contacts.delete(sender.id)
    assert await mailing_work.work(context) == 0

    await money.deposit(context, scope, 300)
    await mailing_work.work(context)

    ready = await mail.campaigns.retrieve(made.id)
    assert (ready.status, ready.created_count, ready.errors) == ("ready", 5, None)
    letters = [each async for each in mail.letters.list()]
    assert sorted(each.to.first_name or "" for each in letters) == names
    assert {each.from_.id for each in letters} == {sender.id}
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select distinct making -> 'contents' from piece")
        assert len(await cursor.fetchall()) == 1


async def test_whoever_can_never_be_sent_to_is_kept_with_the_reason(
    client: AsyncPostGrid, context: Context, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing_work, "BATCH", 10)
    list_ = await list_of(client, [f"Ann {number}" for number in range(25)])
    abroad = await client.print_mail.contacts.create(
        first_name="Zoé", address_line1="1 Rue", city="Montréal", province_or_state="QC", country_code="CA"
    )
    await client.print_mail.mailing_lists.jobs(list_, add_contacts=[abroad.id])
    sender = await client.print_mail.contacts.create(**OFFICE)
    made = await client.print_mail.campaigns.create(
        mailing_list=list_, letter={"pdf": PDF, "mailing_class": "certified"}, default_sender_contact=sender.id
    )
    await client.print_mail.campaigns.send(made.id)
    async with context.database.transaction() as connection:
        await connection.execute("update contact set country = 'CA' where first_name like 'Ann%'")
        await connection.execute("alter table mailing_refusal rename to broken")
    with pytest.raises(Exception, match="does not exist"):
        await mailing_work.work(context)
    broken = await client.print_mail.campaigns.retrieve(made.id)
    assert (broken.status, [each.message[:29] for each in broken.errors or []]) == (
        "creating_orders",
        ["stopped: something went wrong"],
    )
    async with context.database.transaction() as connection:
        await connection.execute("alter table broken rename to mailing_refusal")
        await connection.execute("update mailing set due_at = now()")
    await mailing_work.work(context)

    sent = await client.print_mail.campaigns.retrieve(made.id)
    messages = [each.message for each in sent.errors or []]
    assert (sent.status, sent.created_count, len(messages)) == ("ready", 0, 21)
    assert messages[-1] == "26 contacts in all could not be sent to"
    course = await mailings.course(context, scope, made.id)
    assert course is not None
    first = await mailing_refusals.first(context, scope, made.id)
    assert (course.refused, len(first), first[25].name) == (26, 26, "Zoé")
    parts = await mailing_refusals.csv(context, scope, made.id)
    lines = b"".join([part.content async for part in parts]).decode().splitlines()
    assert lines[0] == "id,name,company,address_line1,city,state,postal_code,country,reason"
    assert lines[26].startswith(f"{abroad.id},Zoé,,")
    assert "United States only" in lines[26]
