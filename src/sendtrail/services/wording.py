"""Puts into words what happened to sends: the notifications of each type, with the send as it was as of then."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.events import CODE_BY_ID, Evidence, Kind, Source
from sendtrail.domain.facts import Facts
from sendtrail.domain.news import Changed, Grown, Happening, Memory, Responded, Said, Thing, news
from sendtrail.domain.notice_bodies import Body, Told, event_part, native, postgrid, send_part
from sendtrail.domain.observation import Facility
from sendtrail.domain.postgrid import orders as postgrid_orders
from sendtrail.domain.postgrid import trackers
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address
from sendtrail.domain.trail import Event, status_of_best
from sendtrail.domain.vocabularies import tell
from sendtrail.services import responses, views
from sendtrail.services.context import Context
from sendtrail.services.pieces import Ordered, of_sends, piece_of
from sendtrail.services.responses import response_view
from sendtrail.services.views import event_view, facts
from sendtrail.store import audit, organizations, sends
from sendtrail.store import responses as response_store
from sendtrail.store.database import Connection
from sendtrail.store.responses import NO_TOTALS, ResponseRow, Totals
from sendtrail.store.sends import SendRow
from sendtrail.store.system import outbox
from sendtrail.store.system.outbox import OutboxRow, TellingRow

_ADDRESS = frozenset(Address.__struct_fields__)
ACTOR = "announcing"


@dataclass(frozen=True, slots=True)
class Group:
    """What happened to the sends of one organization in one mode, and all that is needed to tell of it."""

    scope: Scope
    context: Context
    organization: Mapping[str, str]
    time_zone: str
    facilities: Mapping[str, Facility]
    materials: list["Material"] = field(default_factory=list)


class Entry(NamedTuple):
    """What happened, the response if it was one, and when it was noted."""

    happening: Happening
    response: ResponseRow | None
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class Material:
    """One send: what happened to it, as it is now, what was told of it before, and when somebody changed it."""

    group: Group
    row: SendRow
    trail: Sequence[Event]
    totals: Totals
    before: TellingRow | None
    entries: Sequence[Entry]
    ordered: Ordered | None
    changed: Sequence[datetime] = ()


class Wanted(NamedTuple):
    """The types that some hook wants to hear of a send; `postal`: among them Postalytics'."""

    types: frozenset[str]
    postal: bool

    @classmethod
    def of(cls, types: frozenset[str]) -> "Wanted":
        return cls(types, any(type_.startswith("postalytics.") for type_ in types))


class Draft(NamedTuple):
    """A notification that has no number yet. `noted_at`: when what it tells of was put into the outbox; `bot`: it tells
    of a machine's visit; `body` gives its JSON once its public id is known, and the moment at which it is made."""

    type: str
    sequence: int
    occurred_at: datetime
    noted_at: datetime
    bot: bool
    body: Callable[[str, datetime], str]


async def read_group(
    connection: Connection, context: Context, organization_id: int, live: bool, rows: Sequence[OutboxRow]
) -> Group:
    """What the entries of the outbox speak of, in their order. Those of sends that are no more are left out."""
    scope = Scope(organization_id, live, ACTOR)
    by_send: dict[int, list[OutboxRow]] = {}
    for each in rows:
        by_send.setdefault(each.send_id, []).append(each)
    found = {row.send_id: row for row in await sends.read(connection, scope, list(by_send))}
    numbers = [number for number in by_send if number in found]
    trails = await sends.trails(connection, scope, numbers)
    totals = await response_store.totals(connection, scope, numbers)
    responded = await outbox.responses(connection, rows)
    told = await outbox.told(connection, numbers)
    ordered = await of_sends(connection, scope, numbers)
    public_ids = {number: context.ids.encode(Kind(found[number].kind).word, number) for number in numbers}
    changed = await audit.sends_changed(connection, scope, list(public_ids.values()))
    zips = {event.zip for trail in trails.values() for event in trail if event.zip}
    own = await organizations.get(connection, scope)
    group = Group(
        scope,
        context,
        {"id": context.ids.encode("organization", organization_id), "name": own.name},
        own.time_zone,
        await sends.facilities(connection, scope, sorted(zips)) if zips else {},
    )
    for number in numbers:
        entries = [one for each in by_send[number] if (one := _entry(each, responded))]
        group.materials.append(
            Material(
                group,
                found[number],
                trails[number],
                totals.get(number, NO_TOTALS),
                told.get(number),
                entries,
                ordered.get(number),
                changed.get(public_ids[number], ()),
            )
        )
    return group


def drafts(group: Group, material: Material, wanted: Wanted) -> tuple[list[Draft], TellingRow]:
    """What is told of a send of what is wanted, in order; and what was told of it then."""
    speaker = _Speaker(group, material, wanted)
    told = list(speaker.speak())
    return told, TellingRow(material.row.send_id, *speaker.memory, speaker.shown)


