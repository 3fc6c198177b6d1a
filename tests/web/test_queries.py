"""Parameters in the address of a page."""

from html import unescape

import pytest

from tests.web.conftest import Browser


@pytest.mark.parametrize(
    ("path", "takes"),
    [
        ("/reports", "after, end, order, period, rows, sector, sort, start"),
        ("/campaigns", "after, done, q, state, type"),
        ("/feeds", "after"),
        ("/settings/audit", "after"),
    ],
)
async def test_a_parameter_that_a_page_does_not_read_is_refused(ann: Browser, path: str, takes: str) -> None:
    for address in (f"{path}?foo=1", f"{path}?foo=1&bar="):
        page = await ann.look(address)

        assert page.status_code == 400
        assert f"'foo' is not a parameter of this page, which takes {takes}." in unescape(page.text)
    assert (await ann.look(f"{path}?foo=")).status_code == 200


async def test_the_file_of_a_report_takes_no_other_parameter_either(ann: Browser) -> None:
    assert (await ann.look("/reports.csv?foo=1")).status_code == 400


@pytest.mark.parametrize("path", ["/sends", "/campaigns", "/reports", "/feeds"])
async def test_a_parameter_is_given_once(ann: Browser, path: str) -> None:
    page = await ann.look(f"{path}?q=a&q=b")

    assert page.status_code == 400
    assert "'q' is given more than once." in unescape(page.text)
    assert (await ann.look("/sends?q=a&q=")).status_code == 200
