"""How answers look that services give as ready JSON: for the documentation, and held against real ones by tests."""

from datetime import date, datetime
from typing import Any, Generic, TypeVar

import msgspec

from sendtrail.api.problems import Problem
from sendtrail.domain.send import Address, KindWord
from sendtrail.services.goals import Goal

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T]):
    """A list; `next` is the `after` of the next page, null on the last one."""

    data: list[T]
    next: str | None


class Counts(msgspec.Struct):
    """How many sends a list has, by code of their status. Not `exact`: at least so many, long lists are not counted."""

    total: int
    exact: bool
    statuses: dict[str, int]


class CampaignName(msgspec.Struct):
    id: str
    name: str


class Owner(msgspec.Struct):
    """The member whose send it is; `name` may be empty."""

    id: str
    email: str
    name: str


class Team(msgspec.Struct):
    """The team whose send it is."""

    id: str
    name: str


class Status(msgspec.Struct):
    """Where a send stands, since when, and how we know."""

    code: str
    label: str
    since: datetime
    evidence: str


class Place(msgspec.Struct):
    """A postal facility; `zip`: five digits, the others empty where no feed has told."""

    zip: str
    facility: str
    city: str
    state: str


class Response(msgspec.Struct):
    """What is known of a visit or a goal. `link`: the id of the link that it came by, null for none.

    `country` has two letters; `referrer` is a host alone; texts are empty where nobody knows. `value_cents`: null
    for who may not see money. `bot`: by a machine; `test`: while the link was tried out; neither counts.
    """

    link: str | None
    device: str
    country: str
    region: str
    referrer: str
    value_cents: int | None
    currency: str
    reference: str
    bot: bool
    test: bool


class Responses(msgspec.Struct):
    """What all visits and goals of a send come to: those by people, and how many machines came. Trials do not count.

    `visitors`: different ones, day by day. `value_cents`: null for who may not see money. `more`: besides those that
    the trail shows.
    """

    visits: int
    visitors: int
    bots: int
    goals: int
    value_cents: int | None
    first_visit_at: datetime | None
    last_visit_at: datetime | None
    first_goal_at: datetime | None
    last_goal_at: datetime | None
    more: int


class Event(msgspec.Struct):
    """One fact. `local_time`: by the facility's clocks; `zone_known` false: the time was read as if it were UTC.

    `seq`: its number in the trail. A visit or a goal has none, but an `id`, and says more in `response`.
    """

    seq: int | None
    code: str
    label: str
    occurred_at: datetime
    local_time: datetime | None
    zone_known: bool
    recorded_at: datetime
    source: str
    evidence: str
    place: Place | None
    phase: str | None
    operation: str | None
    detail: dict[str, Any] | None
    id: str | None
    response: Response | None


class SendLink(msgspec.Struct):
    """The link on a send: what is printed, and the address of its QR code as SVG; with `.png` instead, as PNG."""

    id: str
    url: str
    qr: str


class PaidFrom(msgspec.Struct):
    """The funding source that pays for a live send; null for who may not know its cost."""

    id: str
    name: str


class Send(msgspec.Struct, rename={"from_": "from"}):
    """A send with where it stands, its trail in order of arrival, and each vocabulary's words for it.

    Among the events of the trail stand its last visits and goals: 100 of a send by itself, ten of each send of a list.
    `replaces`, `replaced_by`: the ids of what it was sent again for, and of what was sent again for it.
    """

    id: str
    kind: KindWord
    live: bool
    to: Address
    from_: Address | None
    campaign: CampaignName | None
    tags: list[str]
    send_date: date | None
    day: date
    created_at: datetime
    mailing_class: str
    extra_service: str
    post: str
    imb: str
    tracking_number: str
    carrier: str
    tracking_url: str
    supplier: str
    message: str
    gift: dict[str, Any] | None
    cost_cents: int | None
    currency: str
    funding_source: PaidFrom | None
    sender: str
    owner: Owner | None
    team: Team | None
    external_id: str
    vendor: str
    vendor_id: str
    metadata: dict[str, Any] | None
    link: SendLink | None
    replaces: str | None
    replaced_by: str | None
    status: Status
    expected_delivery: date | None
    responses: Responses
    vocabularies: dict[str, Any]
    trail: list[Event]


class CountedGoal(msgspec.Struct):
    """A goal as it stands on record, and its send. `new`: false where the send had one of this reference before.

    `goal` is null in the rare case that so many came within one minute that this one is counted without being listed.
    """

    goal: Goal | None
    new: bool
    send: Send


class RefusedItem(msgspec.Struct):
    """The item of a batch that was refused: its place, counted from 0, and why."""

    index: int
    error: Problem


class RefusedCancelling(msgspec.Struct):
    """A send that was not cancelled: its place in the request, counted from 0, and why."""

    index: int
    id: str
    error: Problem


class Cancelled(msgspec.Struct):
    """How cancelling many went."""

    cancelled: int
    refused: int
    refusals: list[RefusedCancelling]
