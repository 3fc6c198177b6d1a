"""People as clients post them back: a contact as it was answered, which has its id, stands for that contact."""

from collections.abc import Sequence
from typing import Any

import msgspec

from sendtrail.api.postgrid.requests import Body
from sendtrail.domain.postgrid.contacts import NAMES, SWITCHES, inner
from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services import contacts
from sendtrail.services.contacts import CONTACTS
from sendtrail.services.context import Context

_ADDRESS = (*NAMES.values(), "countryCode")
_ANSWERED = {
    *_ADDRESS,
    *SWITCHES.values(),
    *("id", "object", "live", "description", "metadata", "createdAt", "updatedAt", "addressStatus", "addressErrors"),
}


async def by_id(context: Context, scope: Scope, body: Body, fields: Sequence[str]) -> Body:
    """A request in which those of `fields` that are contacts with an `id` are these ids.

    NotFound names the field; Invalid for an address that is not the contact's own: it would not be the one that is
    written to.
    """
    if not isinstance(body.value, dict):
        return body
    value: dict[str, Any] = dict(body.value)
    for field in fields:
        given = value.get(field)
        if isinstance(given, dict) and isinstance(given.get("id"), str):
            value[field] = await _id_of(context, scope, given, field)
    return msgspec.structs.replace(body, value=value)


async def _id_of(context: Context, scope: Scope, given: dict[str, Any], at: str) -> str:
    for name in given:
        if name not in _ANSWERED:
            raise Invalid(f"{at}.{name[:60]} is not a field here", f"{at}.{name[:60]}")
    public_id: str = given["id"]
    number = CONTACTS.number(context, public_id, at)
    async with context.database.snapshot() as connection:
        row = (await contacts.by_number(connection, scope, [number])).get(number)
    if row is None:
        raise CONTACTS.missing(public_id, at)
    known = inner(context.ids, row)
    for name in _ADDRESS:
        if given.get(name) and given[name] != known.get(name):
            raise Invalid(
                f"{at}.{name} is not that of {public_id.lower()}: leave {at}.id out to write to somebody else",
                f"{at}.{name}",
            )
    return public_id
