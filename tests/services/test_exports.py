"""A CSV holds exactly what the list shows, whatever stands in it, however long it is and whoever asks."""

import asyncio
import csv
import gc
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendtrail.domain.cells import marked
from sendtrail.domain.events import Evidence, Kind, Source
from sendtrail.domain.observation import Observation, event_item
from sendtrail.domain.packing import to_ms
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import ROLES
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.standings import group_called
from sendtrail.services import audit, exports, sends, tracker
from sendtrail.services.campaigns import add_campaign
from sendtrail.services.context import Context
from sendtrail.services.exports import COLUMNS, export
from sendtrail.services.simulation import Wish, simulate
from sendtrail.services.tracker import Wanted, list_sends
from sendtrail.services.views import View
from sendtrail.store import exports as store
from sendtrail.store import ingest
from sendtrail.store.database import Connection
from sendtrail.store.system.responses import GOAL, VISIT, NewResponse, record
from tests.people import REACHED, world
from tests.services.organizations import organization
from tests.services.test_tracker import CASES, many

ADDRESS = ("name", "company", "email", "phone", "address_line1", "address_line2", "city", "state", "postal_code")


async def content(
    context: Context,
    scope: Scope,
    wanted: Wanted | None = None,
    *,
    modes: Sequence[bool] | None = None,
    spreadsheet: bool = True,
) -> str:
    parts = await export(context, scope, wanted or Wanted(), modes=modes, spreadsheet=spreadsheet)
    return b"".join([part.content async for part in parts]).decode()


async def notes(context: Context, scope: Scope) -> list[dict[str, object]]:
    """What the audit trail tells of exports, latest first."""
    found, _ = await audit.list_notes(context, scope)
    return [note.detail for note in found if note.action == "sends.exported"]


async def test_the_audit_trail_tells_what_was_taken_out(context: Context) -> None:
    scope = await organization(context)
    await many(context, scope, 24)
    await content(context, scope, Wanted(tag="vip", start=date(2026, 1, 1)))
    assert await notes(context, scope) == [
        {"mode": "live", "filters": {"tag": "vip", "start": "2026-01-01"}, "sends": 6, "whole": True}
    ]
    group = group_called("sendoso:Fulfillment Issue")
    assert group
    parts = await export(context, scope, Wanted(standings=group.standings), modes=(True, False))
    assert (await notes(context, scope))[0] == {"mode": "both", "filters": {"status": "sendoso:Fulfillment Issue"}}
    await anext(parts)
    await anext(parts)
    await parts.aclose()
    assert (await notes(context, scope))[0]["sends"] == 3
    assert (await notes(context, scope))[0]["whole"] is False
    with pytest.raises(Invalid):
        await export(context, scope, Wanted(status="some"))
    assert len(await notes(context, scope)) == 2


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


async def listed(context: Context, scope: Scope, wanted: Wanted, modes: Sequence[bool] | None = None) -> list[View]:
    found: list[View] = []
    after = None
    while True:
        page, after = await list_sends(context, scope, replace(wanted, after=after), 500, modes=modes)
        found += page
        if after is None:
            return found


