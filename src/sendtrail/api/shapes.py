"""How answers look that services give as ready JSON: for the documentation, and held against real ones by tests."""

from datetime import date, datetime
from typing import Any, Generic, TypeVar

import msgspec

from sendtrail.api.problems import Problem
from sendtrail.domain.send import Address, KindWord

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


class Event(msgspec.Struct):
    """One fact. `local_time`: by the facility's clocks; `zone_known` false: the time was read as if it were UTC."""

    seq: int
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


class PaidFrom(msgspec.Struct):
    """The funding source that pays for a live send; null for who may not know its cost."""

    id: str
    name: str


class Send(msgspec.Struct, rename={"from_": "from"}):
    """A send with where it stands, its trail in order of arrival, and each vocabulary's words for it.

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
    metadata: dict[str, Any] | None
    replaces: str | None
    replaced_by: str | None
    status: Status
    expected_delivery: date | None
    vocabularies: dict[str, Any]
    trail: list[Event]


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
