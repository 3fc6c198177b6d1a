"""The Send Tracker in browsers: find a send, see how it stands, cancel it; tag several; who sees what."""

import re
from uuid import uuid4

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import fits, menu, sign_in


def enter(page: Page, demo: dict[str, str], name: str) -> None:
    """Sign in as one of the demo's people, whatever page they land on."""
    page.goto("/login")
    page.get_by_label("E-mail address").fill(f"{name}@example.com")
    page.get_by_label("Password").fill(demo["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/(reports|sends)$"))


def made(demo: dict[str, str], *names: str, **fields: str) -> list[str]:
    """Letters, unless `fields` say otherwise, to somebody whom nobody else is called; their ids."""
    with httpx.Client(base_url=demo["address"], headers={"Authorization": f"Bearer {demo['key']}"}) as client:
        return [
            client.post("/api/v1/sends", json={"kind": "letter", "to": {"name": name}, **fields})
            .raise_for_status()
            .json()["id"]
            for name in names
        ]


def test_somebody_is_found_and_their_letter_is_cancelled(visit: BrowserContext, demo: dict[str, str]) -> None:
    name = f"Quill{uuid4().hex[:8]}"
    made(demo, f"Ida {name}")
    page = visit.new_page()
    sign_in(page, demo)
    menu(page)
    page.get_by_label("Find a send").fill(f"ida {name[:9].upper()}")
    page.get_by_label("Find a send").press("Enter")
    expect(page.locator("table.sends tbody tr")).to_have_count(1)
    assert fits(page)
    page.get_by_role("link", name=f"Ida {name}", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.locator("main .dots summary").first.click()
    page.get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_label("Reason").fill("Wrong person")
    page.get_by_role("button", name="Cancel this send").click()
    expect(page.locator("main")).to_contain_text("Cancelled")
    expect(page.locator("main")).to_contain_text("Wrong person")
    page.goto(f"/sends?q={name}&status=cancelled")
    expect(page.locator("table.sends tbody tr")).to_have_count(1)
    page.locator("table.sends .dots summary").click()
    expect(page.get_by_role("link", name="All to this recipient")).to_be_visible()
    expect(page.get_by_role("link", name="Cancel", exact=True)).to_have_count(0)
    page.get_by_role("link", name="All to this recipient").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    assert fits(page)


def test_several_are_tagged_found_by_it_and_cancelled(visit: BrowserContext, demo: dict[str, str]) -> None:
    name, tag = f"Reed{uuid4().hex[:8]}", f"tag {uuid4().hex[:8]}"
    made(demo, f"Ann {name}", f"Bo {name}", f"Cy {name}")
    page = visit.new_page()
    sign_in(page, demo)
    page.goto(f"/sends?q={name}")
    page.get_by_label(f"Select the Letter to Ann {name}").check()
    page.get_by_label(f"Select the Letter to Cy {name}").check()
    page.get_by_role("button", name="Tag…").click()
    expect(page.get_by_role("heading", name="Tag 2 sends")).to_be_visible()
    page.get_by_label("Tag", exact=True).fill(tag)
    page.get_by_role("button", name="Tag 2 sends").click()
    expect(page.get_by_role("status")).to_contain_text("2 tagged")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("table.sends tbody tr")).to_have_count(3)

    page.goto(f"/sends?tag={tag}")
    expect(page.locator("table.sends tbody tr")).to_have_count(2)
    page.get_by_label("All 2 that match").check()
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_label("Reason").fill("Out of stock")
    page.get_by_role("button", name="Cancel 2 sends").click()
    expect(page.get_by_role("status")).to_contain_text("2 cancelled")
    page.goto(f"/sends?q={name}&status=created")
    expect(page.locator("table.sends tbody tr")).to_have_count(1)


def test_a_list_is_kept_as_a_view(visit: BrowserContext, demo: dict[str, str]) -> None:
    view = f"Held {uuid4().hex[:6]}"
    page = visit.new_page()
    sign_in(page, demo)
    page.goto("/sends?status=held&sort=day")
    page.get_by_text("Views", exact=True).click()
    page.get_by_label("Keep this list as").fill(view)
    page.get_by_role("button", name="Save view").click()
    expect(page).to_have_url(re.compile(r"/sends\?status=held&sort=day$"))
    page.goto("/sends")
    page.get_by_text("Views", exact=True).click()
    page.get_by_role("link", name=view).click()
    expect(page).to_have_url(re.compile("status=held"))
    page.goto("/sends/views")
    page.get_by_role("button", name=f"Remove {view}").click()
    expect(page.get_by_role("link", name=view)).to_have_count(0)