def _entry(row: OutboxRow, responded: Mapping[int, ResponseRow]) -> Entry | None:
    if row.change is not None:
        return Entry(Changed(row.created_at, row.change), None, row.created_at)
    if row.response_id is not None:
        response = responded.get(row.response_id)
        return Entry(Responded(_as_event(response), response.bot), response, row.created_at) if response else None
    return Entry(Grown(row.told or 0, row.was or 0), None, row.created_at)


def _as_event(row: ResponseRow) -> Event:
    return Event(0, CODE_BY_ID[row.code], row.occurred_at, row.recorded_at, Source(row.source), Evidence(row.evidence))


class _Speaker:
    """Tells of one send. `memory`, `shown`: what was told of it so far."""

    def __init__(self, group: Group, material: Material, wanted: Wanted) -> None:
        self._group = group
        self._material = material
        self._happenings = [each.happening for each in material.entries]
        self._wanted = wanted.types
        self._postal = wanted.postal
        kind = Kind(material.row.kind).word
        self._orders = not wanted.types.isdisjoint((f"{kind}.created", f"{kind}.updated"))
        self._rows = _as_of(material.row, self._happenings, group.time_zone)
        self.memory = Memory()
        self.shown = material.before.shown if material.before else None

    def speak(self) -> Iterator[Draft]:
        material = self._material
        told = material.before
        before = Memory(told.sequence, told.postal, told.reroutes, told.events) if told else None
        own = facts(material.row, self._group.time_zone)
        things, self.memory = news(self._happenings, material.trail, own, before, self._postal)
        for thing in things:
            yield from self._tell(thing)

    def _tell(self, thing: Thing) -> Iterator[Draft]:
        heard = {type_: said for type_, said in thing.types.items() if type_ in self._wanted}
        if not heard and not self._orders:
            return
        happening, response, _ = self._material.entries[thing.place]
        send = self._send(thing)
        if heard:
            yield from self._natively(thing, happening, response, heard, send)
        if self._orders and response is None:
            yield from self._as_order(thing, happening, send)

    def _natively(
        self,
        thing: Thing,
        happening: Happening,
        response: ResponseRow | None,
        heard: Mapping[str, Said],
        send: views.View,
    ) -> Iterator[Draft]:
        encoded = _raw(send_part(send))
        bot = isinstance(happening, Responded) and happening.bot
        events: dict[int, msgspec.Raw] = {}
        for type_, said in heard.items():
            at = said.event.occurred_at if said.event else thing.occurred_at
            if type_ == "tracker.visited" and response:
                body = partial(_postgrid_body, self._told(thing, type_, at), self._visit(send, response), None)
            else:
                if id(said.event) not in events:
                    events[id(said.event)] = self._event(said.event, happening, response)
                event = events[id(said.event)]
                body = partial(self._native_body, thing, said, self._told(thing, type_, at), event, encoded)
            yield Draft(type_, thing.sequence, at, self._noted_at(thing), bot, body)

    def _as_order(self, thing: Thing, happening: Happening, send: views.View) -> Iterator[Draft]:
        """PostGrid's types: the order when it is made, and whenever a field of it has become another."""
        trail = self._material.trail[: thing.seen]
        if not trail:
            return
        order = self._order(send, trail, thing.place)
        now = postgrid_orders.changing(order)
        before, self.shown = self.shown if self.shown is not None else self._shown_before(thing), now
        created = isinstance(happening, Grown) and trail[-1].code == "created" and "send.created" in thing.types
        changed = postgrid_orders.changes(before, now, order) if before is not None and not created else None
        type_ = f"{order['object']}.{'created' if created else 'updated'}"
        if type_ in self._wanted and (created or changed):
            told = self._told(thing, type_, thing.occurred_at)
            body = partial(_postgrid_body, told, _raw(order), changed)
            yield Draft(type_, thing.sequence, thing.occurred_at, self._noted_at(thing), False, body)

    def _noted_at(self, thing: Thing) -> datetime:
        return self._material.entries[thing.place].noted_at

    def _shown_before(self, thing: Thing) -> postgrid_orders.Order | None:
        """What an order would have shown before the first thing that is told of its send; None if nothing."""
        happening = self._happenings[thing.place]
        seen = thing.seen - 1 if isinstance(happening, Grown) and happening.told < thing.seen else thing.seen
        trail = self._material.trail[:seen]
        if not trail:
            return None
        place = thing.place - 1
        send = self._view(place, thing.before)
        return postgrid_orders.changing(self._order(send, trail, place))

    def _order(self, send: views.View, trail: Sequence[Event], place: int) -> postgrid_orders.Order:
        ids, row = self._group.context.ids, self._rows[place + 1]
        piece = piece_of(ids, self._material.ordered, row)
        until = self._material.entries[max(place, 0)].noted_at
        last = max((each for each in self._material.changed if each <= until), default=None)
        return postgrid_orders.order(send, trail, self._facts(place), ids, piece, last)

    def _told(self, thing: Thing, type_: str, at: datetime) -> Callable[[str, datetime], Told]:
        return lambda id_, now: Told(id_, type_, at, now, thing.sequence, self._group.scope.live)

    def _native_body(
        self,
        thing: Thing,
        said: Said,
        told: Callable[[str, datetime], Told],
        event: msgspec.Raw,
        send: msgspec.Raw,
        id_: str,
        now: datetime,
    ) -> str:
        happening = self._happenings[thing.place]
        code = {"vocabulary": said.vocabulary, "name": said.word, "number": said.number} if said.vocabulary else None
        body = native(
            told(id_, now),
            self._group.organization,
            event,
            send,
            code=code,
            status_changed=thing.status_changed,
            previous_status=_status(thing.before) if thing.status_changed and thing.before else None,
            updated_fields=_changed_fields(happening) if isinstance(happening, Changed) else None,
        )
        return msgspec.json.encode(body).decode()

    def _send(self, thing: Thing) -> views.View:
        """The send as of a thing, as the API shows it but for its trail."""
        send = self._view(thing.place, thing.best)
        known = [*self._material.trail[: thing.seen], *self._responded(thing.place)]
        return {**send, "vocabularies": tell(known, self._facts(thing.place))}

    def _view(self, place: int, best: int) -> views.View:
        row = self._rows[place + 1]._replace(best=best or self._material.row.best)
        return views.view(row, (), {}, self._group.context.ids, self._group.time_zone, money=False)

    def _facts(self, place: int) -> Facts:
        return facts(self._rows[place + 1], self._group.time_zone)

    def _responded(self, place: int) -> list[Event]:
        """The last visit and goal by people as of then: of those that are told now the ones so far, else the last
        before them."""
        now = [each for each in self._happenings if isinstance(each, Responded) and not each.bot]
        soon = {each.event.occurred_at for each in now}
        before = [each for each in responses.told(self._material.totals) if each.occurred_at not in soon]
        so_far = self._happenings[: place + 1]
        return [*before, *(each.event for each in so_far if isinstance(each, Responded) and not each.bot)]

    def _event(self, event: Event | None, happening: Happening, response: ResponseRow | None) -> msgspec.Raw:
        if response is not None:
            shown = response_view(response, self._group.context.ids, self._material.row.currency, money=False)
        elif event is not None:
            shown = event_view(event, self._group.facilities)
        else:
            shown = _change_view(happening)
        return _raw(event_part(shown))

    def _visit(self, send: views.View, response: ResponseRow) -> msgspec.Raw:
        ids = self._group.context.ids
        link = ids.encode("link", response.link_id) if response.link_id else None
        tracker = ids.encode(trackers.WORD, response.tracker_id) if response.tracker_id else link
        visit_id = ids.encode("tracker_visit", response.id)
        return _raw(trackers.visit(visit_id, tracker, send["id"], send["live"], response.device, response.occurred_at))


