"""A vendor's id means one send of an organization and mode: what a webhook says must reach one trail."""

from collections.abc import Sequence

from sendtrail.domain.problems import Conflict, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import NewSend
from sendtrail.store import sends
from sendtrail.store.database import Connection
from sendtrail.store.sends import Made


async def unclaimed(
    connection: Connection, scope: Scope, made: Sequence[Made]
) -> tuple[list[Made], dict[int, SendtrailError]]:
    """Those of the sends whose vendor's id no other send has, which none gets until the transaction ends; and by number
    why the others are refused."""
    names = {each.send_id: name_of(each.send) for each in made if each.send.vendor_id}
    if not names:
        return list(made), {}
    await sends.lock_vendors(connection, scope)
    taken = set(await sends.by_vendor_id(connection, scope, sorted(set(names.values()))))
    refusals: dict[int, SendtrailError] = {}
    for send_id, name in names.items():
        if name in taken:
            vendor, _, vendor_id = name.partition(":")
            refusals[send_id] = Conflict(f"vendor_id {vendor_id[:60]!a} of {vendor} is another send's", "vendor_id")
        taken.add(name)
    return [each for each in made if each.send_id not in refusals], refusals


def name_of(send: NewSend) -> str:
    """How feeds name a send that a vendor produces: `lob:ltr_1`."""
    return f"{send.vendor}:{send.vendor_id}"