def line(view: View, types: dict[str, str]) -> dict[str, str]:
    """What a send's line must be, from how the API shows it."""
    to, status, told = view["to"], view["status"], view["vocabularies"]
    sector = "gift" if view["kind"] in ("gift", "egift") else "single"
    if sector == "single" and view["campaign"]:
        sector = types[view["campaign"]["name"]]
    texts = {
        **{f"to.{name}": to.get(name, "") for name in ADDRESS},
        "to.country": to.get("country", ""),
        "campaign": view["campaign"]["name"] if view["campaign"] else "",
        "sender": view["sender"],
        "owner": view["owner"]["email"] if view["owner"] else "",
        "team": view["team"]["name"] if view["team"] else "",
        "tags": ";".join(view["tags"]),
        **{name: view[name] for name in ("mailing_class", "extra_service", "supplier", "message", "external_id")},
        **{name: view[name] for name in ("imb", "post", "carrier", "tracking_number")},
    }
    postalytics = told["postalytics"] or {"code": "", "name": ""}
    cents = view["cost_cents"]
    return {
        "id": view["id"],
        "kind": view["kind"],
        "mode": "live" if view["live"] else "test",
        "day": f"{view['day']}",
        "created_at": f"{view['created_at'].astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "send_date": f"{view['send_date'] or ''}",
        "status": status["code"],
        "status_label": status["label"],
        "evidence": status["evidence"],
        "since": f"{status['since']:%Y-%m-%d %H:%M:%S}",
        "expected_delivery": f"{view['expected_delivery'] or ''}",
        **dict(zip(texts, marked(texts.values(), numbers=True), strict=True)),
        "sector": sector,
        "tracking_url": view["tracking_url"],
        "cost": "" if cents is None else f"{cents / 100:.2f}",
        "currency": view["currency"],
        "stannp": told["stannp"] or "",
        "postalytics_code": str(postalytics["code"]),
        "postalytics": postalytics["name"],
        "postgrid": told["postgrid"]["status"] or "",
        "postgrid_imb": told["postgrid"]["imbStatus"] or "",
        "sendoso": told["sendoso"] or "",
        "lob": told["lob"] or "",
        "vendor": view["vendor"],
        "vendor_id": view["vendor_id"],
    }


async def types(context: Context, scope: Scope) -> dict[str, str]:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select name, type from campaign")
        return {name: type_ async for name, type_ in cursor}


async def test_a_whole_mailing_is_told_as_the_list_tells_it(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker, "_CHUNK", 70)
    scope = await organization(context, live=False)
    await simulate(context, scope, Wish(sends=250, days=40), tmp_path)
    shown = await listed(context, scope, Wanted())
    expected = [line(view, await types(context, scope)) for view in shown]
    assert table(await content(context, scope)) == expected
    assert len(expected) > 240
    assert len({row["postalytics"] for row in expected}) > 4


@pytest.mark.parametrize("case", ["oldest first", "cost", *sorted(CASES)[::3]])
async def test_each_filter_and_order_exports_what_it_lists(context: Context, case: str) -> None:
    scope = await organization(context)
    await many(context, scope, 48)
    wanted = {"oldest first": Wanted(sort="day"), "cost": Wanted(sort="-cost")}.get(case) or CASES[case][0]
    shown = await listed(context, scope, wanted)
    rows = table(await content(context, scope, wanted))
    assert [row["id"] for row in rows] == [view["id"] for view in shown]


async def test_both_modes_come_one_after_the_other(context: Context) -> None:
    scope = await organization(context)
    test = replace(scope, live=False)
    for each in (scope, test):
        await sends.create(context, each, [NewSend(kind="letter", to=Address(name="Ann"))] * 2)
    rows = table(await content(context, scope, modes=(True, False)))
    assert [row["mode"] for row in rows] == ["live", "live", "test", "test"]
    assert [row["mode"] for row in table(await content(context, scope))] == ["live", "live"]


@pytest.mark.parametrize("who", sorted(REACHED))
async def test_everybody_exports_what_they_reach(context: Context, who: str) -> None:
    made = await world(context)
    rows = table(await content(context, made.scopes[who]))
    assert {row["to.name"] for row in rows} == {f"To {name}." for name in REACHED[who]}
    shown = await listed(context, made.scopes[who], Wanted())
    assert rows == [line(view, dict.fromkeys([f"By {name}." for name in REACHED[who]], "bulk")) for view in shown]


async def test_costs_are_for_those_who_may_know_them(context: Context) -> None:
    scope = await organization(context)
    await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Ann"), cost_cents=105)])
    (row,) = table(await content(context, scope))
    assert (row["cost"], row["currency"]) == ("1.05", "USD")
    rights = {each: reach for each, reach in ROLES["admin"].items() if each != "money.read"}
    (row,) = table(await content(context, replace(scope, rights=rights)))
    assert (row["cost"], row["currency"]) == ("", "USD")


NASTY = (
    "=1+1",
    "+1 212 555 0100",
    "-2",
    "@SUM(A1)",
    '"quoted", and\r\nbroken',
    "line\nend",
    "李 小龙 𝄞",
    "\x1f\x1e,;",
    "'t Hooft",
)


