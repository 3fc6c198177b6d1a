"""Counts and the status filter of the Send Tracker in another reader's words."""

import re
from html import unescape

import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from tests.web.conftest import Browser
from tests.web.test_pages import letter, made, words
from tests.web.test_sends import gift


def counted(page: str) -> dict[str, tuple[int, str]]:
    """The counts above a list: what each is called, how many, and where it leads."""
    nav = re.search(r'<nav class="counts".*?</nav>', page, re.S)
    assert nav
    found = re.findall(r'<a href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?([^<]+) <strong>([^<]+)<', nav[0])
    return {unescape(label): (int(n), unescape(href)) for href, label, n in found}


@pytest.fixture
async def sent(context: Context, acme: Scope) -> None:
    """Three letters (ordered, printed, come back after they had arrived) and a gift."""
    _, printed, back, _ = await made(context, acme, letter("Ann"), letter("Ben"), letter("Cy"), gift())
    await sends.record_events(context, acme, printed["id"], [NewEvent("printed", source="printer")])
    for code in ("delivered", "returned"):
        await sends.record_events(context, acme, back["id"], [NewEvent(code)])


@pytest.mark.usefixtures("sent")
class TestCounts:
    async def test_each_count_leads_to_exactly_as_many_that_are_called_so(self, ann: Browser) -> None:
        for reader in ("stannp", "postgrid", "sendoso", "lob"):
            found = counted((await ann.look(f"/sends?words={reader}")).text)
            assert found.pop("All")[0] == 4
            assert sum(n for n, _ in found.values()) == 4
            for label, (n, href) in found.items():
                page = (await ann.look(href)).text
                told = re.findall(r'id="now-[^"]+">\s*<span class="status[^>]*>\s*<svg.*?</svg>([^<]+)<', page)
                assert len(told) == n
                assert {text.split(",")[0] for text in told} <= {
                    *label.split(" or "),
                    *("–",) * (label == "Not told"),
                }

    async def test_statuses_that_share_a_word_are_added_up(self, ann: Browser) -> None:
        found = counted((await ann.look("/sends?words=sendoso")).text)
        assert found["Order Received"][0] == 3
        assert found["Undeliverable"][0] == 1

    async def test_what_a_status_leaves_open_is_said(self, ann: Browser) -> None:
        page = (await ann.look("/sends?words=postgrid")).text
        found = counted(page)
        assert found["processed_for_delivery or completed"][0] == 1
        assert found["Not told"][0] == 1
        assert "Where our status leaves more than one of its words open" in words(page)
        page = (await ann.look("/sends?words=postalytics")).text
        assert counted(page)["Received"][0] == 2
        assert "Postalytics calls a send by what happened last" in words(page)

    async def test_the_status_filter_speaks_as_the_rows_do(self, ann: Browser) -> None:
        page = (await ann.look("/sends?words=lob&status=lob%3Arendered_pdf")).text
        assert '<optgroup label="Lob">' in page
        assert '<option value="lob:rendered_pdf" selected>rendered_pdf</option>' in page
        assert '<option value="lob:-">Not told</option>' in page

    async def test_a_filter_in_other_words_than_the_list_stays_chosen(self, ann: Browser) -> None:
        page = (await ann.look("/sends?words=lob&status=sendoso%3AUndeliverable")).text
        assert '<option value="sendoso:Undeliverable" selected>Sendoso: Undeliverable</option>' in page
        assert 'aria-label="Without: Sendoso: Undeliverable"' in page
        page = (await ann.look("/sends?status=created%2Cheld")).text
        assert '<option value="created,held" selected>Received, Held</option>' in page

    async def test_words_that_a_reader_does_not_have_are_refused(self, ann: Browser) -> None:
        for status, says in (
            ("lob:Shipped", "Status must be one of viewed, created,"),
            ("postalytics:InTransit", "Status must be ours, or in the words of stannp, postgrid, sendoso, lob"),
        ):
            answer = await ann.client.get("/sends", params={"status": status})
            assert answer.status_code == 400
            assert says in words(answer.text)

    async def test_the_file_has_what_the_list_has(self, ann: Browser) -> None:
        file = (await ann.look("/sends.csv?status=sendoso%3AUndeliverable")).text
        assert file.count("\r\n") == 2
