"""Fix the address of what came back or failed, and send it once more. Sends of both modes can be."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.domain.send_change import AddressChange
from sendtrail.services import resending
from sendtrail.services.resending import CODES, Resending
from sendtrail.services.views import View
from sendtrail.web.forms import Blank, nonce, repeat_of, see, wrong_fields
from sendtrail.web.other_mode import send_in_either
from sendtrail.web.queries import day_in
from sendtrail.web.rendering import address, page
from sendtrail.web.send_changes import FIELDS
from sendtrail.web.telling import told
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form
from sendtrail.web.wording import spelled

_ADDRESS = AddressChange.__struct_fields__


@get("/sends/{send_id:str}/resend", needs=Permission.SENDS_WRITE)
async def show_resend(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """The recipient, to be corrected; or says why it cannot be sent once more."""
    send, _ = await send_in_either(request, visitor, send_id)
    return _page(request, visitor, send, msgspec.structs.asdict(address(send["to"])))


@post("/sends/{send_id:str}/resend", needs=Permission.SENDS_WRITE)
async def resend(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Send it once more, however often the button was pressed."""
    fields = await read_form(request, visitor)
    send, scope = await send_in_either(request, visitor, send_id)
    try:
        given = {name: text.strip() for name, text in fields.items()}
        to = AddressChange(**{name: given[name] for name in _ADDRESS if name in given})
        change = Resending(to, day_in({name: text for name, text in given.items() if text}, "send_date"))
        made = await resending.resend(context_of(request), scope, send_id, change, repeat_of(request, fields))
    except (Conflict, Invalid) as problem:
        send, _ = await send_in_either(request, visitor, send_id)
        return _page(request, visitor, send, fields, problem)
    return see(f"/sends/{msgspec.json.decode(made)['id']}?done=resent")


def _page(
    request: WebRequest, visitor: Visitor, send: View, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    names = {f"to.{name}" if name in _ADDRESS else name: words for name, words in FIELDS.items()}
    wrong = {param.removeprefix("to."): text for param, text in wrong_fields(problem, names).items()}
    zone = ZoneInfo(visitor.organization.time_zone)
    trail = told(send["trail"], lambda moment: moment.astimezone(zone))
    return page(
        request,
        "send_resend.html",
        visitor,
        status=409 if isinstance(problem, Conflict) else 400 if problem else 200,
        send=send,
        possible=send["status"]["code"] in CODES and not send["replaced_by"],
        last=next((each for each in trail.tellings if each.code == send["status"]["code"]), None),
        today=datetime.now(zone).date(),
        typed=Blank(typed),
        wrong=Blank(wrong),
        nonce=typed.get("nonce") or nonce(),
        spelled=spelled,
    )
