"""The page of a recipient: all that was ever sent to a person, or to their company."""

from dataclasses import replace
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from sendtrail.domain.problems import NotFound
from sendtrail.domain.roles import Permission
from sendtrail.services.recipients import recipient_of
from sendtrail.services.tracker import Wanted, list_sends, tally
from sendtrail.web.filters import Filters
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page
from sendtrail.web.standings import counts, total
from sendtrail.web.tracker import SENDS
from sendtrail.web.visitors import Here, WebRequest, context_of
from sendtrail.web.wording import spelled


@get("/recipients/{send_id:str}", needs=Permission.SENDS_READ, takes=("of", "status", "after"))
async def show_recipient(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """The recipient of a send. A send knows whom it goes to: no name stands in an address."""
    context, query = context_of(request), query_of(request)
    scope = visitor.scope
    try:
        recipient = await recipient_of(context, scope, send_id)
    except NotFound:
        scope = replace(scope, live=not scope.live)
        recipient = await recipient_of(context, scope, send_id)
    marks = {"person": recipient.person, "namesake": recipient.namesake, "company": recipient.company}
    there = {whom: mark for whom, mark in marks.items() if mark} or {"person": ""}
    lists = {}
    for each, mark in there.items():
        alone = Wanted(marks=(mark,)) if mark else Wanted(only=(send_id,))
        counted = await tally(context, scope, alone)
        if counted.total or each != "namesake":
            lists[each] = (alone, counted, total(counted, alone))
    whom = query.get("of", "") if query.get("of", "") in lists else next(iter(lists))
    wanted = replace(lists[whom][0], after=query.get("after"), status=query.get("status"))
    sends, after = await list_sends(context, scope, wanted, SENDS)
    filters = Filters(query, f"/recipients/{send_id}")
    return page(
        request,
        "recipient.html",
        visitor,
        recipient=recipient,
        modes=(recipient.live,),
        whom=whom,
        tabs={
            "person": "To this person",
            "namesake": "Same name and address, without e-mail",
            "company": f"To {recipient.to.company}",
        },
        called=f"/sends?{urlencode({'recipient': recipient.to.name})}" if recipient.to.name else "",
        lists=lists,
        sends=sends,
        filters=filters,
        counts=counts(lists[whom][1], filters, wanted),
        note="",
        spelled=spelled,
        older=filters.link(after=after) if after else "",
        newest=filters.link() if wanted.after else "",
    )
