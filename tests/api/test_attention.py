"""What needs attention, by the API; and sending once more what came back."""

from datetime import timedelta

from sendtrail.services import accounts, attention, histories
from sendtrail.services.context import Context
from tests.api.conftest import Clients


async def test_entries_are_listed_page_by_page_and_changed(context: Context, clients: Clients) -> None:
    client = await clients("Acme")
    member = await accounts.add_user(context, "ann@example.com", "admin", "Acme", "long enough")
    ids = []
    for name in ("Ada", "Ben", "Cy"):
        sent = (await client.post("/api/v1/sends", json={"kind": "letter", "to": {"name": name}})).json()
        await client.post(f"/api/v1/sends/{sent['id']}/events", json={"code": "failed"})
        ids.append(sent["id"])
    await histories.refresh(context, rest=timedelta())
    await attention.refresh(context)

    first = (await client.get("/api/v1/attention?limit=2&rule=failed")).json()
    second = (await client.get(f"/api/v1/attention?limit=2&after={first['next']}")).json()
    entries = first["data"] + second["data"]
    assert [entry["about"]["id"] for entry in entries] == ids
    assert second["next"] is None
    one = f"/api/v1/attention/{entries[0]['id']}"
    assert (await client.get(one)).json() == entries[0]
    assert entries[0]["state"] == "open"

    ann = context.ids.encode("member", member.id)
    changed = (await client.patch(one, json={"assignee": ann, "note": "Asked"})).json()
    assert (changed["assignee"]["id"], changed["note"], changed["state"]) == (ann, "Asked", "open")
    assert (await client.get(f"/api/v1/attention?assignee={ann}")).json()["data"] == [changed]
    assert (await client.patch(one, json={"snooze": "3 days", "assignee": None})).json()["state"] == "snoozed"
    assert (await client.patch(one, json={"state": "done"})).json()["state"] == "done"
    assert [each["id"] for each in (await client.get("/api/v1/attention?state=done")).json()["data"]] == [changed["id"]]
    assert (await client.patch(one, json={"state": "open"})).json()["state"] == "open"

    for body, param in (
        ({"snooze": "never"}, "snooze"),
        ({"assignee": "me"}, "assignee"),
        ({"note": "x" * 501}, "note"),
        ({"mood": "good"}, "mood"),
        ({"state": "done", "snooze": "3 days"}, "snooze"),
    ):
        refused = await client.patch(one, json=body)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
    assert (await client.get("/api/v1/attention?rule=lost")).status_code == 400
    assert (await client.get("/api/v1/attention?after=x")).status_code == 400
    assert (await client.get("/api/v1/attention/attention_0")).status_code == 404
    test = await clients("Acme", live=False)
    assert (await test.get("/api/v1/attention")).json()["data"] == []


async def test_what_failed_is_sent_once_more_once(context: Context, clients: Clients) -> None:
    client = await clients("Acme")
    to = {"name": "Ada", "address_line1": "1 Elm Terrace", "postal_code": "60614"}
    sent = (await client.post("/api/v1/sends", json={"kind": "letter", "to": to})).json()
    resend = f"/api/v1/sends/{sent['id']}/resend"
    assert (await client.post(resend, json={})).status_code == 409
    await client.post(f"/api/v1/sends/{sent['id']}/events", json={"code": "failed"})

    body = {"to": {"address_line1": "2 Elm Terrace"}, "send_date": "2027-01-04"}
    answers = [await client.post(resend, json=body, headers={"Idempotency-Key": "once"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    made = answers[0].json()
    assert answers[1].json() == made
    assert (made["replaces"], made["replaced_by"]) == (sent["id"], None)
    assert made["to"] == {**sent["to"], "address_line1": "2 Elm Terrace"}
    assert (await client.get(f"/api/v1/sends/{sent['id']}")).json()["replaced_by"] == made["id"]
    refused = await client.post(resend, json=body)
    assert refused.status_code == 409
    assert made["id"] in refused.json()["error"]["message"]
