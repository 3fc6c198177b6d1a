"""Parameters in the address of a page."""

import re
from html import unescape

import pytest
from litestar.routes import HTTPRoute

from sendtrail.web.routes import router
from tests.web.conftest import Browser


async def test_no_page_passes_over_a_parameter_that_it_does_not_read(ann: Browser) -> None:
    paths = [page.path for page in router().routes if isinstance(page, HTTPRoute) and "GET" in page.methods]
    assert len(paths) > 40
    for path in paths:
        page = await ann.look(re.sub(r"\{[^}]*\}", "x", path) + "?foo=1")
        assert page.status_code == 400, path
        assert "'foo' is not a parameter of this page, which takes " in unescape(page.text)


@pytest.mark.parametrize(
    ("path", "takes"),
    [("/reports", "after, end, order, period, rows, sector, sort, start"), ("/feeds", "after"), ("/settings", "none")],
)
async def test_what_a_page_takes_is_said(ann: Browser, path: str, takes: str) -> None:
    assert f"which takes {takes}." in unescape((await ann.look(f"{path}?foo=1&bar=")).text)
    assert (await ann.look(f"{path}?foo=")).status_code == 200


@pytest.mark.parametrize("path", ["/sends", "/campaigns", "/reports", "/feeds"])
async def test_a_parameter_is_given_once(ann: Browser, path: str) -> None:
    page = await ann.look(f"{path}?q=a&q=b")

    assert page.status_code == 400
    assert "'q' is given more than once." in unescape(page.text)
    assert (await ann.look("/sends?q=a&q=")).status_code == 200
