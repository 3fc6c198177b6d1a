"""Links of sends, for tests of what becomes of them."""

from collections.abc import Sequence
from typing import Any

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context

ANN = Address(name="Ann Lee", email="ann@example.com", city="Cádiz")
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
    " Mobile/15E148 Safari/604.1"
)
DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)


async def print_links(
    context: Context,
    scope: Scope,
    template: str = "https://shop.example.com/{{to.first_name}}?c={{code}}",
    new: Sequence[NewSend] = (NewSend("letter", ANN),),
    *,
    days: int = 90,
) -> list[int]:
    """New sends, each with a link to one landing; the numbers of the links."""
    made = await sends.create(context, scope, list(new))
    own = [sends.send_number(context, each["id"]) for each in made if isinstance(each, dict)]
    async with context.database.transaction() as connection:
        cursor = await connection.execute(
            "with landing as (insert into landing (organization_id, live, template, days) values (%s, %s, %s, %s)"
            "                 returning *)"
            " insert into link (organization_id, live, send_id, landing_id)"
            " select organization_id, live, send_id, id from landing, unnest(%s::bigint[]) send_id order by send_id"
            " returning id",
            [scope.organization_id, scope.live, template, days, own],
        )
        return [row[0] async for row in cursor]


async def asked(context: Context, query: str, *values: Any) -> list[Any]:
    """The rows of a query, each as a tuple, or its only value."""
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(query.encode(), values)
        return [row if len(row) > 1 else row[0] async for row in cursor]


async def change(context: Context, statement: str, *values: Any) -> None:
    async with context.database.transaction() as connection:
        await connection.execute(statement.encode(), values)
