"""Samples of what a hook would be told: of the sends that it would hear of, and no others."""

from sendtrail.services import announcing
from sendtrail.services.context import Context
from tests.api.conftest import Clients
from tests.api.test_hooks import refusal, subscribed


async def test_samples_are_of_the_sends_that_the_hook_would_hear_of(context: Context, clients: Clients) -> None:
    client = await clients()
    await subscribed(client, events=["send.*"])
    for name in ("Spring", "Autumn", "Winter, late"):
        await client.post("/api/v1/campaigns", json={"name": name, "type": "triggered"})
    for kind, campaign, tags in (
        ("letter", "Spring", ["north"]),
        ("postcard", "Autumn", ["south", "vip"]),
        ("letter", "Winter, late", []),
        ("gift", None, ["north"]),
    ):
        to = {"name": "Ada Abbott", "email": "ada@example.com", "address_line1": "1 Elm Terrace"}
        made = await client.post(
            "/api/v1/sends", json={"kind": kind, "to": to, "tags": tags, **({"campaign": campaign} if campaign else {})}
        )
        assert made.status_code == 201, made.text
    await announcing.announce(context)

    async def sampled(**more: str | list[str]) -> list[str]:
        query = {"events": "send.created", "format": "flat", "limit": "10", **more}
        answer = await client.get("/api/v1/hooks/sample", params=query)
        assert answer.status_code == 200, answer.text
        return ["made up" if "sample" in each else each["campaign"] or each["kind"] for each in answer.json()["data"]]

    assert await sampled() == ["gift", "Winter, late", "Autumn", "Spring"]
    assert await sampled(campaign="Spring") == ["Spring"]
    assert await sampled(campaign=["Spring", "Winter, late"]) == ["Winter, late", "Spring"]
    assert await sampled(kind="letter") == ["Winter, late", "Spring"]
    assert await sampled(kind=["gift", "postcard"]) == ["gift", "Autumn"]
    assert await sampled(tag=["vip", "north"]) == ["gift", "Autumn", "Spring"]
    assert await sampled(tag="north", kind="letter", campaign=["Spring", "Autumn"]) == ["Spring"]
    assert await sampled(tag="nobody") == ["made up"]
    for query, param in (
        ({"campaign": ["Spring", "x"]}, "campaign"),
        ({"campaign": "\0"}, "campaign"),
        ({"kind": "parcel"}, "kind"),
        ({"tag": "\0"}, "tag"),
    ):
        answer = await client.get("/api/v1/hooks/sample", params={"events": "send.*", **query})
        assert refusal(answer) == (400, param)
