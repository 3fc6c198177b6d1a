"""Every event that a send can have, in one table.

`stage` orders the life of a send; inside a stage the later event wins, ties by the order of the rows. An event's stage
belongs to its code and to how we know: a delivery that somebody saw outranks one that was worked out by rule.

`id` is stored in the database and never changes; the order of the rows may.
Columns: id, stage, code, kinds, cancellable, evidence (empty: any), label, then one column for each vocabulary. What
Sendtrail worked out by itself (`inferred`) has rows of its own: it stands among the scans of stage 4, where any real
event of a later time wins (law 9), and says that it is presumed.
`postgrid` is the order status, or `order status/imbStatus` (E entered_mail_stream, O out_for_delivery,
R returned_to_sender).
"""

from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """What is sent. The first four are mail pieces and may carry an Intelligent Mail barcode."""

    LETTER = 1
    POSTCARD = 2
    CHEQUE = 3
    SELF_MAILER = 4
    GIFT = 5
    EGIFT = 6

    @property
    def word(self) -> str:
        return self.name.lower()


class Evidence(IntEnum):
    """How we know. The order is that of trust: of two otherwise equal events the better known one is the status."""

    UNKNOWN = 0
    INFERRED = 1
    ASSUMED = 2
    LOGICAL = 3
    REPORTED = 4
    SCANNED = 5

    @property
    def word(self) -> str:
        return self.name.lower()


class Source(IntEnum):
    """Who knows; never the channel: the same scan by push and by file has one source."""

    SYSTEM = 0
    USPS = 1
    PRINTER = 2
    CARRIER = 3
    VENDOR = 4
    PERSON = 5
    RECIPIENT = 6

    @property
    def word(self) -> str:
        return self.name.lower()


MAIL = frozenset({Kind.LETTER, Kind.POSTCARD, Kind.CHEQUE, Kind.SELF_MAILER})
_KINDS = {
    "all": frozenset(Kind),
    "mail": MAIL,
    "gift": frozenset({Kind.GIFT}),
    "egift": frozenset({Kind.EGIFT}),
    "mail gift": MAIL | {Kind.GIFT},
    "gift egift": frozenset({Kind.GIFT, Kind.EGIFT}),
}

SCAN_EVIDENCE = frozenset({Evidence.UNKNOWN, Evidence.ASSUMED, Evidence.LOGICAL, Evidence.SCANNED})
"""A postal scan has one of these; USPS also reports (ACS), which is not a scan."""

_INFERRED = frozenset({Evidence.INFERRED})
_SEEN = frozenset({Evidence.SCANNED, Evidence.REPORTED})
_EVIDENCE = {
    "": frozenset(Evidence),
    "inferred": _INFERRED,
    "observed": frozenset(Evidence) - _INFERRED,
    "seen": _SEEN,
    "ruled": frozenset(Evidence) - _SEEN - _INFERRED,
}

