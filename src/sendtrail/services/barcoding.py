"""Barcodes of sends that are being accepted: claim those that they came with, give the next ones to the others."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.imb.barcode import Barcode
from sendtrail.domain.packing import EPOCH, to_ms
from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import US_MAIL, NewSend, routing_of
from sendtrail.domain.service_types import stid_for
from sendtrail.store import barcodes
from sendtrail.store.barcodes import Claim
from sendtrail.store.database import Connection
from sendtrail.store.sends import Made

_REFUSALS = {
    "taken": "imb was used by another send within 45 days: give this piece another serial number",
    "foreign": "imb has a Mailer ID that belongs to another organization",
}


async def barcoded(
    connection: Connection, scope: Scope, made: Sequence[Made], time_zone: str
) -> tuple[list[Made], dict[int, SendtrailError]]:
    """The sends that have, or need no, barcode; and by send number why the others were refused.

    A US mail piece that came without one gets the next of the organization's Mailer IDs, if it has any.
    """
    refusals: dict[int, SendtrailError] = {}
    came_with = {each.send_id: barcode for each in made if (barcode := each.send.barcode)}
    stids = {each.send_id: stid for each in made if not each.send.imb and (stid := _stid(each.send))}
    if not came_with and not stids:
        return list(made), refusals
    await barcodes.lock(connection, scope)

    claims = [_claim(each, came_with[each.send_id], time_zone) for each in made if each.send_id in came_with]
    for send_id, reason in (await barcodes.refused(connection, scope, claims)).items():
        refusals[send_id] = Conflict(_REFUSALS[reason], "imb")
    await barcodes.grant(connection, scope, [claim for claim in claims if claim.send_id not in refusals])

    given = await _next_barcodes(connection, scope, [each for each in made if each.send_id in stids], stids, time_zone)
    if given is not None:
        for send_id in stids.keys() - given.keys():
            refusals[send_id] = Invalid(
                "the organization's Mailer IDs have no serial number left that was not used in the last 45 days:"
                " add a Mailer ID or a range",
                "imb",
            )
        made = [
            each._replace(send=msgspec.structs.replace(each.send, imb=given[each.send_id].digits), imb_given=True)
            if each.send_id in given
            else each
            for each in made
        ]
    return [each for each in made if each.send_id not in refusals], refusals


async def rebarcode(
    connection: Connection, scope: Scope, send_id: int, barcode: Barcode, day: date, time_zone: str
) -> None:
    """Have a send's barcode mean it from another day on, or with another ZIP Code. `store.barcodes.lock` came before.

    Conflict where another send used it within 45 days of that. Scans join the sends whose windows they are in now as
    soon as a batch recalls them, which must follow in the same transaction.
    """
    claim = Claim(barcode.mid_serial, _valid_from(day, time_zone), barcode.label, send_id)
    await barcodes.withdraw(connection, scope, barcode.mid_serial, send_id)
    if reason := (await barcodes.refused(connection, scope, [claim])).get(send_id):
        raise Conflict(_REFUSALS[reason], "send_date")
    await barcodes.grant(connection, scope, [claim])


def wants_barcode(send: NewSend) -> bool:
    """Whether a settled send is a US mail piece that came without one, for which there is a service type."""
    return not send.imb and _stid(send) is not None


async def _next_barcodes(
    connection: Connection, scope: Scope, made: Sequence[Made], stids: dict[int, str], time_zone: str
) -> dict[int, Barcode] | None:
    """Barcodes for as many of the sends as there are serial numbers; None where the organization has no Mailer ID."""
    if not made:
        return {}
    day = min(_valid_from(each.created_on, time_zone) for each in made)
    serials = await barcodes.take_serials(connection, scope, len(made), day)
    if serials is None:
        return None
    given = {
        each.send_id: Barcode(f"00{stids[each.send_id]}{serial:015d}", routing_of(each.send.to))
        for each, serial in zip(made, serials, strict=False)
    }
    claims = [_claim(each, given[each.send_id], time_zone) for each in made if each.send_id in given]
    await barcodes.grant(connection, scope, claims)
    return given


def _stid(send: NewSend) -> str | None:
    is_us_mail = send.is_mail and not send.vendor and send.post == "usps" and send.to.country in US_MAIL
    return stid_for(send.mailing_class) if is_us_mail else None


def _claim(made: Made, barcode: Barcode, time_zone: str) -> Claim:
    return Claim(barcode.mid_serial, _valid_from(made.created_on, time_zone), barcode.label, made.send_id)


def _valid_from(day: date, time_zone: str) -> int:
    """From when on a scan means the send of this day: its beginning."""
    begins = datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)
    return to_ms(max(begins, EPOCH))