async def test_whatever_people_wrote_comes_out_and_nothing_runs(context: Context) -> None:
    scope = await organization(context)
    for text in NASTY:
        await add_campaign(context, scope, " ".join(text.split()), "bulk")
    new = [
        NewSend(
            kind="gift", to=Address(name=text, company=text, phone=text), message=text, external_id=text, tags=[text],
            sender=text, supplier=text, carrier=text,
        )
        for text in NASTY
    ]  # fmt: skip
    made = await sends.create(context, scope, new)
    assert all(isinstance(view, dict) for view in made)
    text = await content(context, scope)
    found = {row["to.name"]: row for row in table(text)}
    assert found.keys() == set(marked(NASTY))
    for row in found.values():
        for name in ("to.company", "to.phone", "message", "external_id", "tags", "sender", "supplier", "carrier"):
            assert row[name] == row["to.name"], name
    for cells in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in cells)


async def test_a_spreadsheet_keeps_every_digit_and_a_program_gets_them_bare(context: Context) -> None:
    scope = await organization(context)
    imb, number = "0027012345620080000102134", "9400111899223197428497"
    to = Address(name="Ann", postal_code="02134")
    new = [NewSend(kind="letter", to=to, imb=imb), NewSend(kind="gift", to=to, tracking_number=number)]
    assert all(isinstance(view, dict) for view in await sends.create(context, scope, new))
    text = await content(context, scope)
    assert text.startswith("\ufeffid,kind,mode,")
    gift, letter = table(text)
    assert (letter["imb"], gift["tracking_number"], gift["to.postal_code"]) == (f"'{imb}", f"'{number}", "'02134")
    assert gift["tracking_url"].endswith(f"={number}")
    text = await content(context, scope, spreadsheet=False)
    assert text.startswith("id,kind,mode,")
    gift, letter = table(text)
    assert (letter["imb"], gift["tracking_number"], gift["to.postal_code"]) == (imb, number, "02134")


WHICH = st.integers(0, 2)
NEAR = st.integers(-3, 3).map(lambda seconds: timedelta(seconds=seconds))
FACTS = st.tuples(WHICH, st.sampled_from(["created", "in_transit", "delivered", "returned"]), NEAR)
RESPONSES = st.tuples(WHICH, st.sampled_from([VISIT, GOAL]), NEAR, st.booleans(), st.booleans())


