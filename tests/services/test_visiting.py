"""The collector of visits: together but each for itself, never lost, never without bound; and what is forgotten."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from structlog.testing import capture_logs

from sendtrail.domain.send import NewSend
from sendtrail.services import destinations, links, visit_privacy, visiting
from sendtrail.services.context import Context
from sendtrail.services.link_addresses import code
from sendtrail.services.visiting import Asked, Outcome, Overloaded, opened_visits
from tests.links.printing import ANN, DESKTOP, PHONE, asked, change, print_links
from tests.services.organizations import organization

ADDRESS = "203.0.113.7"
NEW = NewSend("letter", ANN)


def opens(context: Context, link: int, agent: str = PHONE, address: str = ADDRESS, *, robot: bool = False) -> Asked:
    return Asked(code(context, link), datetime.now(UTC), address, agent, robot=robot)


async def test_hundreds_at_once_in_several_processes_leave_totals_that_agree_with_the_rows(context: Context) -> None:
    scope = await organization(context)
    links = await print_links(context, scope, new=[NEW] * 5)
    async with opened_visits(context) as one, opened_visits(context) as other:
        answers = await asyncio.gather(
            *(
                (one if n % 2 else other).open(
                    opens(context, links[n % 7 % 5], address=f"203.0.113.{n % 10}", robot=n % 11 == 0)
                )
                for n in range(700)
            )
        )

    assert {answer.outcome for answer in answers} == {Outcome.LED}
    totals = await asked(
        context,
        "select e.visits, e.visitors, e.bots, e.unlisted, e.goals,"
        "       (select count(*) from response where send_id = e.send_id)"
        "  from engagement e order by send_id",
    )
    assert [visits + bots for visits, _, bots, *_ in totals] == [200, 200, 100, 100, 100]
    assert all(visits + bots == rows + unlisted for visits, _, bots, unlisted, _, rows in totals)
    assert [visitors for _, visitors, *_ in totals] == [10] * 5
    assert max(rows for *_, rows in totals) <= 120  # a minute may have turned meanwhile
    assert await asked(context, "select count(*) from visitor_salt") == [1]


async def test_what_goes_wrong_with_one_visit_is_that_ones_problem(context: Context) -> None:
    scope = await organization(context)
    good, bad = await print_links(context, scope, new=[NEW] * 2)
    await change(context, "update send set kind = 99 from link where link.send_id = send.send_id and link.id = %s", bad)
    with capture_logs() as logged:
        async with opened_visits(context) as visits:
            led, failed, again = await asyncio.gather(
                *(visits.open(opens(context, each)) for each in (good, bad, good)), return_exceptions=True
            )

    assert isinstance(led, visiting.Answer)
    assert led == again
    assert isinstance(failed, ValueError)
    assert await asked(context, "select visits from engagement") == [2]
    assert [entry["event"] for entry in logged] == ["a visit could not be recorded"]


async def test_more_than_can_wait_are_refused_at_once(context: Context) -> None:
    (link,) = await print_links(context, await organization(context))
    async with opened_visits(context) as visits:
        many = [asyncio.create_task(visits.open(opens(context, link))) for _ in range(visiting.WAITING + 20)]
        answers = await asyncio.gather(*many, return_exceptions=True)
        later = await visits.open(opens(context, link))

    refused = [answer for answer in answers if isinstance(answer, Overloaded)]
    assert len(refused) == 20
    assert later.outcome is Outcome.LED
    assert await asked(context, "select visits from engagement") == [visiting.WAITING + 1]


async def test_whoever_goes_away_is_on_record_all_the_same_and_an_ending_process_writes_what_it_has(
    context: Context,
) -> None:
    (link,) = await print_links(context, await organization(context))
    async with opened_visits(context) as visits:
        gone = [asyncio.create_task(visits.open(opens(context, link))) for _ in range(3)]
        await asyncio.sleep(0)
        gone[0].cancel()
    assert [task.cancelled() for task in gone] == [True, False, False]
    assert await asked(context, "select visits from engagement") == [3]


async def test_while_the_database_is_away_everybody_is_told_so_in_time(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visiting, "PATIENCE", 0.2)
    (link,) = await print_links(context, await organization(context))
    async with opened_visits(replace(context, dsn="postgresql://127.0.0.1:1/none")) as visits:
        told = await asyncio.gather(*(visits.open(opens(context, link)) for _ in range(2)), return_exceptions=True)
    assert [type(each) for each in told] == [Overloaded, Overloaded]


async def test_a_database_that_drops_its_connections_is_found_again(context: Context) -> None:
    (link,) = await print_links(context, await organization(context))
    async with opened_visits(context) as visits:
        await visits.open(opens(context, link))
        others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
        await change(context, f"{others} and datname = current_database()")
        assert (await visits.open(opens(context, link))).outcome is Outcome.LED


async def test_visits_may_be_answered_before_they_are_on_the_disk_if_the_settings_say_so(context: Context) -> None:
    for word, wanted in (("fast", "off"), ("durable", "on")):
        chosen = replace(context, config=replace(context.config, link_commit=word))
        async with opened_visits(chosen) as visits, visits._database.transaction() as connection:
            cursor = await connection.execute("show synchronous_commit")
            assert await cursor.fetchone() == (wanted,)


async def test_a_local_file_tells_the_country_and_region(context: Context, tmp_path: Path) -> None:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Places")
    writer.insert_network(
        IPSet(["203.0.113.0/24"]), {"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "CA"}]}
    )
    writer.to_db_file(str(tmp_path / "places.mmdb"))
    (tmp_path / "broken.mmdb").write_bytes(b"no places")
    (link,) = await print_links(context, await organization(context))

    with capture_logs() as logged:
        for file in ("places.mmdb", "broken.mmdb", "absent.mmdb"):
            config = replace(context.config, geoip=tmp_path / file)
            async with opened_visits(replace(context, config=config)) as visits:
                for address in (ADDRESS, "2001:db8::1", ""):
                    assert (await visits.open(opens(context, link, address=address))).outcome is Outcome.LED

    told = await asked(context, "select country, region from response order by id")
    assert told == [("US", "CA")] + [("", "")] * 8
    assert [Path(entry["file"]).name for entry in logged] == ["broken.mmdb", "absent.mmdb"]


async def test_what_tells_visitors_apart_is_forgotten_the_next_day(context: Context) -> None:
    (link,) = await print_links(context, await organization(context))
    today = datetime.now(UTC)
    async with opened_visits(context) as visits:
        for agent in (PHONE, DESKTOP, PHONE):
            await visits.open(opens(context, link, agent))
        before = await asked(context, "select distinct visitor from response")

        assert await visit_privacy.forget(context, today) == 0
        assert await visit_privacy.forget(context, today + timedelta(days=1)) == 3
    async with opened_visits(context) as visits:
        await visits.open(opens(context, link))

    assert len(before) == 2
    assert len(await asked(context, "select distinct visitor from response")) == 3
    assert await asked(context, "select visits, visitors from engagement") == [(4, 3)]


async def test_addresses_go_when_their_organizations_time_is_over(context: Context) -> None:
    scopes = [await organization(context, f"Keeps {days}") for days in (0, 2, 30)]
    links = [(await print_links(context, scope))[0] for scope in scopes]
    for scope, days in zip(scopes, (9, 2, 30), strict=True):
        await change(context, "update organization set address_days = %s where id = %s", days, scope.organization_id)
    now = datetime.now(UTC)
    async with opened_visits(context) as visits:
        for link in links:
            await visits.open(opens(context, link))
    await change(context, "update organization set address_days = 0 where id = %s", scopes[0].organization_id)
    kept = "select organization_id from response where address is not null order by 1"

    await visit_privacy.forget(context, now + timedelta(minutes=1))
    assert await asked(context, kept) == [scope.organization_id for scope in scopes[1:]]
    await visit_privacy.forget(context, now + timedelta(days=2, minutes=1))
    assert await asked(context, kept) == [scopes[2].organization_id]
    await visit_privacy.forget(context, now + timedelta(days=31))
    assert await asked(context, kept) == []
    assert await asked(context, "select count(*) from response") == [3]


async def test_addresses_go_at_once_when_fewer_days_are_wanted(context: Context) -> None:
    scopes = [await organization(context, name) for name in ("Keeps", "Other")]
    printed = [(await print_links(context, scope))[0] for scope in scopes]
    for scope in scopes:
        await destinations.keep_addresses(context, scope, 9)
    async with opened_visits(context) as visits:
        for link in printed:
            await visits.open(opens(context, link))
            await visits.open(opens(context, link, "Googlebot/2.1"))
    kept = "select count(*), count(visitor) from response where address is not null and organization_id = "

    (newest, *_), _ = await links.visits(context, scopes[0], context.ids.encode("link", printed[0]), limit=9)
    assert (newest.bot, newest.visitor) == (True, None)
    assert newest.address == ADDRESS
    await change(context, "update response set recorded_at = now() - interval '5 days' where bot")
    await destinations.keep_addresses(context, scopes[0], 4)
    assert await asked(context, f"{kept}{scopes[0].organization_id}") == [(1, 1)]
    await destinations.keep_addresses(context, scopes[0], 0)
    assert await asked(context, f"{kept}{scopes[0].organization_id}") == [(0, 0)]
    assert await asked(context, f"{kept}{scopes[1].organization_id}") == [(2, 1)]


async def test_trials_count_nowhere(context: Context) -> None:
    (link,) = await print_links(context, await organization(context))
    await change(context, "update landing set testing = true")
    async with opened_visits(context) as visits:
        answer = await visits.open(opens(context, link))
    assert answer.outcome is Outcome.LED
    assert await asked(context, "select test, bot from response") == [(True, False)]
    assert await asked(context, "select visits, visitors, bots from engagement") == [(0, 0, 0)]
