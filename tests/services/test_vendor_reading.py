"""What vendors say reaches the trails of their sends: made where they are not known, else kept until they are."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from sendtrail.domain.problems import Conflict
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import feeds, ingest, sends
from sendtrail.services.context import Context
from sendtrail.services.ingest import Summary
from sendtrail.services.views import View
from tests.feeds.feeding import event, message
from tests.feeds.vendors import saying
from tests.feeds.vendors.saying import PARCEL, detail, tracked
from tests.services.hooks import listen, told
from tests.services.organizations import organization

IN_TRANSIT = tracked("In Transit", "2026-03-03T10:00:00Z")
ORDER = "letter_4nQBVsYx3bsYzQEgTk5BpV"


async def hear(context: Context, scope: Scope, format: str, body: object, name: str = "push") -> Summary:
    """Take one message, as JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    return await ingest.ingest_stream(context, scope, chunks(), name, format_=format)


def counts(summary: Summary) -> tuple[int, int, int, int]:
    return summary.new, summary.duplicate, summary.unmatched, summary.rejected


async def all_sends(context: Context, scope: Scope) -> list[View]:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select send_id from send order by send_id")
        numbers = [row[0] async for row in cursor]
        return list(reversed(await sends.views(connection, context, scope, numbers)))


def steps(send: View) -> list[tuple[str, str]]:
    return [(event["code"], event["evidence"]) for event in send["trail"]]


async def make(context: Context, scope: Scope, **fields: Any) -> View:
    (made,) = await sends.create(context, scope, [msgspec.convert({"to": {"name": "Ann"}} | fields, NewSend)])
    assert isinstance(made, dict), made
    return made


async def test_a_send_that_we_do_not_know_is_made_of_its_first_message_and_told_of_by_the_next(
    context: Context,
) -> None:
    scope = await organization(context)
    first = await hear(context, scope, "lob", saying.lob("letter.created"))
    body = saying.lob("letter.in_transit", IN_TRANSIT)
    again = [await hear(context, scope, "lob", body) for _ in range(2)]

    (send,) = await all_sends(context, scope)
    assert (counts(first), list(map(counts, again))) == ((1, 0, 0, 0), [(1, 0, 0, 0), (0, 1, 0, 0)])
    assert (send["vendor"], send["vendor_id"], send["supplier"]) == ("lob", "ltr_4868c3b754655f90", "Lob")
    assert (send["kind"], send["to"]["name"], send["metadata"]) == ("letter", "HARRY ZHANG", {"order": "A-1"})
    assert (str(send["send_date"]), send["cost_cents"], send["imb"]) == ("2026-03-01", 0, "")
    assert steps(send) == [("created", "reported"), ("in_transit", "reported")]
    assert send["trail"][0]["source"] == "vendor"
    assert send["status"]["code"] == "in_transit"
    assert send["trail"][-1]["place"]["zip"] == "94107"
    assert send["trail"][-1]["source"] == "vendor"


async def test_what_certified_mail_meets_asks_for_somebody(context: Context) -> None:
    scope = await organization(context)
    details = {"event": "package_undeliverable", "description": "Vacant", "action_required": False}
    issue = tracked("Issue", "2026-03-04T09:00:00Z", type="certified", details=details)
    await hear(context, scope, "lob", saying.lob("letter.certified.issue", issue, expected_delivery_date="2026-03-07"))

    (send,) = await all_sends(context, scope)
    assert (send["status"]["code"], send["status"]["evidence"]) == ("returned", "reported")
    assert send["trail"][-1]["detail"] == {"issue": "package undeliverable", "note": "Vacant"}
    assert send["expected_delivery"].isoformat() == "2026-03-07"


async def test_messages_of_one_piece_that_come_at_once_make_one_send(context: Context) -> None:
    scope = await organization(context)
    names = ("letter.created", "letter.rendered_pdf", "letter.mailed", "letter.in_local_area")

    await asyncio.gather(*(hear(context, scope, "lob", saying.lob(name)) for name in names))

    (send,) = await all_sends(context, scope)
    assert {code for code, _ in steps(send)} == {"created", "rendered", "handed_over", "in_local_area"}


