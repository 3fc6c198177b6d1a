"""What Sendtrail presumes says so wherever it shows (law 4)."""

import csv
import io
from datetime import UTC, datetime

from sendtrail.domain.scope import Scope
from sendtrail.services import presumption, sends
from sendtrail.services.context import Context
from tests.services.test_presumption import DAY, OUT, hear, letter, made
from tests.web.conftest import Browser
from tests.web.test_pages import words

LATER = datetime(2031, 3, 14, tzinfo=UTC)
PERIOD = f"?start={DAY}&end={DAY}"


async def test_a_presumed_delivery_is_called_so_on_every_page_in_the_api_and_in_the_csv(
    ann: Browser, context: Context, acme: Scope
) -> None:
    (number,) = await made(context, acme, letter())
    await hear(context, acme, number, OUT)
    await presumption.presume(context, acme, [number], LATER)
    async with context.database.snapshot() as connection:
        (view,) = await sends.views(connection, context, acme, [number])
    assert (view["status"]["label"], view["status"]["evidence"]) == ("Presumed delivered", "inferred")
    told = view["vocabularies"]
    assert (told["stannp"], told["sendoso"]) == ("delivered", "Shipped")
    assert told["lob"] != "Delivered"
    assert told["postgrid"]["status"] == "completed"
    assert told["postalytics"]["name"] == "ProcessedForDelivery"

    page = words((await ann.look(f"/sends/{view['id']}")).text)
    assert "Presumed delivered" in page
    assert "presumed by Sendtrail" in page
    assert "It was out for delivery, and 2 business days went by without another word." in page
    assert "days later" not in page
    assert "Presumed delivered" in words((await ann.look(f"/sends{PERIOD}")).text)
    assert "Presumed delivered" in words((await ann.look(f"/reports{PERIOD}&sector=single")).text)
    (row,) = csv.DictReader(io.StringIO((await ann.look(f"/sends.csv{PERIOD}")).text.lstrip("\ufeff")))
    assert "Presumed delivered" in row.values()
    assert "inferred" in row.values()
    assert "Presumed delivered" in words((await ann.look("/help/statuses")).text)
