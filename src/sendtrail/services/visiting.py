"""Links that are opened: where each leads, and the visit on record before anybody is led on.

One transaction for each visit would wait for the disk 3,000 times a second. So a process has one collector: what comes
while its last transaction writes is written together by the next one, which begins when the last one only waits for the
disk. Nobody waits for company: whoever comes alone is written alone.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import NamedTuple, cast

import structlog

from sendtrail.domain.events import Kind
from sendtrail.domain.landing import fill, values_of
from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.visit import MAX_USER_AGENT, device, is_robot, prepare, referrer_host, visitor
from sendtrail.services import guessing, link_addresses
from sendtrail.services.context import Context
from sendtrail.services.places import Places, opened
from sendtrail.store.database import Connection, Database
from sendtrail.store.errors import in_one_line
from sendtrail.store.system import responses, trials, visits
from sendtrail.store.system.responses import VISIT, NewResponse
from sendtrail.store.system.visits import LeadRow

MOST = 400
"""Visits of one transaction: more would make the first of them wait."""
WAITING = 2_000
"""Visits that may wait for theirs: what a process writes in less than a second. Beyond it, better a quick refusal."""
PATIENCE = 8.0
"""Seconds that a transaction may take; the database is not well then."""
_AT_ONCE = 2
"""Transactions of a process: one writes, one waits for the disk."""
_REMEMBERED = 10_000
"""Addresses that this process refuses without asking the database again."""
_SALT_BYTES = 32
_log = structlog.get_logger("sendtrail.links")


class Asked(NamedTuple):
    """Somebody opens a link. `address`: an IP address, empty where it is not known; `referrer`: as the browser tells
    it; `robot`: it is known by other signs than the user agent's name that nobody looks at what is fetched."""

    code: str
    at: datetime
    address: str = ""
    user_agent: str = ""
    referrer: str = ""
    robot: bool = False


class Outcome(Enum):
    """What becomes of a visit."""

    LED = "led"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    TOO_MANY = "too many"


class Answer(NamedTuple):
    """`location`: where to, if anywhere; `wait`: seconds until unknown codes are looked at again."""

    outcome: Outcome
    location: str = ""
    wait: int = 0


class Overloaded(SendtrailError):
    """More visits come than can be written."""

    type = "unavailable"


_Waiting = tuple[Asked, asyncio.Future[Answer]]


