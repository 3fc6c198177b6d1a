"""The pages and the CSV have the numbers that the simulator knows of: the same that the API tells."""

import csv
import io
import re
from collections import Counter
from datetime import date
from html import unescape
from pathlib import Path

from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import simulation
from sendtrail.services.context import Context
from sendtrail.services.simulation import Wish
from sendtrail.simulator.ledger import Entry, by_day, categories, spent
from sendtrail.web.rendering import money, number, share
from tests.web.conftest import Browser

Rows = list[list[str]]


def tables(page: str) -> list[Rows]:
    """The text of each table's cells, row by row; what is for the pointer only is left out."""
    page = re.sub(r'<span class="(?:tip|under)".*?</span>', "", page, flags=re.DOTALL)
    found = []
    for table in re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL):
        rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("</tr>")]
        found.append([[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in rows if row])
    return found


def where_they_stand(entries: list[Entry]) -> Rows:
    known = categories(entries)
    return [[each.label, number(known[each.word]), share(known[each.word], len(entries))] for each in CATEGORIES]


async def test_page_and_csv_agree_with_the_ledger(ann: Browser, context: Context, acme: Scope, tmp_path: Path) -> None:
    simulated, _ = await simulation.simulate(context, acme, Wish(sends=400, days=50, seed=7), tmp_path / "files")
    entries = simulated.ledger.select()
    start, end = min(entry.day for entry in entries), max(entry.day for entry in entries)

    for sector in ("all", "bulk", "triggered", "single", "gift"):
        of_sector = [entry for entry in entries if sector in ("all", entry.sector)]
        page = (await ann.look(f"/reports?start={start}&end={end}&sector={sector}")).text
        stand, days = tables(page)[:2]
        assert stand == where_they_stand(of_sector)
        assert f"<dt>Spent</dt><dd>{money(spent(of_sector), 'USD')}<small>" in page
        known = by_day(of_sector)
        assert [row[1] for row in days] == [number(known[day].total()) for day in sorted(known)]

        text = (await ann.look(f"/reports.csv?start={start}&end={end}&sector={sector}")).text
        told = {date.fromisoformat(row["day"]): row for row in csv.DictReader(io.StringIO(text))}
        assert {day: int(row["total"]) for day, row in told.items() if row["total"] != "0"} == {
            day: counts.total() for day, counts in known.items()
        }
        assert all(
            int(row[each.word]) == known.get(day, Counter[str]())[each.word]
            for day, row in told.items()
            for each in CATEGORIES
        )

    campaigns = (await ann.look("/campaigns")).text
    shown = dict(re.findall(r'<a href="(/campaigns/[^"?]+)">([^<]+)</a>', campaigns))
    for address, name in shown.items():
        of_campaign = simulated.ledger.select(campaign=unescape(name))
        pieces = tables((await ann.look(address)).text)[0]
        standing = categories(of_campaign)
        assert [row[-2] for row in pieces] == [number(standing[each.word]) for each in CATEGORIES]
