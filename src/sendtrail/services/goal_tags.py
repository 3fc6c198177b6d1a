"""Goals told by a link's code alone: by a picture, a script or a server of the site where the link leads.

Whoever holds a code may tell a goal of it, as whoever holds a letter may open its link: what must be beyond doubt comes
by the API. A goal counts after its link expired, too: the visitor came before.
"""

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from sendtrail.domain import goals
from sendtrail.domain.landing import variables
from sendtrail.domain.problems import NotFound, SendtrailError
from sendtrail.domain.visit import device, is_robot, referrer_host
from sendtrail.services import guessing
from sendtrail.services.context import Context
from sendtrail.services.link_addresses import code as code_of
from sendtrail.services.link_addresses import landing_of, link_of
from sendtrail.store.database import Connection
from sendtrail.store.system import goals as store
from sendtrail.store.system import responses, trials
from sendtrail.store.system.goals import GoalLink
from sendtrail.store.system.responses import GOAL, NewResponse

_USUAL_PARAMETER = "c"
_CODE = "{{code}}"


class Told(NamedTuple):
    """What is said of a goal; texts as they came, empty where nothing is."""

    value: str | int | float = ""
    currency: str = ""
    reference: str = ""


class Teller(NamedTuple):
    """Who tells it. `address`: an IP address, empty where it is not known. `browser`: it is a visitor's, who may be a
    machine; else a server, of which nothing is kept. `early`: nobody looks at what is fetched."""

    address: str = ""
    user_agent: str = ""
    referrer: str = ""
    browser: bool = False
    early: bool = False


class Noted(NamedTuple):
    """`id`: the goal's, None where so many came in one minute that it is counted only; `new`: false where the send had
    one of this reference before."""

    id: str | None
    new: bool


class Tag(NamedTuple):
    """What the script of a site must know. `parameter`: of the address of the page where visitors arrive, the one that
    holds their code; `code`: the visitor's own, empty where each has another; `days`: for so long a code is
    remembered."""

    parameter: str
    code: str
    days: int


class TooMany(SendtrailError):
    """Somebody guesses codes, or makes up references. `wait`: seconds until they are looked at again."""

    type = "too_many_requests"

    def __init__(self, wait: int, what: str = "unknown codes came from this address") -> None:
        super().__init__(f"too many {what}: try again in {wait} seconds")
        self.wait = wait


async def tell(context: Context, code: str, told: Told, teller: Teller) -> Noted:
    """Count a goal of the send whose link has the code. Invalid names the field, NotFound and TooMany as they say."""
    now = datetime.now(UTC)
    value, reference = goals.value_of(told.value), goals.checked_reference(told.reference)

    async def act(connection: Connection) -> Noted | TooMany | None:
        link = await _link(connection, context, code)
        if link is None:
            return await _missed(connection, context, teller.address, now)
        goals.checked_currency(told.currency, link.currency)
        if reference and await store.rushed(connection, link.send_id, now):
            return TooMany(60 - now.second, "goals of this link were told within a minute")
        goal = NewResponse(
            link.send_id,
            GOAL,
            now,
            link_id=link.link_id,
            bot=teller.early or (teller.browser and is_robot(teller.user_agent)),
            test=link.testing and link.link_id in await trials.held(connection, [link.link_id]),
            device=device(teller.user_agent) if teller.browser else "",
            referrer=referrer_host(teller.referrer) if teller.browser else "",
            value_cents=value,
            reference=reference,
        )
        ((goal_id, new),) = await responses.record(connection, [goal], now)
        return Noted(context.ids.encode("goal", goal_id) if goal_id else None, new)

    noted = await context.database.run(act)
    if isinstance(noted, TooMany):
        raise noted
    if noted is None:
        raise NotFound("there is no link of this code", "code")
    return noted


async def tag(context: Context, code: str, address: str) -> Tag:
    """What the script under this code knows: that of a landing, for all who come by its links, or of one link alone.

    NotFound and TooMany as `tell`.
    """
    now = datetime.now(UTC)

    async def act(connection: Connection) -> Tag | TooMany | None:
        link = await _link(connection, context, code)
        landing = await store.landing(connection, link.landing_id if link else landing_of(context, code))
        if landing is None:
            return await _missed(connection, context, address, now)
        return Tag(_parameter(landing.template), code_of(context, link.link_id) if link else "", landing.days)

    found = await context.database.run(act)
    if isinstance(found, TooMany):
        raise found
    if found is None:
        raise NotFound("there is no landing of this code", "code")
    return found


async def _link(connection: Connection, context: Context, code: str) -> GoalLink | None:
    number = link_of(context, code)
    return None if number is None else await store.link(connection, number)


def _parameter(template: str) -> str:
    """The parameter of a template's query that holds the code."""
    if "code" not in variables(template):
        return _USUAL_PARAMETER
    query = parse_qsl(urlsplit(template).query)
    return next((name for name, value in query if value.replace(" ", "") == _CODE), _USUAL_PARAMETER)


async def _missed(connection: Connection, context: Context, address: str, now: datetime) -> TooMany | None:
    """Count who asked for what is not there. It stays counted, so it is answered rather than raised."""
    who = guessing.who(context, address)
    times, wait = (await guessing.count(connection, [who], now))[who]
    return TooMany(max(1, int(wait.total_seconds()))) if times > guessing.MOST else None
