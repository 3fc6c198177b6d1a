"""Whole journeys, told to every reader after each step, with the words written out.

`told` is what the step newly tells in Postalytics codes, `code` the one told last; `imb` is PostGrid's imbStatus with the
day of imbDate and imbZIPCode. An empty cell: nothing.
"""
# ruff: noqa: E501 — a table is read across

import pytest

from sendtrail.domain.events import CODES as EVENT_CODES
from sendtrail.domain.events import MAIL, Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Event
from sendtrail.domain.vocabularies import tell
from sendtrail.domain.vocabularies.postalytics import CODES, tellings
from tests.domain.trails import event

US = Facts(Kind.LETTER, post="usps")
CANADA = Facts(Kind.LETTER, post="canada_post")
GIFT, EGIFT = Facts(Kind.GIFT), Facts(Kind.EGIFT)
IN, OUT, BACK = "entered_mail_stream", "out_for_delivery", "returned_to_sender"

JOURNEYS = {
    "a letter with every scan": (
        US,
        f"""
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received | created
        03-02 09:30 awaiting_approval                    | received       |      |    | ready                  |                      | Order Received | created
        03-02 10:00 in_production                        | producing      |      |    | printing               |                      | Order Received |
        03-02 15:00 rendered                             | producing      | 0    | 0  | printing               |                      | Order Received | rendered_pdf
        03-03 10:00 addressed                            | producing      | 9    | 9  | printing               |                      | Order Received |
        03-03 11:00 printed                              | producing      | 10   | 10 | printing               |                      | Order Received |
        03-03 12:00 reprinting                           | producing      |      | 10 | printing               |                      | Order Received |
        03-03 13:00 printed                              | producing      |      | 10 | printing               |                      | Order Received |
        03-03 18:00 handed_over                          | handed_over    |      | 10 | processed_for_delivery |                      | Shipped        |
        03-03 22:00 scanned scanned 07099                | in_transit     | 11   | 11 | processed_for_delivery | {IN} 03-03 07099     | Shipped        |
        03-04 01:00 in_transit scanned 07099             | in_transit     | 4    | 4  | processed_for_delivery | {IN} 03-04 07099     | Shipped        | In Transit
        03-04 20:00 in_transit scanned 10199             | in_transit     |      | 4  | processed_for_delivery | {IN} 03-04 10199     | Shipped        | In Transit
        03-05 01:00 in_local_area scanned 10199          | in_transit     | 5    | 5  | processed_for_delivery | {IN} 03-05 10199     | Shipped        | In Local Area
        03-05 03:00 out_for_delivery scanned 10199       | local_delivery | 6    | 6  | processed_for_delivery | {OUT} 03-05 10199    | Shipped        | Processed for Delivery
        03-05 04:30 out_for_delivery scanned 10199       | local_delivery |      | 6  | processed_for_delivery | {OUT} 03-05 10199    | Shipped        | Processed for Delivery
        03-05 13:00 out_for_delivery logical 10001       | local_delivery |      | 6  | processed_for_delivery | {OUT} 03-05 10001    | Shipped        | Processed for Delivery
        03-05 16:00 delivered logical 10001              | delivered      |      | 6  | completed              | {OUT} 03-05 10001    | Delivered      | Delivered
        03-06 19:00 link_opened                          | delivered      | 7    | 7  | completed              | {OUT} 03-05 10001    | Delivered      | Delivered
        03-06 19:02 goal_reached                         | delivered      | 8    | 8  | completed              | {OUT} 03-05 10001    | Delivered      | Delivered
        03-07 10:00 link_opened                          | delivered      | 7    | 7  | completed              | {OUT} 03-05 10001    | Delivered      | Delivered
        """,
    ),
    "a letter whose first scan is in transit": (
        US,
        f"""
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received | created
        03-04 01:00 in_transit scanned 07099             | in_transit     | 11 4 | 4  | processed_for_delivery | {IN} 03-04 07099     | Shipped        | In Transit
        03-03 18:00 handed_over                          | in_transit     |      | 4  | processed_for_delivery | {IN} 03-04 07099     | Shipped        | In Transit
        """,
    ),
    "a letter with scans missing and late": (
        US,
        f"""
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received | created
        03-05 04:30 out_for_delivery scanned 10199       | local_delivery | 11 6 | 6  | processed_for_delivery | {OUT} 03-05 10199    | Shipped        | Processed for Delivery
        03-04 20:00 in_transit scanned 07099             | local_delivery | 4    | 6  | processed_for_delivery | {OUT} 03-05 10199    | Shipped        | Processed for Delivery
        03-03 23:59 printed                              | local_delivery | 10   | 6  | processed_for_delivery | {OUT} 03-05 10199    | Shipped        | Processed for Delivery
        03-06 10:00 scanned scanned 10001                | local_delivery |      | 6  | processed_for_delivery | {OUT} 03-05 10199    | Shipped        | Processed for Delivery
        03-05 04:30 delivered inferred 10199             | delivered      |      | 6  | completed              | {OUT} 03-05 10199    | Shipped        |
        """,
    ),
    "a letter never scanned": (
        US,
        """
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received | created
        03-03 18:00 handed_over                          | handed_over    |      |    | processed_for_delivery |                      | Shipped        |
        03-03 18:00 delivered inferred                   | delivered      |      |    | completed              |                      | Shipped        |
        """,
    ),
    "a letter delivered by rule, rerouted, and delivered again": (
        US,
        f"""
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received | created
        03-05 04:30 out_for_delivery scanned 10199       | local_delivery | 11 6 | 6  | processed_for_delivery | {OUT} 03-05 10199    | Shipped        | Processed for Delivery
        03-05 16:00 delivered logical 10001              | delivered      |      | 6  | completed              | {OUT} 03-05 10199    | Delivered      | Delivered
        03-07 02:00 rerouted scanned 10199               | in_transit     | 2    | 2  | completed              | {IN} 03-07 10199     | Shipped        | Re-Routed
        03-07 03:10 rerouted scanned 10199               | in_transit     |      | 2  | completed              | {IN} 03-07 10199     | Shipped        | Re-Routed
        03-09 01:00 in_local_area scanned 94188          | in_transit     | 5    | 5  | completed              | {IN} 03-09 94188     | Shipped        | In Local Area
        03-09 04:30 out_for_delivery scanned 94188       | local_delivery |      | 5  | completed              | {OUT} 03-09 94188    | Shipped        | Processed for Delivery
        03-10 02:00 rerouted scanned 94188               | in_transit     | 2    | 2  | completed              | {IN} 03-10 94188     | Shipped        | Re-Routed
        03-12 16:00 delivered logical 94105              | delivered      |      | 2  | completed              | {IN} 03-10 94188     | Delivered      | Delivered
        """,
    ),
    "a letter returned after it was delivered by rule": (
        US,
        f"""
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received | created
        03-05 04:30 out_for_delivery scanned 10199       | local_delivery | 11 6 | 6  | processed_for_delivery | {OUT} 03-05 10199    | Shipped        | Processed for Delivery
        03-05 16:00 delivered logical 10001              | delivered      |      | 6  | completed              | {OUT} 03-05 10199    | Delivered      | Delivered
        03-09 23:59 returned reported                    | returned       | 3    | 3  | completed              | {BACK} 03-09         | Undeliverable  | Returned to Sender
        03-11 02:00 in_transit scanned 10199             | returned       | 4    | 3  | completed              | {BACK} 03-09         | Undeliverable  | Returned to Sender
        03-13 12:00 returned reported                    | returned       |      | 3  | completed              | {BACK} 03-13         | Undeliverable  | Returned to Sender
        """,
    ),
    "a letter returned before it was delivered": (
        US,
        f"""
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received | created
        03-03 18:00 handed_over                          | handed_over    |      |    | processed_for_delivery |                      | Shipped        |
        03-05 02:00 rerouted scanned 10199               | in_transit     | 11 2 | 2  | processed_for_delivery | {IN} 03-05 10199     | Shipped        | Re-Routed
        03-09 02:00 in_local_area scanned 60601          | in_transit     | 5    | 5  | processed_for_delivery | {IN} 03-09 60601     | Shipped        | In Local Area
        03-09 02:00 returned inferred 60601              | returned       | 3    | 3  | processed_for_delivery | {BACK} 03-09 60601   | Undeliverable  | Returned to Sender
        """,
    ),
    "a certified letter": (
        Facts(Kind.LETTER, post="usps", extra_service="certified"),
        f"""
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received | created
        03-04 09:00 in_transit reported                  | in_transit     | 11 4 | 4  | processed_for_delivery | {IN} 03-04           | Shipped        | In Transit
        03-05 12:00 delivery_attempted reported          | local_delivery |      | 4  | processed_for_delivery | {OUT} 03-05          | Shipped        | Issue
        03-05 17:00 pickup_available reported            | local_delivery |      | 4  | processed_for_delivery | {OUT} 03-05          | Shipped        | Pickup Available
        03-07 11:00 delivered reported                   | delivered      |      | 4  | completed              | {OUT} 03-05          | Delivered      | Delivered
        """,
    ),
    "a Canadian letter": (
        CANADA,
        """
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received | created
        03-02 15:00 rendered                             | producing      | 0    | 0  | printing               |                      | Order Received | rendered_pdf
        03-03 10:00 addressed                            | producing      | 9    | 9  | printing               |                      | Order Received |
        03-03 11:00 printed                              | producing      | 10   | 10 | printing               |                      | Order Received |
        03-03 18:00 handed_over                          | handed_over    | 11   | 11 | processed_for_delivery |                      | Shipped        |
        03-04 18:00 handed_over                          | handed_over    |      | 11 | processed_for_delivery |                      | Shipped        |
        03-05 18:00 in_transit reported                  | in_transit     |      | 11 | processed_for_delivery |                      | Shipped        | In Transit
        03-06 18:00 rerouted reported                    | in_transit     |      | 11 | processed_for_delivery |                      | Shipped        | Re-Routed
        03-09 18:00 link_opened                          | in_transit     | 7    | 7  | processed_for_delivery |                      | Shipped        | Re-Routed
        03-10 18:00 returned reported                    | returned       |      | 7  | processed_for_delivery |                      | Undeliverable  | Returned to Sender
        """,
    ),
    "a letter held, resumed and cancelled": (
        US,
        """
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received    | created
        03-02 10:00 held                                 | received       |      |    | ready                  |                      | Fulfillment Issue |
        03-02 11:00 resumed                              | received       |      |    | ready                  |                      | Order Received    |
        03-02 12:00 cancelled                            | cancelled      |      |    | cancelled              |                      | Canceled          | deleted
        """,
    ),
    "a letter that failed": (
        US,
        """
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received    | created
        03-02 12:00 failed                               | cancelled      |      |    | cancelled              |                      | Failed            | failed
        """,
    ),
    "a cancelled letter that is scanned all the same": (
        US,
        f"""
        03-02 09:00 created                              | received       |      |    | ready                  |                      | Order Received    | created
        03-02 12:00 cancelled                            | cancelled      |      |    | cancelled              |                      | Canceled          | deleted
        03-05 04:30 out_for_delivery scanned 10199       | cancelled      | 11 6 | 6  | cancelled              | {OUT} 03-05 10199    | Canceled          | deleted
        03-05 16:00 delivered logical 10001              | cancelled      |      | 6  | cancelled              | {OUT} 03-05 10199    | Canceled          | deleted
        """,
    ),
    "a gift with its address confirmed": (
        GIFT,
        """
        03-02 09:00 created                              | received       |      |    |                        |                      | Order Received     | created
        03-02 09:01 address_requested                    | received       |      |    |                        |                      | Confirming Address |
        03-03 09:00 ordered                              | received       |      |    |                        |                      | Order Received     |
        03-03 10:00 held                                 | received       |      |    |                        |                      | Fulfillment Issue  |
        03-03 11:00 resumed                              | received       |      |    |                        |                      | Order Received     |
        03-04 15:00 shipped                              | handed_over    |      |    |                        |                      | Shipped            |
        03-05 15:00 in_transit reported                  | in_transit     | 4    | 4  |                        |                      | Shipped            | In Transit
        03-06 09:00 out_for_delivery reported            | local_delivery | 6    | 6  |                        |                      | Shipped            | Processed for Delivery
        03-06 09:00 delivered inferred                   | delivered      |      | 6  |                        |                      | Shipped            |
        03-06 14:00 delivered reported                   | delivered      |      | 6  |                        |                      | Delivered          | Delivered
        """,
    ),
    "a gift whose address was never confirmed": (
        GIFT,
        """
        03-02 09:00 created                              | received       |      |    |                        |                      | Order Received        | created
        03-02 09:01 address_requested                    | received       |      |    |                        |                      | Confirming Address    |
        03-09 09:01 confirmation_expired                 | cancelled      |      |    |                        |                      | Confirmation Canceled |
        03-09 10:00 refunded                             | cancelled      |      |    |                        |                      | Refunded              |
        """,
    ),
    "a gift by way of a supplier": (
        GIFT,
        """
        03-02 09:00 created                              | received       |      |    |                        |                      | Order Received    | created
        03-02 10:00 supplier_fulfilling                  | producing      |      |    |                        |                      | Amazon Fulfilling |
        03-03 10:00 supplier_shipped                     | producing      |      |    |                        |                      | Amazon Shipped    |
        03-06 10:00 shipped                              | handed_over    |      |    |                        |                      | Shipped           |
        03-09 10:00 undeliverable                        | returned       |      |    |                        |                      | Undeliverable     |
        """,
    ),
    "an eGift opened and redeemed": (
        EGIFT,
        """
        03-02 09:00 created                              | received       |      |    |                        |                      | Order Received | created
        03-02 09:01 offer_sent                           | handed_over    |      |    |                        |                      | Sent           |
        03-02 12:00 opened                               | handed_over    |      |    |                        |                      | Opened         |
        03-02 12:01 clicked                              | handed_over    |      |    |                        |                      | Clicked        |
        03-02 12:01 link_opened                          | handed_over    | 7    | 7  |                        |                      | Clicked        |
        03-02 18:00 opened                               | handed_over    |      | 7  |                        |                      | Clicked        |
        03-02 18:05 redeemed                             | delivered      |      | 7  |                        |                      | Redeemed       |
        """,
    ),
    "an eGift that expired": (
        EGIFT,
        """
        03-02 09:00 created                              | received       |      |    |                        |                      | Order Received | created
        03-02 09:01 offer_sent                           | handed_over    |      |    |                        |                      | Sent           |
        03-02 12:00 opened                               | handed_over    |      |    |                        |                      | Opened         |
        04-02 09:01 expired                              | cancelled      |      |    |                        |                      | Expired        |
        04-02 09:02 refunded                             | cancelled      |      |    |                        |                      | Refunded       |
        """,
    ),
    "an eGift redeemed although it had expired": (
        EGIFT,
        """
        03-02 09:01 offer_sent                           | handed_over    |      |    |                        |                      | Sent           |
        04-02 09:01 expired                              | cancelled      |      |    |                        |                      | Expired        |
        04-02 09:00 redeemed                             | delivered      |      |    |                        |                      | Redeemed       |
        """,
    ),
    "a visit before anything else is known": (
        US,
        """
        03-02 09:00 link_opened                          | received       | 7    | 7  | ready                  |                      |                | viewed
        03-01 09:00 created                              | received       |      | 7  | ready                  |                      | Order Received | created
        """,
    ),
}


