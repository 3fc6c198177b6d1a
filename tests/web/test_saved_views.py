"""Lists of sends that are kept under a name."""

from dataclasses import replace

import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import saved_views
from sendtrail.services.context import Context
from tests.web.conftest import Browser
from tests.web.test_pages import words


async def kept(context: Context, acme: Scope) -> dict[str, str]:
    """Ann's."""
    ann = replace(acme, member_id=int(acme.actor.removeprefix("member:")))
    return {view.name: view.query for view in await saved_views.list_views(context, ann)}


async def test_a_view_gives_way_to_another_only_after_a_question(ann: Browser, context: Context, acme: Scope) -> None:
    saved = await ann.post("/sends/views", name="Late", query="status=held")
    assert saved.headers["Location"] == "/sends?status=held"
    assert (await ann.post("/sends/views", name=" Late ", query="status=held")).status_code == 302
    asked = await ann.post("/sends/views", name="Late", query="status=created")
    assert asked.status_code == 409
    assert "Replace “Late”?" in words(asked.text)
    assert 'name="query" value="status=created"' in asked.text
    assert (await kept(context, acme)) == {"Late": "status=held"}
    await ann.post("/sends/views", name="Later", query="status=created", sure="Late")
    assert (await ann.post("/sends/views", name="Later", query="", sure="Late")).status_code == 409
    await ann.post("/sends/views", name="Late", query="status=created", sure="Late")
    assert (await kept(context, acme)) == {"Late": "status=created", "Later": "status=created"}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("status=hold", "Status must be one of"),
        ("foo=1", "'foo' is no filter of sends"),
        ("mode=some", "Mode must be one of live, test, both"),
        ("words=klingon", "Words must be one of"),
        ("campaign=Gone", "Campaign 'Gone' does not exist"),
        ("start=2026-03-02&end=2026-03-01", "Start must not lie after end"),
    ],
)
async def test_what_the_list_refuses_is_not_kept(
    ann: Browser, context: Context, acme: Scope, query: str, says: str
) -> None:
    refused = await ann.post("/sends/views", name="Broken", query=query)
    assert refused.status_code == 400
    assert says in words(refused.text)
    assert await kept(context, acme) == {}
