"""What is done to several sends at once: some that were ticked, or all that a list shows."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from litestar import Response, get, post
from litestar.response import Redirect

from sendtrail.domain.problems import Forbidden, Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.services import selection_results, selections
from sendtrail.services.selection_results import Result
from sendtrail.services.tracker import Wanted, tally
from sendtrail.web.filters import Filters, modes_in, wanted_in
from sendtrail.web.forms import nonce, see
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page, sentence
from sendtrail.web.standings import total
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_fields

_NEEDED = {"tag": Permission.SENDS_WRITE, "cancel": Permission.SENDS_CANCEL, "export": Permission.SENDS_READ}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which sends a form is about. `address`: of the list; `ids`: those that were ticked, none for all of the list."""

    address: str
    ids: tuple[str, ...]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.address))

    @property
    def wanted(self) -> Wanted:
        return replace(Wanted(), only=self.ids) if self.ids else wanted_in(self.query)

    @property
    def modes(self) -> tuple[bool, ...] | None:
        return (True, False) if self.ids else modes_in(self.query)


@post("/sends/selected", needs=Permission.SENDS_READ)
async def act(request: WebRequest, visitor: Here) -> Response[str] | Redirect:
    """Export what was selected, or ask what is needed before it is tagged or cancelled; then do it."""
    form = await read_fields(request, visitor)
    one = dict(form)
    action = one.get("action", "")
    if action not in _NEEDED:
        raise Invalid(f"action must be one of {', '.join(_NEEDED)}", "action")
    visitor.scope.require(_NEEDED[action])
    ids = () if one.get("all") else tuple(dict.fromkeys(value for name, value in form if name == "send"))
    chosen = Chosen(one.get("list", ""), ids)
    if not ids and not one.get("all"):
        return _page(request, visitor, chosen, action, 0, error="Select some sends first, or all that match.")
    if action == "export":
        query = urlencode({"only": ",".join(ids)}) if ids else chosen.address
        return Redirect(f"/sends.csv?{query}")
    context, scope, key = context_of(request), visitor.scope, one.get("nonce") or nonce()
    if one.get("sure") and await _is_begun(request, visitor, key):
        return see(_address(key))
    n, text = await _size(request, visitor, chosen)
    if not one.get("sure"):
        return _page(request, visitor, chosen, action, n, text=text)
    if one.get("as_asked") != text:
        changed = f"The list has changed since you were asked: it has {text} now."
        return _page(request, visitor, chosen, action, n, text=text, error=changed, given=one)
    if await selection_results.begin(context, scope, key):
        try:
            outcome = await _do(request, visitor, chosen, action, one)
        except (Invalid, Forbidden) as problem:
            await selection_results.give_up(context, scope, key)
            return _page(request, visitor, chosen, action, n, text=text, error=sentence(problem), given=one)
        what = "untag" if one.get("how") == "remove" and action == "tag" else action
        result = Result(what, chosen.address, outcome.done, dict(outcome.refused))
        await selection_results.keep(context, scope, key, result)
    return see(_address(key))


@get("/sends/selected", needs=Permission.SENDS_READ, takes=("result",))
async def show_result(request: WebRequest, visitor: Here) -> Response[str] | Redirect:
    """What came of it, as often as the page is loaded. Whoever comes here without has selected nothing."""
    key = query_of(request).get("result", "")
    if not key:
        return Redirect("/sends")
    result = await selection_results.result_of(context_of(request), visitor.scope, key)
    back = Filters(dict(parse_qsl(result.address))).link() if result else "/sends"
    return page(request, "selection_result.html", visitor, result=result, back=back)


def _address(key: str) -> str:
    """Of the result."""
    return f"/sends/selected?{urlencode({'result': key})}"


async def _is_begun(request: WebRequest, visitor: Visitor, key: str) -> bool:
    try:
        await selection_results.result_of(context_of(request), visitor.scope, key)
    except NotFound:
        return False
    return True


async def _size(request: WebRequest, visitor: Visitor, chosen: Chosen) -> tuple[int, str]:
    counted = await tally(context_of(request), visitor.scope, chosen.wanted, modes=chosen.modes)
    return counted.total, total(counted, chosen.wanted)


async def _do(
    request: WebRequest, visitor: Visitor, chosen: Chosen, action: str, given: dict[str, str]
) -> selections.Outcome:
    context, scope = context_of(request), visitor.scope
    if action == "cancel":
        return await selections.cancel(context, scope, chosen.wanted, given.get("reason", ""), modes=chosen.modes)
    return await selections.tag(
        context, scope, chosen.wanted, given.get("tag", ""), remove=given.get("how") == "remove", modes=chosen.modes
    )


def _page(
    request: WebRequest,
    visitor: Visitor,
    chosen: Chosen,
    action: str,
    n: int,
    *,
    text: str = "",
    error: str = "",
    given: dict[str, str] | None = None,
) -> Response[str]:
    return page(
        request,
        "selection.html",
        visitor,
        status=400 if error else 200,
        chosen=chosen,
        back=Filters(chosen.query).link(),
        action=action,
        n=n,
        text=text,
        error=error,
        given=given or {},
        nonce=nonce(),
    )