def words_after(events: list[Event], facts: Facts) -> list[str]:
    """What the vocabularies say, in the shape of a table's row."""
    told = tellings(events, facts)[len(tellings(events[:-1], facts)) :]
    match tell(events, facts):
        case {"stannp": stannp, "postalytics": postalytics, "postgrid": dict(order), "sendoso": sendoso, "lob": lob}:
            assert postalytics is None or isinstance(postalytics, dict)
            date = order["imbDate"]
            assert date is None or (len(date) == 24 and date.endswith(":00.000Z"))
            imb = [order["imbStatus"], date and date[5:10], order["imbZIPCode"]]
            cells = [
                stannp,
                " ".join(str(telling.code) for telling in told),
                postalytics and postalytics["code"],
                order["status"],
                " ".join(filter(None, imb)),
                sendoso,
                lob,
            ]
            return ["" if cell is None else str(cell) for cell in cells]
        case other:
            pytest.fail(f"the vocabularies have another shape: {other}")


STEPS = [
    pytest.param(facts, table, id=f"{name}{'' if facts.kind is kind else f', as a {kind.word}'}")
    for name, (known, table) in JOURNEYS.items()
    for kind in sorted(MAIL if known.kind in MAIL else {known.kind})
    for facts in [Facts(kind, post=known.post, extra_service=known.extra_service)]
]


@pytest.mark.parametrize(("facts", "table"), STEPS)
def test_every_reader_hears_its_own_words_after_each_step(facts: Facts, table: str) -> None:
    events: list[Event] = []
    for line in table.strip().splitlines():
        text, *expected = (cell.strip() for cell in line.split("|"))
        events.append(event(text, len(events) + 1))
        assert facts.kind in events[-1].type.kinds
        assert words_after(events, facts) == expected, text


def test_the_journeys_pass_every_code() -> None:
    codes = {line.split()[2] for _, table in JOURNEYS.values() for line in table.strip().splitlines()}
    assert codes == set(EVENT_CODES)


def test_the_journeys_tell_every_postalytics_code() -> None:
    told = {
        telling.code
        for facts, table in JOURNEYS.values()
        for telling in tellings([event(line.split("|")[0]) for line in table.strip().splitlines()], facts)
    }
    assert told == set(CODES.values())