async def test_what_comes_before_its_send_waits_for_it(context: Context) -> None:
    scope = await organization(context)
    told = {"send_gid": "g-1", "status_changed_at": "2026-03-04T08:00:00Z"}
    parcel = saying.easypost(detail("delivered", "2026-03-05T10:00:00Z"))
    heard = [
        await hear(context, scope, "sendoso.shipped", told),
        await hear(context, scope, "sendoso.opened", told),
        await hear(context, scope, "easypost", parcel),
        await hear(context, scope, "easypost", parcel),
    ]
    waiting, after = await feeds.list_unmatched(context, scope, 100)

    gift = await make(context, scope, kind="gift", vendor="sendoso", vendor_id="g-1", tracking_number=PARCEL)

    assert [counts(each) for each in heard] == [(0, 0, 1, 0)] * 4
    assert [(each.send, each.code) for each in waiting] == [
        ("sendoso:g-1", "shipped"),
        ("sendoso:g-1", "opened"),
        (PARCEL, "delivered"),
    ]
    assert after is None
    assert sorted(code for code, _ in steps(gift)) == ["created", "delivered", "shipped"]
    assert gift["status"]["code"] == "delivered"
    assert gift["expected_delivery"].isoformat() == "2026-03-07"
    assert await feeds.count_unmatched(context, scope) == 0
    (refused,), _ = await feeds.list_rejects(context, scope, waiting[1].file or "", 10)
    assert refused.reason == "code: a gift is never opened"


async def test_a_send_was_received_before_all_that_waited_for_it(context: Context) -> None:
    scope = await organization(context)
    for n, word in enumerate(("order_received", "initiated", "sent"), 1):
        told = {"send_gid": f"g-{n}", "status_changed_at": "2026-03-04T08:00:00Z"}
        await hear(context, scope, f"sendoso.{word}", told)

    gift = await make(context, scope, kind="gift", vendor="sendoso", vendor_id="g-1")
    begun = await make(context, scope, kind="gift", vendor="sendoso", vendor_id="g-2")
    offer = await make(context, scope, kind="egift", to={"email": "a@b.test"}, vendor="sendoso", vendor_id="g-3")

    assert [each["status"]["code"] for each in (gift, begun, offer)] == ["ordered", "created", "offer_sent"]
    assert [event["occurred_at"].day for event in gift["trail"]] == [4, 4]
    assert [event["source"] for event in begun["trail"]] == ["vendor"]
    (created,) = [event for event in gift["trail"] if event["code"] == "created"]
    assert created["source"] == "system"
    assert created["recorded_at"] > datetime(2026, 6, 1, tzinfo=UTC)


async def test_a_send_that_is_made_of_a_message_begins_when_its_vendor_made_it(context: Context) -> None:
    scope = await organization(context)
    body = saying.lob("letter.in_transit", IN_TRANSIT, date_created="2026-03-01T07:00:00Z")
    await hear(context, scope, "lob", body)
    await hear(context, scope, "postalytics", saying.postalytics(0))
    await hear(context, scope, "stannp.csv", b"id,status,date,name,created\n1,printing,2026-03-06,Ann,2026-03-02\n")

    letter, second, third = await all_sends(context, scope)
    assert [f"{send['trail'][0]['occurred_at']:%m-%d %H:%M}" for send in (letter, second, third)] == [
        "03-01 07:00",
        "03-04 08:00",
        "03-03 04:59",
    ]
    assert [send["trail"][0]["code"] for send in (letter, second, third)] == ["created"] * 3


