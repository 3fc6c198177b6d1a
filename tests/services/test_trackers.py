"""What comes of trackers' links: counted once, however many open them at once."""

import asyncio
from datetime import UTC, datetime

from sendtrail.domain.send import NewSend
from sendtrail.services import sends, trackers
from sendtrail.services.context import Context
from sendtrail.services.link_addresses import code
from sendtrail.services.trackers import TrackerPlan
from sendtrail.services.visiting import Asked, Outcome, opened_visits
from tests.links.printing import ANN, PHONE, asked
from tests.services.organizations import organization


async def test_counts_agree_with_the_rows_however_many_come_at_once(context: Context) -> None:
    scope = await organization(context)
    both = [await trackers.make(context, scope, TrackerPlan(f"https://shop.example.com/{n}", 30)) for n in range(2)]
    made = await sends.create(context, scope, [NewSend("letter", ANN)] * 5)
    numbers = [sends.send_number(context, each["id"]) for each in made if isinstance(each, dict)]
    async with context.database.transaction() as connection:
        for _ in range(2):  # a link is made once
            await trackers.link_orders(connection, scope, {number: [row.id for row in both] for number in numbers})
    links = await asked(context, "select id from link order by id desc")
    assert len(links) == 10

    now = datetime.now(UTC)
    async with opened_visits(context) as one, opened_visits(context) as other:
        answers = await asyncio.gather(
            *(
                (one if n % 2 else other).open(
                    Asked(code(context, links[n % 10]), now, f"203.0.113.{n % 7}", PHONE, robot=n % 9 == 0)
                )
                for n in range(290)
            )
        )

    assert {answer.outcome for answer in answers} == {Outcome.LED}
    counted = await asked(context, "select link_id, visits, visitors from tracked order by link_id")
    people = {link: [n % 7 for n in range(290) if n % 9 and links[n % 10] == link] for link in links}
    assert counted == [(link, len(people[link]), len(set(people[link]))) for link in sorted(links)]
    fared = await trackers.fared(context, scope, both)
    assert sum(each.visits for each in fared) == sum(map(len, people.values()))
    found = await trackers.visits(context, scope, context.ids.encode("tracker", both[0].id), limit=1000)
    assert found.total == len(found.rows) == fared[0].visits
    assert await trackers.fared(context, await organization(context, "Other"), []) == []