class Visits:
    """The collector of a process; `opened_visits` makes it."""

    def __init__(self, context: Context, database: Database, places: Places) -> None:
        self._context = context
        self._database = database
        self._places = places
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._turn = asyncio.Lock()
        self._working: set[asyncio.Task[None]] = set()
        self._salt = (date.min, b"")
        self._refused: dict[bytes, datetime] = {}

    async def open(self, asked: Asked) -> Answer:
        """Where a link leads, once the visit is on record.

        Overloaded where too many wait; DatabaseError; whatever else goes wrong with this visit alone.
        """
        if len(self._waiting) >= WAITING:
            raise Overloaded("more links are opened than can be recorded; try again in a second")
        if (until := self._refused_until(asked)) is not None:
            return _too_many(until - asked.at)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if len(self._working) < _AT_ONCE:
            self._working.add(asyncio.create_task(self._work()))
        return await answer

    async def flush(self) -> None:
        """All that has come is written; for the end of a process."""
        while self._working:
            await asyncio.wait(self._working)

    async def _work(self) -> None:
        """One transaction after the other while anybody waits."""
        try:
            while self._waiting:
                await self._settle()
        finally:  # with nothing in between: whoever comes now starts another
            self._working.remove(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _settle(self) -> None:
        """Write some and answer them."""
        some: list[_Waiting] = []
        now = datetime.now(UTC)

        async def write(connection: Connection) -> list[Answer]:
            async with self._turn:  # what comes until it is ours is written with the rest
                some.extend(self._take(0 if some else MOST))
                return await self._write(connection, [asked for asked, _ in some], salt, now)

        try:
            with in_one_line():
                async with asyncio.timeout(PATIENCE):
                    salt = await self._salt_of(now.date())
                    answers = await self._database.run(write)
        except (SendtrailError, TimeoutError) as error:
            self._refuse([*some, *self._take(WAITING)], error)  # nobody need wait for what is not well
        except Exception:
            for each in some:
                await self._settle_alone(each)
        else:
            for (_, future), answer in zip(some, answers, strict=True):
                _tell(future, answer)

    async def _settle_alone(self, one: _Waiting) -> None:
        """The same for one of those with whom something went wrong: it is one's own problem only."""
        asked, future = one
        now = datetime.now(UTC)
        try:
            with in_one_line():
                async with asyncio.timeout(PATIENCE):
                    salt = await self._salt_of(now.date())
                    (answer,) = await self._database.run(lambda connection: self._write(connection, [asked], salt, now))
        except (SendtrailError, TimeoutError) as error:
            self._refuse([one], error)
        except Exception as error:
            _log.error("a visit could not be recorded", exc_info=error)
            _tell(future, error)
        else:
            _tell(future, answer)

    def _take(self, most: int) -> list[_Waiting]:
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def _refuse(self, some: Sequence[_Waiting], error: SendtrailError | TimeoutError) -> None:
        told = error if isinstance(error, SendtrailError) else Overloaded("the database is too slow just now")
        for _, future in some:
            _tell(future, told)

    async def _write(self, connection: Connection, some: Sequence[Asked], salt: bytes, now: datetime) -> list[Answer]:
        numbers = [link_addresses.link_of(self._context, asked.code) for asked in some]
        wanted = {number for number in numbers if number is not None}
        links = await visits.lead(connection, sorted(wanted)) if wanted else {}
        found = [links.get(number) if number is not None else None for number in numbers]
        tried = [number for number, link in links.items() if link.testing]
        trial = await trials.held(connection, tried) if tried else frozenset()
        waits = await self._count_misses(
            connection, [asked for asked, link in zip(some, found, strict=True) if link is None], now
        )
        rows = [
            self._response(asked, link, salt, link.link_id in trial)
            for asked, link in zip(some, found, strict=True)
            if link is not None and asked.at < link.expires_at
        ]
        await responses.record(connection, rows, now)
        return [
            self._answer(asked, link) if link is not None else _missed(waits[self._who(asked)])
            for asked, link in zip(some, found, strict=True)
        ]

    def _answer(self, asked: Asked, link: LeadRow) -> Answer:
        if asked.at >= link.expires_at:
            return Answer(Outcome.EXPIRED)
        if link.recipient is None:
            return Answer(Outcome.LED, fill(link.template, {}))
        kind = Kind(link.kind).word
        values = values_of(
            link.recipient,
            link.metadata,
            sender=link.sender,
            merge=link.merge,
            names=link.names,
            external_id=link.external_id,
            campaign=link.campaign,
            kind=kind,
            send_id=self._context.ids.encode(kind, link.send_id),
            code=link_addresses.code(self._context, link.link_id),
        )
        return Answer(Outcome.LED, fill(link.template, values))

    def _response(self, asked: Asked, link: LeadRow, salt: bytes, test: bool) -> NewResponse:
        agent = asked.user_agent[:MAX_USER_AGENT]
        place = self._places(asked.address)
        bot = asked.robot or is_robot(agent)
        return NewResponse(
            link.send_id,
            VISIT,
            asked.at,
            link_id=link.link_id,
            tracker_id=link.tracker_id,
            bot=bot,
            test=test,
            device=device(agent),
            country=place.country,
            region=place.region,
            referrer=referrer_host(asked.referrer),
            visitor=None if bot else visitor(salt, link.link_id, asked.address, agent),
            address=asked.address if link.address_days and asked.address else None,
        )

    async def _salt_of(self, day: date) -> bytes:
        """With what the visitors of a day are hashed; committed before anybody is."""
        if self._salt[0] != day:
            new = secrets.token_bytes(_SALT_BYTES)
            self._salt = (day, await self._database.run(lambda connection: visits.salt(connection, day, new)))
        return self._salt[1]

    async def _count_misses(
        self, connection: Connection, some: Sequence[Asked], now: datetime
    ) -> dict[bytes, tuple[int, timedelta]]:
        """How often each address has asked for links that are not there; who did so too often is remembered."""
        told = await guessing.count(connection, map(self._who, some), now)
        if len(self._refused) > _REMEMBERED:
            self._refused.clear()
        self._refused |= {who: now + wait for who, (misses, wait) in told.items() if misses >= guessing.MOST}
        return told

    def _refused_until(self, asked: Asked) -> datetime | None:
        """For what cannot be a code, from an address that has guessed too often: until when. All else is looked up."""
        if not self._refused or link_addresses.link_of(self._context, asked.code) is not None:
            return None
        until = self._refused.get(self._who(asked))
        return until if until is not None and until > asked.at else None

    def _who(self, asked: Asked) -> bytes:
        return guessing.who(self._context, asked.address)


@asynccontextmanager
async def opened_visits(context: Context) -> AsyncIterator[Visits]:
    """The collector, on connections of its own; at the end of the block all that came is written."""
    commit = "off" if context.config.link_commit == "fast" else "on"
    options = f"-c synchronous_commit={commit} -c plan_cache_mode=force_generic_plan -c jit=off"
    await asyncio.to_thread(prepare)
    with opened(context.config.geoip) as places:
        async with Database.open(context.dsn, connections=_AT_ONCE, options=options) as database:
            collector = Visits(context, database, places)
            try:
                yield collector
            finally:
                await collector.flush()


def _missed(told: tuple[int, timedelta]) -> Answer:
    return _too_many(told[1]) if told[0] > guessing.MOST else Answer(Outcome.UNKNOWN)


def _too_many(wait: timedelta) -> Answer:
    return Answer(Outcome.TOO_MANY, wait=max(1, -(-wait // timedelta(seconds=1))))


def _tell(future: asyncio.Future[Answer], what: Answer | Exception) -> None:
    if future.done():  # whoever asked is gone
        return
    if isinstance(what, Exception):
        future.set_exception(what)
    else:
        future.set_result(what)