TABLE = """
id | st | code                 | kinds      | ✗ | evid     | label                              | stannp         | postalytics          | postgrid                 | sendoso               | lob
 1 | 0  | link_opened          | all        |   |          | Link opened                        |                | pURLOpened           |                          |                       | viewed
 2 | 0  | goal_reached         | all        |   |          | Goal reached                       |                | pURLCompleted        |                          |                       |
 3 | 1  | created              | all        | ✗ |          | Received                           | received       |                      | ready                    | Order Received        | created
 4 | 1  | awaiting_approval    | all        | ✗ |          | Awaiting approval                  | received       |                      | ready                    | Order Received        | created
 5 | 1  | address_requested    | gift       | ✗ |          | Confirming address                 | received       |                      |                          | Confirming Address    |
 6 | 1  | ordered              | gift       | ✗ |          | Order received                     | received       |                      |                          | Order Received        |
 7 | 1  | held                 | all        | ✗ |          | Held                               | received       |                      | ready                    | Fulfillment Issue     |
 8 | 1  | resumed              | all        | ✗ |          | Received                           | received       |                      | ready                    | Order Received        |
 9 | 1  | supplier_fulfilling  | gift       |   |          | Supplier fulfilling                | producing      |                      |                          | Amazon Fulfilling     |
10 | 1  | supplier_shipped     | gift       |   |          | Supplier shipped                   | producing      |                      |                          | Amazon Shipped        |
11 | 1  | offer_sent           | egift      | ✗ |          | Sent                               | handed_over    |                      |                          | Sent                  |
12 | 2  | in_production        | mail       |   |          | Producing                          | producing      |                      | printing                 | Order Received        |
13 | 2  | rendered             | mail       |   |          | Producing: PDF sent to print       | producing      | MailPieceCreated     | printing                 | Order Received        | rendered_pdf
14 | 2  | addressed            | mail       |   |          | Producing: addressed               | producing      | Addressed            | printing                 | Order Received        |
15 | 2  | printed              | mail       |   |          | Producing: printed                 | producing      | Printed              | printing                 | Order Received        |
16 | 2  | reprinting           | mail       |   |          | Producing: damaged, printing again | producing      |                      | printing                 | Order Received        |
17 | 2  | opened               | egift      | ✗ |          | Opened                             | handed_over    |                      |                          | Opened                |
18 | 3  | handed_over          | mail       |   |          | Handed over                        | handed_over    | Mailed (Canada)      | processed_for_delivery   | Shipped               |
19 | 3  | shipped              | gift       |   |          | Shipped                            | handed_over    |                      |                          | Shipped               |
20 | 3  | scanned              | mail       |   |          | Scanned by the post                | in_transit     |                      | processed_for_delivery/E | Shipped               |
21 | 3  | clicked              | egift      | ✗ |          | Clicked                            | handed_over    |                      |                          | Clicked               |
22 | 4  | in_transit           | mail gift  |   |          | In transit                         | in_transit     | InTransit            | processed_for_delivery/E | Shipped               | In Transit
23 | 4  | in_local_area        | mail gift  |   |          | In local area                      | in_transit     | InLocalArea          | processed_for_delivery/E | Shipped               | In Local Area
24 | 4  | out_for_delivery     | mail gift  |   |          | Out for delivery                   | local_delivery | ProcessedForDelivery | processed_for_delivery/O | Shipped               | Processed for Delivery
25 | 4  | rerouted             | mail gift  |   |          | Re-routed                          | in_transit     | ReRouted             | processed_for_delivery/E | Shipped               | Re-Routed
26 | 4  | delivery_attempted   | mail gift  |   |          | Delivery attempted                 | local_delivery |                      | processed_for_delivery/O | Shipped               | Issue
27 | 4  | pickup_available     | mail gift  |   |          | Ready for pick-up                  | local_delivery |                      | processed_for_delivery/O | Shipped               | Pickup Available
28 | 4  | delivered            | mail gift  |   | inferred | Presumed delivered                 | delivered      |                      | completed                | Shipped               |
28 | 4  | delivered            | mail gift  |   | ruled    | Delivered                          | delivered      |                      | completed                | Delivered             | Delivered
32 | 4  | returned             | mail gift  |   | inferred | Presumed returned                  | returned       | ReturnedToSender     | /R                       | Undeliverable         | Returned to Sender
29 | 4  | expired              | egift      |   |          | Expired                            | cancelled      |                      |                          | Expired               |
36 | 4  | refunded             | gift egift |   | inferred | Refunded                           | cancelled      |                      |                          | Refunded              |
30 | 5  | undeliverable        | gift       |   |          | Undeliverable                      | returned       |                      |                          | Undeliverable         |
28 | 5  | delivered            | mail gift  |   | seen     | Delivered                          | delivered      |                      | completed                | Delivered             | Delivered
31 | 5  | redeemed             | egift      |   |          | Redeemed                           | delivered      |                      |                          | Redeemed              |
32 | 6  | returned             | mail gift  |   | observed | Returned                           | returned       | ReturnedToSender     | /R                       | Undeliverable         | Returned to Sender
33 | 7  | confirmation_expired | gift       |   |          | Confirmation cancelled             | cancelled      |                      |                          | Confirmation Canceled |
34 | 7  | failed               | all        |   |          | Failed                             | cancelled      |                      | cancelled                | Failed                | failed
35 | 7  | cancelled            | all        |   |          | Cancelled                          | cancelled      |                      | cancelled                | Canceled              | deleted
36 | 7  | refunded             | gift egift |   | observed | Refunded                           | cancelled      |                      |                          | Refunded              |
"""  # noqa: E501 — a table is read across


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the table. Empty text in a vocabulary's column: that reader is told nothing."""

    rank: int
    """Its place in the table."""
    id: int
    stage: int
    code: str
    kinds: frozenset[Kind]
    cancellable: bool
    evidence: frozenset[Evidence]
    label: str
    stannp: str
    postalytics: str
    postgrid: str
    sendoso: str
    lob: str


def _read(table: str) -> tuple[EventType, ...]:
    types = []
    for rank, line in enumerate(table.strip().splitlines()[1:]):
        id_, stage, code, kinds, cancellable, evidence, *words = (cell.strip() for cell in line.split("|"))
        types.append(
            EventType(rank, int(id_), int(stage), code, _KINDS[kinds], cancellable == "✗", _EVIDENCE[evidence], *words)
        )
    return tuple(types)


EVENT_TYPES = _read(TABLE)
BY_CODE_AND_EVIDENCE = {(t.code, evidence): t for t in EVENT_TYPES for evidence in t.evidence}
CODE_BY_ID = {t.id: t.code for t in EVENT_TYPES}
ID_BY_CODE = {t.code: t.id for t in EVENT_TYPES}
CODES = tuple(ID_BY_CODE)


def event_type(code: str, evidence: Evidence) -> EventType:
    """The row that says where `code` stands when it is known by `evidence`."""
    return BY_CODE_AND_EVIDENCE[code, evidence]


def label(code: str, evidence: Evidence) -> str:
    """The words for people. What Sendtrail worked out by itself says so."""
    return event_type(code, evidence).label