async def test_what_vendors_say_of_unknown_sends_is_listed_before_scans(context: Context) -> None:
    scope = await organization(context)
    await hear(context, scope, "iv_mtr_json", message(event(1), event(2)))
    for n in (1, 2):
        await hear(context, scope, "sendoso.shipped", {"send_gid": f"g-{n}", "status_changed_at": "2026-03-04"})

    for limit in (1, 2, 3, 4):
        listed, after = await feeds.list_unmatched(context, scope, limit)
        pages = [listed]
        while after:
            listed, after = await feeds.list_unmatched(context, scope, limit, after)
            pages.append(listed)
        names = [each.send or each.imb[-6:] for page in pages for each in page]
        assert names == ["sendoso:g-1", "sendoso:g-2", *(event(n)["imbTrackingCode"][-6:] for n in (1, 2))]
        assert len(pages) == -(-4 // limit)


async def test_the_words_fit_the_kind_of_send_whoever_tells(context: Context) -> None:
    scope = await organization(context)
    letter = await make(context, scope, kind="letter", vendor="sendoso", vendor_id="g-2")
    told = {"send_gid": "g-2", "status_changed_at": "2026-03-04T08:00:00Z"}

    summary = await hear(context, scope, "sendoso.shipped", told)
    odd = await hear(context, scope, "sendoso.redeemed", told | {"more": 1})
    await make(context, scope, kind="egift", to={"email": "a@b.test"}, vendor="sendoso", vendor_id="g-3")
    wrong = await hear(context, scope, "sendoso.shipped", told | {"send_gid": "g-3"})

    assert (counts(summary), counts(odd)) == ((1, 0, 0, 0), (0, 0, 0, 1))
    assert steps(await sends.get(context, scope, letter["id"]))[-1] == ("handed_over", "reported")
    (reject,), _ = await feeds.list_rejects(context, scope, context.ids.encode("file", wrong.feed_file_id), 10)
    assert reject.reason == "code: an egift is never shipped"


async def test_one_trail_covers_what_a_vendor_a_carrier_and_a_printer_say(context: Context) -> None:
    scope = await organization(context)
    await hear(context, scope, "postgrid", saying.postgrid("letter.created", status="ready", trackingNumber=PARCEL))
    await hear(context, scope, "easypost", saying.easypost(detail("delivered", "2026-03-05T10:00:00Z")))
    await hear(context, scope, "postgrid", saying.postgrid(changed=["status"], status="completed"))

    (send,) = await all_sends(context, scope)
    assert [(event["code"], event["evidence"], event["source"]) for event in send["trail"][1:]] == [
        ("delivered", "reported", "carrier"),
        ("delivered", "inferred", "vendor"),
    ]
    assert (send["status"]["label"], send["status"]["evidence"]) == ("Delivered", "reported")


async def test_what_postgrid_repeats_of_an_order_is_told_once(context: Context) -> None:
    scope = await organization(context)
    await hear(context, scope, "postgrid", saying.postgrid("letter.created", status="ready"))
    for hour, changed, order in (
        (10, {"status": "processed_for_delivery"}, {}),
        (11, {"description": "x"}, {}),
        (12, None, {}),
        (13, "all", {"imbStatus": "out_for_delivery", "updatedAt": "2026-03-06T09:00:00Z"}),
        (14, None, {"imbStatus": "out_for_delivery", "updatedAt": "2026-03-06T11:00:00Z"}),
        (15, ["status"], {"status": "completed"}),
    ):
        event = saying.postgrid(changed=changed, **order) | {"createdAt": f"2026-03-07T{hour}:00:00Z"}
        await hear(context, scope, "postgrid", event)

    (send,) = await all_sends(context, scope)
    assert [code for code, _ in steps(send) if code != "created"] == ["handed_over", "out_for_delivery", "delivered"]


async def test_a_parcel_s_number_that_we_do_not_recognise_finds_its_send(context: Context) -> None:
    scope = await organization(context)
    order = saying.postgrid("letter.created", status="ready", trackingNumber="DHL 5555555550")
    await hear(context, scope, "postgrid", order)

    found = detail("delivered", "2026-03-05T10:00:00Z")
    summary = await hear(context, scope, "easypost", saying.easypost(found, tracking_code="DHL5555555550"))

    (send,) = await all_sends(context, scope)
    assert (counts(summary), send["tracking_number"], send["carrier"]) == ((1, 0, 0, 0), "DHL5555555550", "")


async def test_a_vendor_s_id_means_one_send(context: Context) -> None:
    scope = await organization(context)
    await make(context, scope, kind="letter", vendor="lob", vendor_id="ltr_1")
    other = NewSend("letter", Address(name="Bob"), vendor="lob", vendor_id="ltr_1")
    elsewhere = msgspec.structs.replace(other, vendor="postgrid")

    refused, made = await sends.create(context, scope, [other, elsewhere])

    assert isinstance(refused, Conflict)
    assert refused.message == "vendor_id 'ltr_1' of lob is another send's"
    assert isinstance(made, dict)


@pytest.mark.parametrize("body", [b"", b"\0", b"{}", b"[]", b'{"event_type":{"id":"letter.created"},"body":3}'])
async def test_what_makes_no_sense_is_kept_with_its_reason(context: Context, body: bytes) -> None:
    scope = await organization(context)

    summary = await hear(context, scope, "lob", body)

    assert summary.rejected == 1
    (reject,), _ = await feeds.list_rejects(context, scope, context.ids.encode("file", summary.feed_file_id), 10)
    assert reject.reason


async def test_a_message_that_was_not_read_to_its_end_is_read_as_what_it_is(context: Context) -> None:
    scope = await organization(context)
    summary = await hear(context, scope, "sendoso.delivered", {"send_gid": "g-3", "status_changed_at": "2026-03-04"})
    async with context.database.transaction() as connection:
        await connection.execute("update feed_file set finished_at = null, claimed_until = 'epoch'")
        await connection.execute("delete from unmatched_report")

    resumed = await ingest.resume(context)

    assert resumed is not None
    assert counts(resumed) == counts(summary) == (0, 0, 1, 0)


async def test_a_number_that_a_send_is_given_later_finds_what_waited(context: Context) -> None:
    scope = await organization(context)
    gift = await make(context, scope, kind="gift")
    await hear(context, scope, "easypost", saying.easypost(detail("in_transit", "2026-03-03T10:00:00Z")))
    async with context.database.transaction() as connection:
        await connection.execute(
            "insert into alias select organization_id, live, 'tracking_number', %s, send_id from send", [PARCEL]
        )
        await connection.execute("update send set tracking_number = %s", [PARCEL])

    assert await ingest.sweep(context) == 1
    assert await ingest.sweep(context) == 0
    assert steps(await sends.get(context, scope, gift["id"]))[-1] == ("in_transit", "reported")


async def test_an_export_makes_the_sends_of_the_past_with_what_became_of_them(context: Context) -> None:
    scope = await organization(context)
    export = (
        b"Lob ID,Type,Status,Status Date,Mailed,Recipient Name,Address Line 1,City,State,Zip,Cost,Campaign,Team\n"
        b"psc_1,Postcard,Delivered,2025-03-06,2025-03-03,Ann Lee,1 Main St,Boston,MA,02114,$0.78,Spring,East\n"
        b"psc_2,Postcard,Melted,2025-03-06,2025-03-03,Bob,2 Main St,Boston,MA,02114,,Spring,\n"
        b"psc_3,Postcard,Returned to Sender,2025-03-09,,,,,,,,,\n"
        b"\n"
        b",Postcard,Mailed,2025-03-09,,Eve,,,,,,,\n"
    )

    summaries = [await hear(context, scope, "lob.csv", export, "export.csv") for _ in range(2)]

    (first,) = await all_sends(context, scope)
    assert [counts(each) for each in summaries] == [(2, 0, 1, 2), (0, 2, 1, 2)]
    assert steps(first)[1:] == [("handed_over", "reported"), ("delivered", "logical")]
    assert (first["kind"], first["cost_cents"], first["campaign"]["name"]) == ("postcard", 0, "Spring")
    assert (first["metadata"], first["to"]["postal_code"]) == ({"Cost": "$0.78", "Team": "East"}, "02114")
    assert str(first["send_date"]) == "2025-03-03"
    file = context.ids.encode("file", summaries[0].feed_file_id)
    rejects, _ = await feeds.list_rejects(context, scope, file, 10)
    assert [(each.line, each.reason) for each in rejects] == [
        (3, 'Status "Melted" is no status that we know'),
        (6, "Lob ID is missing: it says which send is meant"),
    ]


@pytest.mark.parametrize(
    ("format", "line", "kind", "told"),
    [
        (
            "stannp",
            "id,status,timestamp,address,postcode,type\n7,local_delivery,2025-03-06 10:00:00,1 High St,02114,letter",
            "letter",
            ("out_for_delivery", "reported"),
        ),
        (
            "postgrid",
            "id,status,updatedAt,firstName,postalOrZip\ncheque_1,completed,2025-03-06T10:00:00Z,Ann,02114",
            "cheque",
            ("delivered", "inferred"),
        ),
        (
            "postalytics",
            "Mail ID,Event,Event Date,First Name,Last Name\n1,ReRouted,2025-03-06,Ann,Lee",
            "letter",
            ("rerouted", "reported"),
        ),
        (
            "sendoso",
            "send_gid,type,status,status_changed_at,Recipient Email\ng1,eGifts USA,Used,2025-03-06T10:00:00Z,a@b.test",
            "egift",
            ("redeemed", "reported"),
        ),
        (
            "sendoso",
            "send_gid;type;status;status_changed_at;Recipient Name\ng1;Sendoso Direct;Packed;2025-03-06T10:00:00Z;Ann",
            "gift",
            ("supplier_fulfilling", "reported"),
        ),
    ],
)
async def test_each_vendor_s_export_is_read_by_the_names_of_its_columns(
    context: Context, format: str, line: str, kind: str, told: tuple[str, str]
) -> None:
    scope = await organization(context)

    summary = await hear(context, scope, f"{format}.csv", line.encode())

    (send,) = await all_sends(context, scope)
    assert (counts(summary), send["kind"], steps(send)[-1]) == ((1, 0, 0, 0), kind, told)
    assert datetime(2025, 3, 5, tzinfo=UTC) < send["trail"][-1]["occurred_at"] < datetime(2025, 3, 8, tzinfo=UTC)


async def test_what_webhooks_told_an_export_does_not_tell_once_more(context: Context) -> None:
    scope = await organization(context)
    await hear(context, scope, "lob", saying.lob("letter.delivered"))
    export = b"id,status,date,mailed\nltr_4868c3b754655f90,Delivered,2026-03-05,2026-03-02\n"

    summary = await hear(context, scope, "lob.csv", export)

    (send,) = await all_sends(context, scope)
    assert counts(summary) == (1, 1, 0, 0)
    assert steps(send)[1:] == [("delivered", "logical"), ("handed_over", "reported")]


async def test_hooks_hear_of_messages_and_never_of_an_export_s_past(context: Context) -> None:
    scope = await organization(context)
    everything = await listen(context, scope, "send.*", "postalytics.*", "postgrid.*")
    export = b"id,status,date,name\nltr_4868c3b754655f90,In Transit,2025-03-06,Ann\n"

    await hear(context, scope, "lob.csv", export)
    past = await told(context)
    await hear(context, scope, "lob", saying.lob("letter.viewed"))
    await hear(context, scope, "lob", saying.lob("letter.delivered"))
    news = [(each.type, each.body["data"].get("event", {}).get("evidence")) for each in await told(context)]

    assert everything
    assert past == []
    assert [each for each in news if each[0].startswith("send.")] == [
        ("send.link_opened", "reported"),
        ("send.delivered", "logical"),
    ]
    assert {"postalytics.pURLOpened", "letter.updated"} <= {type_ for type_, _ in news}
