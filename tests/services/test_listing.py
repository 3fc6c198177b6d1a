"""Sends from before the Send Tracker are found like all others."""

from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.services.listing import list_older
from sendtrail.services.tracker import Wanted, list_sends
from tests.services.organizations import organization


async def test_an_older_send_is_found_once_its_terms_are_worked_out(context: Context) -> None:
    scope = await organization(context)
    new = NewSend(kind="gift", to=Address(name="Zoë Öz", company="Acme"), tags=["VIP"], supplier="Amazon", sender="Mia")
    await sends.create(context, scope, [new, NewSend(kind="letter", to=Address(name="Bo"))])
    async with context.database.transaction() as connection:
        kept = await (await connection.execute("select term from term order by 1")).fetchall()
        await connection.execute("delete from term")
        await connection.execute("update send set terms = null")
    assert (await list_sends(context, scope, Wanted(q="zoe"), 9))[0] == []

    assert await list_older(context) == 2
    assert await list_older(context) == 0
    for wanted in (Wanted(q="zoe ac"), Wanted(tag="vip"), Wanted(supplier="amazon"), Wanted(sender="mia")):
        ((found,), _) = await list_sends(context, scope, wanted, 9)
        assert found["to"]["name"] == "Zoë Öz"
    async with context.database.snapshot() as connection:
        assert await (await connection.execute("select term from term order by 1")).fetchall() == kept