def test_rows_look_again_by_themselves_and_stay_ticked(chromium: Browser, demo: dict[str, str]) -> None:
    name = f"Dale{uuid4().hex[:8]}"
    (send,) = made(demo, name)
    context = chromium.new_context(base_url=demo["address"])
    page = context.new_page()
    sign_in(page, demo)
    page.goto(f"/sends?q={name}")
    page.get_by_label(f"Select the Letter to {name}").check()
    expect(page.locator(f"#now-{send}")).to_have_text(re.compile("Received"))
    with httpx.Client(base_url=demo["address"], headers={"Authorization": f"Bearer {demo['key']}"}) as client:
        client.post(f"/api/v1/sends/{send}/events", json={"code": "held"}).raise_for_status()
    expect(page.locator(f"#now-{send}")).to_have_text(re.compile("Held"), timeout=25_000)
    expect(page.get_by_label(f"Select the Letter to {name}")).to_be_checked()
    context.close()


def test_what_looks_again_leaves_people_where_they_are(chromium: Browser, demo: dict[str, str]) -> None:
    name = f"Fell{uuid4().hex[:8]}"
    (send,) = made(demo, name)
    context = chromium.new_context(base_url=demo["address"])
    page = context.new_page()
    sign_in(page, demo)
    page.goto(f"/sends?q={name}")
    rows, menu_ = page.locator("table.sends tbody"), page.locator(f"#menu-{send}")
    rows.locator(".dots summary").click()
    menu_.get_by_role("link", name="Cancel").focus()
    with httpx.Client(base_url=demo["address"], headers={"Authorization": f"Bearer {demo['key']}"}) as client:
        client.post(f"/api/v1/sends/{send}/events", json={"code": "printed"}).raise_for_status()
    rows.dispatch_event("every")
    expect(page.locator("#counts")).to_contain_text("Producing: printed 1")
    expect(page.locator("#counts")).not_to_contain_text("Received")
    expect(menu_).to_be_visible()
    expect(menu_.get_by_role("link", name="Cancel")).to_have_count(0)
    expect(rows.locator(".dots summary")).to_be_focused()
    page.locator("#count").focus()
    rows.dispatch_event("every")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#count")).to_be_focused()
    page.goto(f"/sends?q={name}&words=postgrid")
    page.get_by_text("How these are counted").click()
    rows.dispatch_event("every")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("PostGrid keeps what an order was")).to_be_visible()
    (session,) = (each for each in context.cookies() if each["name"] == "sendtrail_session")
    context.clear_cookies(name="sendtrail_session")
    rows.dispatch_event("every")
    expect(page.get_by_text("You are signed out: sign in to go on.")).to_be_visible()
    expect(page.get_by_role("link", name="sign in to go on")).to_have_attribute(
        "href", f"/login?next=%2Fsends%3Fq%3D{name}%26words%3Dpostgrid"
    )
    context.add_cookies(
        [{"name": session["name"], "value": session["value"], "domain": session["domain"], "path": "/"}]
    )
    rows.dispatch_event("every")
    expect(page.get_by_text("You are signed out")).to_be_hidden()
    context.close()


def test_each_sees_what_their_role_reaches(chromium: Browser, demo: dict[str, str]) -> None:
    (hidden,) = made(demo, "Nobody's Letter")
    totals = {}
    for who in ("demo", "manager", "sender"):
        context = chromium.new_context(base_url=demo["address"], viewport={"width": 390, "height": 800})
        page = context.new_page()
        enter(page, demo, who)
        page.goto("/sends?sector=gift")
        totals[who] = int(page.locator("nav.counts strong").first.inner_text().replace(",", "").rstrip("+"))
        answer = page.goto(f"/sends/{hidden}")
        assert answer
        assert answer.status == (200 if who == "demo" else 404)
        menu(page)
        expect(page.get_by_role("link", name="Feeds")).to_have_count(1 if who == "demo" else 0)
        context.close()
    assert totals["demo"] > totals["manager"] > totals["sender"] > 0
