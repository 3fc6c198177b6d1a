"""Exports in browsers: the list as it is, the rows that were ticked, how far it is, and what happens when it breaks."""

import csv
import re
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Download, expect

from tests.e2e.conftest import fits, sign_in
from tests.e2e.test_tracker import made


def names(download: Download, place: Path) -> list[str]:
    assert re.fullmatch(r"sends-\d{4}-\d\d-\d\d\.csv", download.suggested_filename)
    path = place / uuid4().hex
    download.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row["to.name"] for row in csv.DictReader(file)]


def test_a_list_and_ticked_rows_are_saved(visit: BrowserContext, demo: dict[str, str], tmp_path: Path) -> None:
    name = f"Moss{uuid4().hex[:8]}"
    made(demo, f"Ann {name}", f'Bo "B", {name}', f"Cy {name}")
    page = visit.new_page()
    sign_in(page, demo)
    page.goto(f"/sends?q={name}")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Export CSV").click()
    assert names(saved.value, tmp_path) == [f"Cy {name}", f'Bo "B", {name}', f"Ann {name}"]
    page.get_by_label(f"Select the Letter to Ann {name}").check()
    page.get_by_label(f"Select the Letter to Cy {name}").check()
    assert fits(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export", exact=True).click()
    assert names(saved.value, tmp_path) == [f"Cy {name}", f"Ann {name}"]
    page.get_by_label("All 3 that match").check()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export", exact=True).click()
    assert len(names(saved.value, tmp_path)) == 3


def test_how_far_it_is_shows_and_what_breaks_is_told(chromium: Browser, demo: dict[str, str], tmp_path: Path) -> None:
    context = chromium.new_context(base_url=demo["address"])
    page = context.new_page()
    sign_in(page, demo)
    page.goto("/sends?kind=letter")
    shown = page.get_by_role("region", name="Export")
    expect(shown).to_be_hidden()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Export CSV").click()
    rows = len(names(saved.value, tmp_path))
    expect(shown).to_contain_text(f"{rows:,} of {rows:,} sends")
    expect(shown.get_by_role("status")).to_have_text(re.compile(r"sends-.*\.csv is saved"))
    shown.get_by_role("button", name="Close").click()
    expect(shown).to_be_hidden()

    page.route("**/sends.csv*", lambda route: route.abort())
    page.get_by_role("link", name="Export CSV").click()
    expect(shown.get_by_role("status")).to_contain_text("The connection broke off: nothing is saved")
    page.unroute("**/sends.csv*")
    page.route("**/sends.csv*", lambda _: None)  # an answer that does not come
    page.get_by_role("link", name="Export CSV").click()
    shown.get_by_role("button", name="Stop").click()
    expect(shown.get_by_role("status")).to_contain_text("Stopped: nothing is saved")
    context.close()