@given(st.lists(FACTS, max_size=6), st.lists(RESPONSES, max_size=9))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_visits_and_goals_are_told_as_the_list_tells_them(
    context: Context, facts: list[tuple[int, str, timedelta]], responses: list[tuple[int, int, timedelta, bool, bool]]
) -> None:
    """By people only, whenever they came: before a scan, after it, in the very moment."""
    scope = await organization(context, f"Acme {uuid4()}")
    moment = datetime.now(UTC).replace(microsecond=1500)
    new = [NewSend(kind=kind, to=Address(name="Ann")) for kind in ("letter", "postcard", "gift")]
    made = await sends.create(context, scope, new, moment)
    numbers = [context.ids.decode(view["id"])[1] for view in made if isinstance(view, dict)]
    reported = [
        Observation(
            0, event_item(to_ms(moment + after), code, Source.PERSON, Evidence.REPORTED), send=str(numbers[which])
        )
        for which, code, after in facts
    ]
    visits = [
        NewResponse(numbers[which], code, moment + after, bot=bot, test=test)
        for which, code, after, bot, test in responses
    ]
    async with context.database.transaction() as connection:
        await ingest.record(connection, scope, ingest.copy_rows(reported, to_ms(moment) // 1000))
        await record(connection, visits, moment)
    rows = table(await content(context, scope))
    assert rows == [line(view, {}) for view in await listed(context, scope, Wanted())]


async def test_nothing_to_export_is_a_header(context: Context) -> None:
    text = await content(context, await organization(context))
    assert text == "\ufeff" + ",".join(COLUMNS) + "\r\n"


async def test_what_cannot_be_listed_is_refused_before_the_first_byte(context: Context) -> None:
    scope = await organization(context)
    with pytest.raises(Invalid, match="status must be one of"):
        await export(context, scope, Wanted(status="lost"))
    with pytest.raises(Invalid, match="sort must be one of"):
        await export(context, scope, Wanted(sort="colour"))


async def test_no_piece_reads_a_table_whole(context: Context) -> None:
    scope = await organization(context)
    made = await many(context, scope, 400)
    some = [context.ids.decode(view["id"])[1] for view in made[::40]]
    async with context.database.transaction() as connection:
        await connection.execute("analyze")
    async with context.database.snapshot() as connection:
        before = await _rows_read(connection)
        assert len(await store.rows(connection, scope, some, "\1", True, ["%\nann%"])) < len(some)
        after = await _rows_read(connection)
    assert 0 < after["send"] - before["send"] <= len(some)
    assert 0 < after["state"] - before["state"] <= len(some)


async def _rows_read(connection: Connection) -> dict[str, int]:
    cursor = await connection.execute(
        "select relname, coalesce(idx_tup_fetch, 0) + seq_tup_read from pg_stat_xact_user_tables"
        " where relname in ('send', 'state')"
    )
    return {name: n async for name, n in cursor}


async def test_never_more_than_four_pieces_are_held(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker, "_CHUNK", 5)
    monkeypatch.setattr(tracker, "_FIRST_CHUNK", 5)
    scope = await organization(context)
    await sends.create(context, scope, [NewSend(kind="letter", to=Address(name=f"To {n}")) for n in range(100)])
    most = rows = 0
    async for part in await export(context, scope, Wanted()):
        for _ in range(20):
            await asyncio.sleep(0)  # a slow reader
        most = max(most, sum(isinstance(each, exports._Piece) for each in gc.get_objects()))
        rows += part.sends
        assert part.sends <= 5
    assert rows == 100
    assert 1 <= most <= 4


async def test_a_reader_who_goes_away_ends_the_work(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker, "_CHUNK", 5)
    monkeypatch.setattr(tracker, "_FIRST_CHUNK", 5)
    scope = await organization(context)
    await sends.create(context, scope, [NewSend(kind="letter", to=Address(name=f"To {n}")) for n in range(100)])
    before = asyncio.all_tasks()
    parts = await export(context, scope, Wanted())
    async for part in parts:
        if part.sends:
            break
    await parts.aclose()
    assert asyncio.all_tasks() <= before


async def test_what_breaks_on_the_way_breaks_the_file(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker, "_CHUNK", 5)
    monkeypatch.setattr(tracker, "_FIRST_CHUNK", 5)
    scope = await organization(context)
    await sends.create(context, scope, [NewSend(kind="letter", to=Address(name=f"To {n}")) for n in range(100)])
    async with context.database.transaction() as connection:
        await connection.execute("update state set best = 63 where send_id = (select min(send_id) from state)")
    with pytest.raises(KeyError):
        await content(context, scope)


async def test_ticked_sends_are_exported_in_the_order_of_the_list(context: Context) -> None:
    scope = await organization(context)
    made = await many(context, scope, 20)
    only = tuple(view["id"] for view in made[3:9])
    rows = table(await content(context, scope, Wanted(only=only), modes=(True, False)))
    assert [row["id"] for row in rows] == [view["id"] for view in await listed(context, scope, Wanted(only=only))]
    assert {row["id"] for row in rows} == set(only)


async def test_few_shapes_are_remembered_at_once(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = await organization(context)
    await many(context, scope, 24)
    expected = await content(context, scope)
    monkeypatch.setattr(exports, "MOST_SHAPES", 2)
    monkeypatch.setattr(tracker, "_CHUNK", 5)
    monkeypatch.setattr(tracker, "_FIRST_CHUNK", 5)
    assert await content(context, scope) == expected
    words = exports.Words({})
    for kind in Kind:
        words.cells([(1, kind, "usps", 0, b"", "", "", "", "")])
        assert len(words._told) <= 2


def test_every_column_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "csv.md").read_text()
    told = [name for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE) for name in re.findall("`([^`]+)`", row)]
    recipient = [column for column in COLUMNS if column.startswith("to.")]
    first = told.index("to.name")
    assert told[first : first + 2] == [recipient[0], recipient[-1]]
    assert tuple(told[:first] + recipient + told[first + 2 :]) == COLUMNS
