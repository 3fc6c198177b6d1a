"""Sends as CSV."""

from datetime import UTC, datetime
from typing import Annotated

from litestar import get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from sendtrail.api.filters import FILTERS, Filtered
from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here
from sendtrail.domain.roles import Permission
from sendtrail.services.exports import COLUMNS, contents, export, size

_FILE = (
    f"A header, then a line for each send, however many there are: {', '.join(COLUMNS)}. UTF-8, lines end in CRLF,"
    " times are UTC, `cost` in whole units of `currency`. A text that a spreadsheet would run as a formula has an"
    " apostrophe in front. The header `Sendtrail-Sends` tells about how many sends there are."
)


@get(
    "/sends.csv",
    tags=["sends"],
    responses={
        200: ResponseSpec(str, generate_examples=False, media_type="text/csv", description=_FILE),
        **refusals(400, 401, 403),
    },
    needs=Permission.SENDS_READ,
    dependencies=FILTERS,
)
async def sends_csv(
    context: Here,
    caller: Caller,
    wanted: Filtered,
    spreadsheet: Annotated[
        bool,
        QueryParameter(
            description="Begin with a byte order mark, and put an apostrophe before numbers that a spreadsheet would"
            " change, such as barcodes: the file that the pages give."
        ),
    ] = False,
) -> Stream:
    """All sends of a list as CSV. A connection that breaks off before its end means that the file is not whole."""
    parts = await export(context, caller, wanted, spreadsheet=spreadsheet)
    about = await size(context, caller, wanted)
    return Stream(
        contents(parts),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="sends-{datetime.now(UTC).date()}.csv"',
            "Sendtrail-Sends": str(about),
        },
    )
