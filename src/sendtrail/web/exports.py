"""Lists of sends as files to save."""

from litestar import get
from litestar.response import Stream

from sendtrail.domain.roles import Permission
from sendtrail.services.exports import contents, export, size
from sendtrail.web.filters import FILTERS, modes_in, wanted_in
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import HEADERS, today
from sendtrail.web.visitors import Here, WebRequest, context_of


@get("/sends.csv", needs=Permission.SENDS_READ, takes=FILTERS)
async def download_sends(request: WebRequest, visitor: Here) -> Stream:
    """All that a list shows, as CSV for a spreadsheet; `Sendtrail-Sends` tells about how many there are."""
    context, query = context_of(request), query_of(request)
    wanted, modes = wanted_in(query), modes_in(query)
    parts = await export(context, visitor.scope, wanted, modes=modes)
    about = await size(context, visitor.scope, wanted, modes=modes)
    return Stream(
        contents(parts),
        media_type="text/csv",
        headers=HEADERS
        | {
            "Content-Disposition": f'attachment; filename="sends-{today(visitor)}.csv"',
            "Sendtrail-Sends": str(about),
        },
    )
