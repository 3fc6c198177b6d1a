"""The page that explains statuses says everything that the tables hold."""

import re

import pytest

from sendtrail.domain.events import CODES, EVENT_TYPES
from sendtrail.domain.meanings import EVIDENCE, RETURN_REASONS, meaning
from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies import MEANINGS
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import organizations
from sendtrail.services.context import Context
from tests.web.conftest import Browser
from tests.web.test_pages import letter, made, words


async def test_every_status_stands_there_once_to_lead_to(ann: Browser) -> None:
    text = (await ann.look("/help/statuses")).text
    anchors = re.findall(r'<tr id="([^"]+)"', text)
    assert sorted(anchors) == sorted(CODES)
    assert text.count("<code>") == len(EVENT_TYPES)


async def test_statuses_categories_evidence_and_reasons_are_explained(ann: Browser) -> None:
    page = words((await ann.look("/help/statuses")).text)
    for type_ in EVENT_TYPES:
        for evidence in type_.evidence:
            assert meaning(type_.code, evidence).text in page
    for text in (*(category.description for category in CATEGORIES), *EVIDENCE.values(), *RETURN_REASONS.values()):
        assert text in page
    assert "does not scan every piece" in page


@pytest.mark.parametrize("name", list(MEANINGS))
async def test_a_vocabulary_explains_all_its_words(ann: Browser, name: str) -> None:
    page = words((await ann.look(f"/help/statuses?vocabulary={name}")).text)
    for word, text in MEANINGS[name].items():
        assert f"{word} {text}" in re.sub(r" \(\d+\)", "", page)


async def test_statuses_read_as_others_call_them(ann: Browser) -> None:
    page = words((await ann.look("/help/statuses")).text)
    assert (
        "Stannp local_delivery Postalytics ProcessedForDelivery (6) PostGrid processed_for_delivery · out_for_delivery"
        " Sendoso Shipped Lob Processed for Delivery" in page
    )
    only = words((await ann.look("/help/statuses?vocabulary=postalytics")).text)
    assert "Mailed (11), Canada only" in only
    assert "Sendoso Shipped" not in only


async def test_a_vocabulary_that_is_none_is_said(ann: Browser) -> None:
    page = await ann.look("/help/statuses?vocabulary=moon")
    assert page.status_code == 400
    assert 'role="alert"' in page.text


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("help@acme.example", "mailto:help@acme.example"),
        ("+1 (555) 010-9999", "tel:+15550109999"),
        ("https://acme.example/help", "https://acme.example/help"),
    ],
)
async def test_whom_to_ask_is_a_link(ann: Browser, context: Context, acme: Scope, contact: str, link: str) -> None:
    assert '<a href="/settings">Say in the settings' in (await ann.look("/help/statuses")).text
    await organizations.change(
        context, acme, name="Acme", time_zone="America/New_York", currency="USD", support_contact=contact
    )
    page = (await ann.look("/help/statuses")).text
    assert f'<a href="{link}">ask for help</a>' in page
    assert "Say in the settings" not in page


async def test_a_status_has_its_meaning_as_a_tooltip(ann: Browser, context: Context, acme: Scope) -> None:
    (send,) = await made(context, acme, letter())
    tip = "The order is here, and nothing has been told yet of its being produced"
    for address in ("/sends", f"/reports?sector=single&start={send['day']}&end={send['day']}"):
        page = (await ann.look(address)).text
        assert f'href="/sends/{send["id"]}" aria-describedby="tip-{send["id"]}"' in page
        assert re.search(rf'role="tooltip" id="tip-{send["id"]}"[^>]*>{tip} or sent', page), address
    page = (await ann.look(f"/sends/{send['id']}")).text
    for id_ in ("now", "trail-1"):
        assert re.search(rf'<a href=/help/statuses#created [^>]+"tip-{id_}">.*?id="tip-{id_}"[^>]*>{tip} or sent', page)
    assert re.search(rf'"tip-step-1">Received<[^>]+id="tip-step-1"[^>]*>{tip}\.', page)
    assert len(re.findall('id="tip-step-', page)) == len(CATEGORIES)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
