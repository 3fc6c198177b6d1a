"""The Send Tracker finds what a plain look at every send would find, from whatever it reads."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sendtrail.domain.events import EVENT_TYPES, ID_BY_CODE, Evidence, Kind, event_type
from sendtrail.domain.imb.bulk import encode_many
from sendtrail.domain.packing import BEST
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import ROLES, Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.standings import of_types, standing
from sendtrail.services import people, selections, sends, sorting, tracker
from sendtrail.services.campaigns import add_campaign
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from sendtrail.services.tracker import Wanted, list_sends, matching, tally
from sendtrail.services.views import View
from sendtrail.store import sourcing
from sendtrail.store import tracker as store
from sendtrail.store.tracker import All, Cells, Filter, Ids, Prefix, Source, Term
from tests.people import world
from tests.services.organizations import organization

DAY = date(2026, 3, 2)
NAMES = ("Ann Lee", "Bo Müller", "Ánna Öz", "anna-maria smith", "Jo O'Neil", "李 小龙")
COMPANIES = ("", "Acme 100% Ltd", "Anderson & Sons", "acme_west")
KINDS = ("letter", "postcard", "gift", "egift")
HELD = BEST.pack(stage=0, ms=0, rank=0, evidence=Evidence.REPORTED, code=ID_BY_CODE["held"])


async def many(context: Context, scope: Scope, n: int = 96) -> list[View]:
    """Sends that differ in all that they can be found by."""
    await add_campaign(context, scope, "Spring", "bulk")
    await add_campaign(context, scope, "Birthdays", "triggered")
    new = [
        NewSend(
            kind=KINDS[i % 4],  # type: ignore[arg-type]  # of a tuple of texts
            to=Address(
                name=NAMES[i % 6], company=COMPANIES[i % 4], email=f"p{i % 7}@x.org", address_line1="1 Elm", city="Rye"
            ),
            campaign=("", "Spring", "Birthdays")[i % 3],
            send_date=DAY + timedelta(days=i % 5),
            tags=["VIP"] if i % 4 == 0 else ["vip 2"] if i % 4 == 1 else [],
            sender=("", "Mia", "mia")[i % 3],
            supplier="Amazon" if i % 4 == 2 and i % 8 == 2 else "",
            mailing_class="marketing" if i % 4 < 2 and i % 3 else "",
            external_id=f"order-{i}",
            cost_cents=i * 37 % 100,
        )
        for i in range(n)
    ]
    made = await sends.create(context, scope, new)
    views = [each for each in made if isinstance(each, dict)]
    assert len(views) == n
    for i, view in enumerate(views):
        if i % 11 == 0:
            await sends.record_events(context, scope, view["id"], [NewEvent("held")])
        elif i % 7 == 0:
            await sends.record_events(context, scope, view["id"], [NewEvent("cancelled")])
    return [await sends.get(context, scope, view["id"]) for view in views]


def number(view: Mapping[str, Any], context: Context) -> int:
    return context.ids.decode(view["id"])[1]


def words(view: View) -> list[str]:
    """A plain spelling of the recipients above."""
    to = view["to"]
    text = " ".join([to.get("name", ""), to.get("company", ""), to.get("email", "")]).lower()
    text += " " + text.replace("'", "")
    for accent, plain in (("á", "a"), ("ö", "o"), ("ü", "u")):
        text = text.replace(accent, plain)
    found = []
    for word in text.split():
        found += [word] if "@" in word else "".join(c if c.isalnum() or c == "_" else " " for c in word).split()
    return found


def has(*beginnings: str) -> Callable[[View], bool]:
    return lambda view: all(any(word.startswith(each) for word in words(view)) for each in beginnings)


CASES: dict[str, tuple[Wanted, Callable[[View], bool]]] = {
    "everything": (Wanted(), lambda view: True),
    "a beginning": (Wanted(q="an"), has("an")),
    "an accent": (Wanted(q="MÜL"), has("mul")),
    "without the accent": (Wanted(q="oz"), has("oz")),
    "two words": (Wanted(q="ann and"), has("ann", "and")),
    "words of any place": (Wanted(q="smith an"), has("smith", "an")),
    "a company with signs": (Wanted(q="100%"), has("100")),
    "an underline is no joker": (Wanted(q="acme_w"), has("acme_w")),
    "an e-mail address": (Wanted(q="p3@x"), has("p3@x")),
    "another alphabet": (Wanted(q="小"), has("小")),
    "a sign only": (Wanted(q="%"), lambda view: False),
    "a mark is no word": (Wanted(q="#vip"), has("vip")),
    "the recipient": (Wanted(recipient="o'ne"), has("one")),
    "without the apostrophe": (Wanted(q="jo oneil"), has("jo", "oneil")),
    "a part of a name": (Wanted(q="neil"), has("neil")),
    "a tag": (Wanted(tag="vip"), lambda view: "VIP" in view["tags"]),
    "another tag": (Wanted(tag="VIP 2"), lambda view: "vip 2" in view["tags"]),
    "a tag's beginning": (Wanted(tag="vi"), lambda view: False),
    "a sender": (Wanted(sender="MIA"), lambda view: view["sender"].lower() == "mia"),
    "a supplier's beginning": (Wanted(supplier="AMAZ"), lambda view: view["supplier"] == "Amazon"),
    "a supplier": (Wanted(supplier="amazon"), lambda view: view["supplier"] == "Amazon"),
    "a class": (Wanted(mailing_class="marketing"), lambda view: view["mailing_class"] == "marketing"),
    "a status": (Wanted(status="held"), lambda view: view["status"]["code"] == "held"),
    "statuses": (Wanted(status="held,cancelled"), lambda view: view["status"]["code"] in ("held", "cancelled")),
    "a status that nobody has": (Wanted(status="returned"), lambda view: False),
    "a category": (Wanted(category="cancelled"), lambda view: view["status"]["code"] == "cancelled"),
    "a standing": (
        Wanted(standings=frozenset({standing(Kind.GIFT, HELD), standing(Kind.LETTER, HELD)})),
        lambda view: view["status"]["code"] == "held" and view["kind"] in ("gift", "letter"),
    ),
    "a kind": (Wanted(kind="gift"), lambda view: view["kind"] == "gift"),
    "gifts": (Wanted(sector="gift"), lambda view: view["kind"] in ("gift", "egift")),
    "single items": (Wanted(sector="single"), lambda view: not view["campaign"] and "gift" not in view["kind"]),
    "bulk": (
        Wanted(sector="bulk"),
        lambda view: bool(view["campaign"]) and view["campaign"]["name"] == "Spring" and "gift" not in view["kind"],
    ),
    "a campaign": (Wanted(campaign="Spring"), lambda view: (view["campaign"] or {}).get("name") == "Spring"),
    "days": (Wanted(start=DAY + timedelta(1), end=DAY + timedelta(2)), lambda view: 1 <= (view["day"] - DAY).days <= 2),
    "an id of theirs": (Wanted(q="order-17"), lambda view: view["external_id"] == "order-17"),
    "an id in capitals": (Wanted(q="ORDER-17"), lambda view: view["external_id"] == "order-17"),
    "all at once": (
        Wanted(q="an", tag="vip", status="held", campaign="Spring", kind="letter", start=DAY),
        lambda view: (
            has("an")(view)
            and "VIP" in view["tags"]
            and view["status"]["code"] == "held"
            and (view["campaign"] or {}).get("name") == "Spring"
        ),
    ),
}


async def whole(context: Context, scope: Scope, wanted: Wanted, limit: int) -> list[str]:
    """The ids of all pages."""
    ids: list[str] = []
    after: str | None = None
    while True:
        views, after = await list_sends(context, scope, replace(wanted, after=after), limit)
        assert len(views) <= limit
        ids += [view["id"] for view in views]
        if after is None:
            return ids


async def test_every_filter_finds_what_a_plain_look_finds(context: Context) -> None:
    scope = await organization(context)
    views = await many(context, scope)
    for name, (wanted, fits) in CASES.items():
        order = sorted(filter(fits, views), key=lambda view: (view["day"], number(view, context)), reverse=True)
        expected = [view["id"] for view in order]
        for limit in (7, 200):
            assert await whole(context, scope, wanted, limit) == expected, name
        counted = await tally(context, scope, wanted)
        assert (counted.of(wanted), counted.exact) == (len(expected), True), name
        assert sum(counted.by_code.values()) == counted.total
        listed = [each async for _, ids in matching(context, scope, wanted) for each in ids]
        assert [context.ids.decode(each)[1] for each in expected] == listed, name


async def test_whatever_is_read_the_page_is_the_same(context: Context) -> None:
    scope = await organization(context)
    views = await many(context, scope)
    async with context.database.snapshot() as connection:
        everything = await store.cells(connection, scope, Filter(), True, None, 1_000_000)
        sources: list[tuple[Filter, list[Source]]] = [
            (Filter(kind=Kind.LETTER), []),
            (
                Filter(terms=("#vip",), standings=of_types(type_ for type_ in EVENT_TYPES if type_.id in (3, 7))),
                [Term("#vip")],
            ),
            (Filter(prefixes=("an", "le")), [Prefix("an"), Prefix("le")]),
            (Filter(terms=("@mia",), prefixes=("an",), sector="triggered"), [Term("@mia"), Prefix("an")]),
        ]
        for filter_, own in sources:
            for descending in (True, False):
                pages = [
                    (await store.page(connection, scope, filter_, source, descending, None, 500)).places()
                    for source in [
                        All(),
                        Cells([(cell.day, cell.campaign_id) for cell in everything]),
                        Ids([number(view, context) for view in views]),
                        *own,
                    ]
                ]
                assert pages[0]
                assert all(page == pages[0] for page in pages), filter_
                half = pages[0][len(pages[0]) // 2]
                for source in (All(), *own):
                    further = await store.page(connection, scope, filter_, source, descending, half, 500)
                    assert further.places() == pages[0][len(pages[0]) // 2 + 1 :]


@pytest.mark.parametrize(
    "sort",
    ["recipient", "-recipient", "-updated", "cost", "-created", "day", "-sender", "status", "-status", "kind"],
)
async def test_a_sorted_list_is_whole_page_by_page(context: Context, sort: str) -> None:
    scope = await organization(context)
    views = await many(context, scope, 40)
    keys: dict[str, Callable[[View], Any]] = {
        "recipient": lambda view: view["to"]["name"].lower(),
        "updated": lambda view: view["status"]["since"],
        "cost": lambda view: view["cost_cents"],
        "created": lambda view: 0,
        "day": lambda view: view["day"],
        "sender": lambda view: view["sender"].lower(),
        "status": lambda view: (rank(view), view["day"]),
        "kind": lambda view: (Kind[view["kind"].upper()], view["day"]),
    }
    key = keys[sort.removeprefix("-")]
    order = sorted(views, key=lambda view: (key(view), number(view, context)), reverse=sort.startswith("-"))
    assert await whole(context, scope, Wanted(sort=sort), 7) == [view["id"] for view in order]
    some = [view["id"] for view in order if view["status"]["code"] in ("held", "created") and "gift" in view["kind"]]
    assert await whole(context, scope, Wanted(sort=sort, status="held,created", sector="gift"), 3) == some
    named = [view["id"] for view in order if has("an")(view)]  # which the totals do not know
    assert await whole(context, scope, Wanted(sort=sort, q="an"), 6) == named


def rank(view: View) -> int:
    """How far the send is on its way."""
    return event_type(view["status"]["code"], Evidence[view["status"]["evidence"].upper()]).rank


async def test_a_page_stays_steady_while_sends_come_in(context: Context) -> None:
    scope = await organization(context)
    views = await many(context, scope, 20)
    first, after = await list_sends(context, scope, Wanted(), 8)
    await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="New"), send_date=DAY + timedelta(9))])
    rest, _ = await list_sends(context, scope, Wanted(after=after), 100)
    assert sorted(view["id"] for view in first + rest) == sorted(view["id"] for view in views)


async def test_numbers_of_a_send_find_it(context: Context) -> None:
    scope = await organization(context)
    imb = "0027090123456700000760601"
    (made, _) = await sends.create(
        context,
        scope,
        [
            NewSend(kind="letter", to=Address(name="Cy", postal_code="60601"), imb=imb, tracking_number=""),
            NewSend(kind="gift", to=Address(name="Di"), carrier="ups", tracking_number="1Z999AA10123456784"),
        ],
    )
    assert isinstance(made, dict)
    (bars,) = encode_many([imb[:20]], [imb[20:]])
    for text in (made["id"], made["id"].upper(), imb, imb[:20], str(bars), f" {imb} "):
        ((found,), _) = await list_sends(context, scope, Wanted(q=text), 10)
        assert found["id"] == made["id"], text
    for text in ("1Z999AA10123456784", "1z999aa10123456784", "1Z 999 AA1 0123 456784"):
        ((found,), _) = await list_sends(context, scope, Wanted(q=text), 10)
        assert found["to"]["name"] == "Di", text
    assert (await list_sends(context, scope, Wanted(q="00270901234567000008"), 10))[0] == []


async def test_live_and_test_are_listed_together_only_where_asked(context: Context) -> None:
    live = await organization(context)
    test = replace(live, live=False)
    for scope, name in ((live, "Live"), (test, "Test")):
        await sends.create(context, scope, [NewSend(kind="letter", to=Address(name=name), send_date=DAY)] * 3)

    assert {view["live"] for view in (await list_sends(context, live, Wanted(), 10))[0]} == {True}
    assert {view["live"] for view in (await list_sends(context, live, Wanted(), 10, modes=(False,)))[0]} == {False}
    both: list[View] = []
    after: str | None = None
    while len(both) < 6:
        views, after = await list_sends(context, live, Wanted(after=after), 2, modes=(True, False))
        both += views
    assert after is None
    assert [view["live"] for view in both] == [False] * 3 + [True] * 3
    assert (await tally(context, live, Wanted(), modes=(True, False))).by_code == {"created": 6}


async def test_everybody_finds_what_they_reach(context: Context) -> None:
    made = await world(context)
    for who, scope in made.scopes.items():
        for wanted in (Wanted(q="to"), Wanted(kind="letter"), Wanted(status="created"), Wanted(sort="recipient")):
            listed, _ = await list_sends(context, scope, wanted, 100)
            names = {view["to"]["name"] for view in listed}
            assert not names & set(made.unseen(who)), (who, wanted)
            counted = await tally(context, scope, wanted)
            assert counted.total == len(listed)


async def test_a_list_of_one_sender_or_team(context: Context) -> None:
    made = await world(context)
    ann = made.scopes["ann"]
    listed, _ = await list_sends(context, ann, Wanted(sender="sam@example.com"), 100)
    assert {view["to"]["name"] for view in listed} == {"To sam."}
    listed, _ = await list_sends(context, ann, Wanted(sender=context.ids.encode("member", made.members["tom"])), 100)
    assert {view["to"]["name"] for view in listed} == {"To tom."}
    await people.rename_oneself(context, made.scopes["tom"], "Tom Okafor")
    listed, _ = await list_sends(context, ann, Wanted(sender="tom OKAFOR"), 100)
    assert {view["to"]["name"] for view in listed} == {"To tom."}
    listed, _ = await list_sends(context, ann, Wanted(team="East"), 100)
    assert {view["to"]["name"] for view in listed} == {"To mia.", "To sam.", "To tom."}
    assert (await tally(context, ann, Wanted(team="East"))).total == 6
    with pytest.raises(Invalid, match="team 'West' does not exist"):
        await list_sends(context, ann, Wanted(team="West"), 10)


async def test_nobody_learns_what_sends_cost_from_their_order(context: Context) -> None:
    scope = await organization(context)
    blind = replace(scope, rights={Permission.SENDS_READ: Reach.ORGANIZATION})
    with pytest.raises(Invalid, match="sort must not be cost"):
        await list_sends(context, blind, Wanted(sort="-cost"), 10)


async def test_what_cannot_be_a_filter_is_named(context: Context) -> None:
    scope = await organization(context)
    await many(context, scope, 4)
    _, after = await list_sends(context, scope, Wanted(), 1)
    for wanted, param in (
        (Wanted(status="lost"), "status"),
        (Wanted(category="lost"), "category"),
        (Wanted(kind="parcel"), "kind"),
        (Wanted(sector="other"), "sector"),
        (Wanted(campaign="None"), "campaign"),
        (Wanted(mailing_class="third"), "mailing_class"),
        (Wanted(sort="name"), "sort"),
        (Wanted(after="x"), "after"),
        (Wanted(after=after, sort="recipient"), "after"),
        (Wanted(start=DAY, end=DAY - timedelta(1)), "start"),
    ):
        with pytest.raises(Invalid) as refused:
            await list_sends(context, scope, wanted, 10)
        assert refused.value.param == param


async def test_all_of_a_list_are_tagged_and_found_by_it(context: Context) -> None:
    scope = await organization(context)
    views = await many(context, scope, 24)
    outcome = await selections.tag(context, scope, Wanted(kind="letter"), "Follow  up")
    assert (outcome.done, outcome.refused) == (6, {})
    listed, _ = await list_sends(context, scope, Wanted(tag="follow UP"), 100)
    assert {view["id"] for view in listed} == {view["id"] for view in views if view["kind"] == "letter"}
    assert all("Follow up" in view["tags"] for view in listed)

    again = await selections.tag(context, scope, Wanted(), "follow up")
    assert (again.done, again.refused) == (18, {"with it already": 6})
    gone = await selections.tag(context, scope, Wanted(kind="gift"), "FOLLOW UP", remove=True)
    assert gone.done == 6
    assert (await tally(context, scope, Wanted(tag="follow up"))).total == 18
    assert not any(
        "Follow up" in view["tags"] for view in (await list_sends(context, scope, Wanted(kind="gift"), 9))[0]
    )


async def test_all_of_a_list_are_cancelled_where_they_can_be(context: Context) -> None:
    scope = await organization(context)
    views = await many(context, scope, 24)
    before = sum(view["status"]["code"] == "cancelled" for view in views)
    outcome = await selections.cancel(context, scope, Wanted(kind="letter"), "no stock")
    letters = [view for view in views if view["kind"] == "letter"]
    cancelled = sum(view["status"]["code"] == "cancelled" for view in letters)
    assert outcome.done == len(letters) - cancelled
    assert outcome.refused == ({"Cancelled": cancelled} if cancelled else {})
    counted = await tally(context, scope, Wanted())
    assert counted.by_code["cancelled"] == before + outcome.done


async def test_a_sender_can_do_to_a_list_only_what_is_theirs(context: Context) -> None:
    made = await world(context)
    outcome = await selections.cancel(context, made.scopes["sam"], Wanted(), "mine")
    assert outcome.done == 2
    assert (await tally(context, made.scopes["ann"], Wanted())).by_code["cancelled"] == 2
    tagged = await selections.tag(context, made.scopes["mia"], Wanted(), "east")
    assert tagged.done == 6
    readers = replace(
        made.scopes["sam"], rights={each: reach for each, reach in ROLES["sender"].items() if "read" in each}
    )
    with pytest.raises(Exception, match="permission"):
        await selections.tag(context, readers, Wanted(), "x")


async def test_a_long_list_is_sorted_by_what_the_totals_know(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = await organization(context)
    await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Ann"))] * 12)
    monkeypatch.setattr(sorting, "MOST_SORTED", 11)
    for wanted, sorts in ((Wanted(sort="recipient"), "day, status or kind"), (Wanted(q="ann", sort="status"), "day")):
        with pytest.raises(Invalid, match=f"sort must be {sorts} where more than 11 sends match"):
            await list_sends(context, scope, wanted, 5)
    assert len(await whole(context, scope, Wanted(sort="status"), 5)) == 12
    assert len((await list_sends(context, scope, Wanted(sort="day"), 5))[0]) == 5
    monkeypatch.setattr(tracker, "COUNTED", 5)
    counted = await tally(context, scope, Wanted(q="ann"))
    assert (counted.total, counted.exact) == (6, False)
    with pytest.raises(NotFound):
        await sends.get(context, scope, "letter_unknown")


async def test_of_a_list_among_too_many_sends_is_told_what_there_is_at_least(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await organization(context)
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(10)]
    names = ("Ann Oak", "Anna Oakley", "Annie Oaks")
    await sends.create(
        context, scope, [NewSend(kind="letter", to=Address(name=name), send_date=day) for name in names for day in days]
    )
    wanted = Wanted(q="an oa")
    monkeypatch.setattr(sourcing, "_FEW", 5)
    monkeypatch.setattr(sourcing, "_MOST_BY_PREFIX", 5)
    for read, counts in ((7, (9, False)), (31, (30, True))):
        monkeypatch.setattr(sourcing, "_READ", read)
        counted = await tally(context, scope, wanted)
        assert (counted.total, counted.exact) == counts
    monkeypatch.setattr(sourcing, "_READ", 7)
    counted = await tally(context, scope, replace(wanted, start=days[-2]))
    assert (counted.total, counted.exact) == (6, True)
    assert len(await whole(context, scope, wanted, 4)) == 30


async def test_of_what_one_sent_among_too_many_is_told_what_there_is_at_least(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = (await world(context)).scopes["sam"]
    new = [NewSend(kind="letter", to=Address(name=f"Ann{n} Oak{n}")) for n in range(8)]
    await sends.create(context, sam, new)
    monkeypatch.setattr(sourcing, "_MOST_BY_PREFIX", 5)
    monkeypatch.setattr(sourcing, "_FEW", 5)
    counted = await tally(context, sam, Wanted(q="an oa"))
    assert (0 < counted.total <= 5, counted.exact) == (True, False)
    monkeypatch.setattr(sourcing, "_FEW", 30)
    counted = await tally(context, sam, Wanted(q="an oa"))
    assert (counted.total, counted.exact) == (8, True)
