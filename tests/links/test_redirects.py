"""`/r/{code}` as browsers, robots and whoever guesses meet it."""

from datetime import date, timedelta
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from sendtrail.domain.ids import ALPHABET
from sendtrail.domain.send import NewSend
from sendtrail.services import campaign_changes, campaigns, sends
from sendtrail.services.context import Context
from sendtrail.services.guessing import MOST
from sendtrail.services.link_addresses import code, link_of, link_url, qr_text
from tests.api.conftest import app, context
from tests.services.organizations import organization

from .printing import ANN, DESKTOP, PHONE, asked, change, print_links

__all__ = ["app", "context"]

ADDRESS = "203.0.113.7"
_VISITS = "select device, bot, test, referrer, address::text, country from response order by id"


def browser(app: Litestar, address: str = ADDRESS, **headers: str) -> httpx.AsyncClient:
    """Somebody at an address, with a phone unless it is said otherwise."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(cast(Any, app), client=(address, 4711)),
        base_url="http://go.test",
        headers={"User-Agent": PHONE, **headers},
    )


async def test_a_link_leads_to_its_own_place_in_any_case_and_the_visit_is_on_record(
    app: Litestar, context: Context
) -> None:
    (link,) = await print_links(context, await organization(context))
    own = code(context, link)
    leads_to = f"https://shop.example.com/Ann?c={own}"

    async with browser(app, Referer="https://www.Example.net/page?x=1") as person:
        paths = [f"/r/{own}?utm=1", f"/R/{own.upper()}", f"/r/{own}/", f"/r/%{ord(own[0]):x}{own[1:]}", f"//r/{own}"]
        paths += [f"/r/{own}{behind}" for behind in ("%20", ".", ",", ")", "%E2%80%9D", ".)%20")]
        paths += [f"/r/{own[:4]}{between}{own[4:]}" for between in ("-", "%20", " ")]
        for path in paths:
            answer = await person.get(f"http://go.test{path}")
            assert (answer.status_code, answer.headers.get("location")) == (302, leads_to), path
        robot = await person.head(f"/r/{own}")

    assert (robot.status_code, robot.headers["location"], robot.content) == (302, leads_to, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in answer.headers
    told = ("phone", False, False, "www.example.net", None, "")
    assert await asked(context, _VISITS) == [told] * len(paths) + [("phone", True, *told[2:])]
    assert await asked(context, "select visits, visitors, bots from engagement") == [(len(paths), 1, 1)]
    assert link_url(context, link).endswith(f":8020/r/{own}")
    assert qr_text(context, link) == link_url(context, link).upper()


def test_a_code_is_read_as_people_type_it(context: Context) -> None:
    for link in range(1, 200):
        own = code(context, link)
        typed = own.upper().replace("1", "l").replace("0", "O")
        assert link_of(context, own) == link_of(context, typed) == link
        assert link_of(context, own[1:]) is None
        assert link_of(context, f"{own[:-1]}É") is None


async def test_robots_prefetches_and_previews_are_told_apart(app: Litestar, context: Context) -> None:
    (link,) = await print_links(context, await organization(context))
    robots = [
        {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
        {"User-Agent": "Mozilla/5.0 (Windows NT 6.1; Win64; x64) Barracuda Sentinel (EE)"},
        {"User-Agent": ""},
        {"Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"X-Moz": "prefetch"},
        {"X-Purpose": "preview"},
    ]
    async with browser(app) as person:
        for headers in robots:
            assert (await person.get(f"/r/{code(context, link)}", headers=headers)).status_code == 302
        await person.get(f"/r/{code(context, link)}", headers={"User-Agent": DESKTOP})

    assert await asked(context, "select bot from response order by id") == [True] * len(robots) + [False]
    assert await asked(context, "select visits, bots from engagement") == [(1, len(robots))]


async def test_addresses_are_kept_only_where_the_organization_wants_it(app: Litestar, context: Context) -> None:
    keeps, keeps_not = await organization(context, "Keeps"), await organization(context, "Keeps not")
    await change(context, "update organization set address_days = 7 where id = %s", keeps.organization_id)
    links = [(await print_links(context, scope))[0] for scope in (keeps, keeps_not)]

    for link in links:
        async with browser(app) as person, browser(app, "127.0.0.1", **{"X-Forwarded-For": "1.1.1.1, 10.0.0.9"}) as far:
            await person.get(f"/r/{code(context, link)}", headers={"X-Forwarded-For": "1.1.1.1"})
            await far.get(f"/r/{code(context, link)}")

    assert await asked(context, "select host(address) from response where address is not null order by id") == [
        ADDRESS,
        "10.0.0.9",
    ]
    assert await asked(context, "select visitors from engagement") == [2, 2]


async def test_what_leads_nowhere_is_one_page_whatever_it_is(app: Litestar, context: Context) -> None:
    (link,) = await print_links(context, await organization(context))
    own = code(context, link)
    wrong = ALPHABET[(ALPHABET.index(own[-1]) + 1) % len(ALPHABET)]
    foreign = context.ids.encode("letter", link).partition("_")[2]
    paths = [
        code(context, link + 1000),
        own[:-1] + wrong,
        own[:-1],
        own + "0",
        foreign,
        "",
        "..%2f..%2fetc",
        "%00%ff",
        "%0d%0aX-Evil:%201",
        f"{own}%0d%0a",
        "x" * 5000,
        f"{own}/more",
        "ⅠⅠⅠⅠⅠⅠⅠⅠⅠⅠⅠⅠⅠ",
        "<script>",
    ]
    async with browser(app) as person:
        answers = [await person.get(f"/r/{path}") for path in paths]
        answers += [await person.get(path) for path in ("/r", "/R", "http://go.test//r/")]
        beside = await person.get("/read")

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert all("x-evil" not in answer.headers for answer in answers)
    assert "style-src 'sha256-" in answers[0].headers["content-security-policy"]
    assert "This link leads nowhere" in answers[0].text
    assert beside.status_code == 404
    assert await asked(context, "select count(*) from response") == [0]


async def test_other_methods_are_refused(app: Litestar, context: Context) -> None:
    (link,) = await print_links(context, await organization(context))
    async with browser(app) as person:
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "BREW"):
            answer = await person.request(method, f"/r/{code(context, link)}")
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_a_link_expires_after_its_days_counted_from_the_later_of_its_making_and_its_sends_day(
    app: Litestar, context: Context
) -> None:
    scope = await organization(context)
    today = date.today()
    news = [NewSend("letter", ANN, send_date=today + timedelta(days=days)) for days in (-200, 60)]
    old, coming = await print_links(context, scope, new=news, days=30)
    async with browser(app) as person:

        async def statuses() -> list[int]:
            return [(await person.get(f"/r/{code(context, each)}")).status_code for each in (old, coming)]

        assert await statuses() == [302, 302]
        await change(context, "update link set created_at = now() - interval '31 days'")
        assert await statuses() == [410, 302]
        page = await person.get(f"/r/{code(context, old)}")
        await change(context, "update send set created_on = created_on - 100")
        assert await statuses() == [410, 410]

    assert "This link has expired" in page.text
    assert await asked(context, "select count(*) from response") == [3]


async def test_a_link_leads_on_when_its_send_is_cancelled_or_its_campaign_deleted(
    app: Litestar, context: Context
) -> None:
    scope = await organization(context)
    made = await campaigns.add_campaign(context, scope, "Spring", "bulk")
    (link,) = await print_links(
        context, scope, "https://shop.example.com/{{campaign}}", [NewSend("letter", ANN, campaign="Spring")]
    )
    ((kind, number),) = await asked(context, "select kind, send_id from send")
    await sends.record_events(context, scope, context.ids.encode("letter", number), [sends.NewEvent("cancelled")])
    await campaign_changes.move(context, scope, made.id, "deleted")

    async with browser(app) as person:
        answer = await person.get(f"/r/{code(context, link)}")

    assert kind == 1
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example.com/Spring")


async def test_whoever_guesses_is_slowed_down_and_whoever_holds_a_link_never_is(
    app: Litestar, context: Context
) -> None:
    (link,) = await print_links(context, await organization(context))
    own, absent = code(context, link), code(context, link + 1000)
    async with browser(app) as person, browser(app, "198.51.100.1") as other:
        answers = [await person.get(f"/r/{absent if n % 2 else f'guess{n}'}") for n in range(MOST)]
        refused = [await person.get(f"/r/{path}") for path in ("another", absent)]
        known = await person.get(f"/r/{own}")
        elsewhere = await other.get("/r/another")

    assert {answer.status_code for answer in answers} == {404}
    assert [answer.status_code for answer in refused] == [429, 429]
    assert 0 < int(refused[0].headers["retry-after"]) <= 900
    assert "Too many tries" in refused[1].text
    assert known.status_code == 302
    assert elsewhere.status_code == 404
    assert await asked(context, "select count(*) from response") == [1]


async def test_people_in_one_network_of_ipv6_are_counted_as_one(app: Litestar, context: Context) -> None:
    for n in range(MOST):
        async with browser(app, f"2001:db8::{n:x}") as person:
            await person.get("/r/guess")
    async with browser(app, "2001:db8::ffff:1") as person, browser(app, "2001:db8:0:1::1") as other:
        assert (await person.get("/r/guess")).status_code == 429
        assert (await other.get("/r/guess")).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Referer": "https://example.com/" + "x" * 1_000_000},
        {"Referer": "https://evil\x00.example/", "User-Agent": "Mozilla\x00 \xff\xfe"},
        {"User-Agent": "x" * 1_000_000},
        {"X-Forwarded-For": "," * 100_000 + "not an address"},
        {"Sec-Purpose": "\xff" * 5_000, "Host": "evil.example\x7f"},
    ],
    ids=["referrer of 1 MB", "odd bytes", "user agent of 1 MB", "forwarded by nobody", "odd purpose"],
)
async def test_whatever_a_request_holds_it_leads_on(app: Litestar, context: Context, headers: dict[str, str]) -> None:
    (link,) = await print_links(context, await organization(context))
    async with browser(app, "127.0.0.1") as person:
        answer = await person.get(
            f"/r/{code(context, link)}",
            headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        )
    assert answer.status_code == 302
    assert await asked(context, "select length(referrer) < 101 from response") == [True]


async def test_what_a_recipient_is_called_never_leaves_its_place_in_the_address(
    app: Litestar, context: Context
) -> None:
    name = "Ann\r\nSet-Cookie: a=b @evil.example/../ ?#"
    (link,) = await print_links(
        context,
        await organization(context),
        "https://shop.example.com/{{to.name}}/x?n={{to.name}}",
        [NewSend("letter", ANN, metadata={"k": "v"}, external_id="7"), NewSend("gift", ANN)][:1],
    )
    await change(context, "update send set recipient = jsonb_set(recipient, '{name}', to_jsonb(%s::text))", name)

    async with browser(app) as person:
        answer = await person.get(f"/r/{code(context, link)}")

    assert answer.status_code == 302
    assert answer.headers["location"].startswith("https://shop.example.com/Ann%0D%0ASet-Cookie%3A%20a%3Db%20%40evil")
    assert "set-cookie" not in answer.headers