def _postgrid_body(
    told: Callable[[str, datetime], Told],
    data: msgspec.Raw,
    changed: postgrid_orders.Order | None,
    id_: str,
    now: datetime,
) -> str:
    return msgspec.json.encode(postgrid(told(id_, now), data, changed)).decode()


def _raw(part: Mapping[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(part))


def _status(best: int) -> Body:
    status = status_of_best(best)
    return {"code": status.code, "label": status.label, "since": status.since, "evidence": status.evidence.word}


def _as_of(row: SendRow, happenings: Sequence[Happening], time_zone: str) -> list[SendRow]:
    """The send before all of these, and after each of them: what somebody changed later is not so yet."""
    rows = [row]
    for each in reversed(happenings):
        rows.append(_undone(rows[-1], each.fields, time_zone) if isinstance(each, Changed) else rows[-1])
    return rows[::-1]


def _undone(row: SendRow, fields: Mapping[str, Sequence[str]], time_zone: str) -> SendRow:
    before = {name: texts[0] for name, texts in fields.items()}
    recipient = row.recipient | {name: text for name, text in before.items() if name in _ADDRESS}
    recipient = {name: text for name, text in recipient.items() if text}
    row = row._replace(
        recipient=recipient,
        tracking_number=before.get("tracking_number", row.tracking_number),
        carrier=before.get("carrier", row.carrier),
    )
    if "send_date" not in before:
        return row
    send_date = date.fromisoformat(before["send_date"]) if before["send_date"] else None
    accepted = row.created_at.astimezone(ZoneInfo(time_zone)).date()
    return row._replace(send_date=send_date, created_on=send_date or accepted)


def _named(field_: str) -> str:
    return f"to.{field_}" if field_ in _ADDRESS else field_


def _changed_fields(change: Changed) -> list[str]:
    return sorted(map(_named, change.fields))


def _change_view(change: Happening) -> views.View:
    """A change in the form of an event."""
    assert isinstance(change, Changed)  # noqa: S101 — all else has an event
    return {
        "seq": None,
        "code": "updated",
        "label": "Changed",
        "occurred_at": change.at,
        "local_time": None,
        "zone_known": True,
        "recorded_at": change.at,
        "source": Source.PERSON.word,
        "evidence": Evidence.REPORTED.word,
        "place": None,
        "phase": None,
        "operation": None,
        "detail": {_named(name): list(texts) for name, texts in change.fields.items()},
    }
