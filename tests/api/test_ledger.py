"""What the API tells over HTTP is what the simulator knows that it did, after its files came by HTTP too."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import msgspec

from sendtrail.domain.events import EVENT_TYPES, Kind
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services.simulation import Wish, invent
from sendtrail.simulator.files import lay_out
from sendtrail.simulator.ledger import Entry, by_day, categories, keep, spent

WORDS = [category.word for category in CATEGORIES]
WAITING = {each.code for each in EVENT_TYPES if each.stage == 1 and each.kinds == frozenset(Kind)}
"""What can be said of anything before it is produced, where the later word counts."""


def counts(found: Counter[str]) -> dict[str, int]:
    return {word: found[word] for word in WORDS}


async def posted(client: httpx.AsyncClient) -> list[Entry]:
    """Simulated mail, its sends and files given to the API; what the ledger says of it."""
    made = invent(Wish(sends=260, days=40, seed=4), datetime.now(UTC))
    mail, files = made.mail(), lay_out(made)
    for name, type_ in made.campaigns().items():
        answer = await client.post("/api/v1/campaigns", json={"name": name, "type": type_})
        assert answer.status_code == 201
    body = b"\n".join(msgspec.json.encode(item.send) for item in mail)
    answer = await client.post("/api/v1/sends/batch", content=body, headers={"Content-Type": "application/x-ndjson"})
    assert answer.json()["refused"] == 0
    for file in files:
        answer = await client.post("/api/v1/feeds/files", params={"name": file.name}, content=file.content())
        assert answer.status_code in (200, 201), answer.text
    return keep(mail, files, made.feed.misread, people=False).select()


async def test_summary_timeline_and_lists_agree_with_the_ledger(client: httpx.AsyncClient) -> None:
    entries = await posted(client)
    period = {"start": min(entry.day for entry in entries), "end": max(entry.day for entry in entries)}
    days = {name: str(day) for name, day in period.items()}
    for sector in ("all", "bulk", "triggered", "single", "gift"):
        of_sector = [entry for entry in entries if sector in ("all", entry.sector)]
        summary = (await client.get("/api/v1/reports/summary", params={**days, "sector": sector})).json()
        assert {word: summary[word] for word in WORDS} == counts(categories(of_sector))
        assert (summary["total"], summary["spent"]) == (len(of_sector), spent(of_sector))
        timeline = (await client.get("/api/v1/reports/timeline", params={**days, "sector": sector})).json()["data"]
        expected = by_day(of_sector)
        assert len(timeline) == (period["end"] - period["start"]) // timedelta(1) + 1
        for day in timeline:
            of_day = expected.get(datetime.fromisoformat(day["day"]).date(), Counter[str]())
            assert {word: day[word] for word in WORDS} == counts(of_day)

    listed: dict[str, str] = {}
    after: dict[str, str] = {}
    while True:
        page = (await client.get("/api/v1/sends", params={"limit": 200, **after})).json()
        listed |= {send["external_id"]: send["status"]["code"] for send in page["data"]}
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    # These were only made just now: what kept one up before that, and did not let it go, is past.
    assert listed == {each.external_id: "created" if each.code in WAITING else each.code for each in entries}
