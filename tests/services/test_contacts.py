"""Contacts: the same data is one contact, whoever gives it at once."""

import asyncio
from typing import Any

import pytest

from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.postgrid.orders import of_send
from sendtrail.domain.problems import NotFound
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import contacts, sends
from sendtrail.services.contacts import CONTACTS, ContactRow
from sendtrail.services.context import Context
from sendtrail.store.database import Connection
from tests.services.organizations import organization


def person(name: str, **more: Any) -> NewContact:
    given = {"address_line1": "1 Main St", "city": "Chicago", "state": "IL", "postal_code": "60601", "country": "US"}
    return NewContact(first_name=name, **{**given, **more})


async def ensured(context: Context, scope: Scope, *wanted: NewContact) -> list[ContactRow]:
    async def act(connection: Connection) -> list[ContactRow]:
        return await contacts.ensure(connection, scope, wanted)

    return await context.database.run(act)


async def test_contacts_made_at_once_from_both_ends_are_one_each(context: Context) -> None:
    scope = await organization(context)
    people = [person(f"Person {number}") for number in range(40)]

    made = await asyncio.gather(
        *(ensured(context, scope, *(people if turn % 2 else people[::-1])) for turn in range(6))
    )

    assert len({tuple(sorted(row.id for row in rows)) for rows in made}) == 1
    assert [row.first_name for row in made[1]] == [each.first_name for each in people]
    found = await CONTACTS.page(context, scope, limit=5)
    assert (found.total, len(found.rows)) == (40, 5)


async def test_the_same_data_again_is_the_same_contact_described_anew(context: Context) -> None:
    scope = await organization(context)
    (first,) = await ensured(context, scope, person("Ann", description="Old", metadata={"n": 1}))

    again, twice, bob = await ensured(
        context, scope, person("Ann", description="New"), person("Ann", description="New"), person("Bob")
    )
    (silent,) = await ensured(context, scope, person("Ann"))

    assert (again.id, again.description, again.metadata) == (first.id, "New", {"n": 1})
    assert twice == again == silent
    assert bob.id != first.id
    assert again.updated_at > first.updated_at


async def test_one_that_was_deleted_is_not_found_and_comes_anew(context: Context) -> None:
    scope = await organization(context)
    (first,) = await ensured(context, scope, person("Ann"))
    public_id = context.ids.encode("contact", first.id)

    await CONTACTS.remove(context, scope, public_id)
    with pytest.raises(NotFound):
        await CONTACTS.get(context, scope, public_id)
    (again,) = await ensured(context, scope, person("Ann"))

    assert again.id != first.id


async def test_all_words_of_a_search_must_begin_a_contacts_words(context: Context) -> None:
    scope = await organization(context)
    await ensured(
        context,
        scope,
        person("Ann", last_name="O'Neil", email="ann@example.com"),
        person("Bob", company="New York Mills"),
        person("Cleo", company="York and New", address_line2="Suite 100%"),
        person("Dan", secret=True, description="hidden"),
    )

    async def found(search: str) -> list[str]:
        return sorted(row.first_name for row in (await CONTACTS.page(context, scope, search=search)).rows)

    assert await found("new york") == ["Bob", "Cleo"]
    assert await found('"New York"') == ["Bob"]
    assert await found("chic yor") == ["Bob", "Cleo"]
    assert await found("o'neil ANN@example.com") == ["Ann"]
    assert await found('{"firstName": "Cleo"}') == []
    assert await found('{ "Cleo" } & | ! :* \\ \'') == ["Cleo"]
    assert await found("Dan") == []
    assert await found("hidden") == ["Dan"]


async def test_a_send_made_without_contacts_has_them_all_the_same(context: Context) -> None:
    scope = await organization(context)
    to, from_ = Address(name="Ann Lee", city="Chicago"), Address(company="Acme")
    (made,) = await sends.create(context, scope, [NewSend(kind="letter", to=to, from_=from_)])
    assert isinstance(made, dict)
    _, send_id = context.ids.decode(made["id"])
    ids = [context.ids.encode("contact", of_send(send_id, sender=sender)) for sender in (False, True)]

    recipient, sender = [await CONTACTS.get(context, scope, each) for each in ids]

    assert (contacts.address_of(recipient), contacts.address_of(sender)) == (to, from_)
    with pytest.raises(NotFound):
        await CONTACTS.get(context, await organization(context, "Other"), ids[0])
