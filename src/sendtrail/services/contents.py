"""What pieces are made from: HTML as text, PDFs as files or from an address. It is checked, then kept byte for byte."""

from urllib.parse import urljoin

from sendtrail.clients.http import Answer, Outside, Unreachable
from sendtrail.domain.problems import Invalid, SendtrailError, TooLarge
from sendtrail.services.context import Context
from sendtrail.store.documents import Document as Document

HTML = "text/html"
PDF = "application/pdf"
MAX_HTML = 8 << 20
"""Bytes, in UTF-8: a letter with its pictures within it."""
MAX_PDF = 20 << 20
"""Bytes."""
WITHIN = 10.0
"""Seconds in which an address must give its PDF."""
_HOPS = 3
_TAIL = 1024
"""Bytes: readers look so far from the end for the mark of a PDF's end (ISO 32000-1, annex H)."""
_MOVED = frozenset({301, 302, 303, 307, 308})


class InvalidPdf(SendtrailError):
    """What came as a PDF is none that could be printed."""

    type = "invalid_pdf_error"


def html(text: str, param: str) -> Document:
    """HTML to print from; Invalid names `param`."""
    content = text.encode("utf-8", "replace")
    if len(content) > MAX_HTML:
        raise Invalid(f"{param} may be {MAX_HTML >> 20} MB of HTML at most", param)
    if not content.strip():
        raise Invalid(f"{param} is empty: give the HTML to print", param)
    if b"\0" in content:
        raise Invalid(f"{param} may not hold a NUL character", param)
    return Document(HTML, content)


def pdf(content: bytes, param: str) -> Document:
    """A PDF to print; InvalidPdf and TooLarge name `param`."""
    if len(content) > MAX_PDF:
        raise TooLarge(f"{param} may be {MAX_PDF >> 20} MB at most", param)
    if not content.startswith(b"%PDF-"):
        raise InvalidPdf(f"{param} is no PDF: it does not begin with %PDF-", param)
    if b"%%EOF" not in content[-_TAIL:]:
        raise InvalidPdf(f"{param} is a PDF without an end: %%EOF is missing", param)
    return Document(PDF, content)


async def pdf_at(context: Context, url: str, param: str) -> Document:
    """The PDF at an address of the public internet; Invalid, InvalidPdf and TooLarge name `param`."""
    async with Outside.opened(private_allowed=context.config.allow_private_hooks) as outside:
        for _ in range(_HOPS):
            try:
                answer = await outside.request("GET", url, within=WITHIN, most=MAX_PDF + 1)
            except Unreachable as problem:
                raise Invalid(f"{param} could not be fetched: {problem}", param) from None
            if not (there := _elsewhere(answer)):
                break
            url = urljoin(url, there)
    if not answer.ok:
        raise Invalid(f"{param} could not be fetched: the answer was {answer.status}", param)
    return pdf(answer.body, param)


def _elsewhere(answer: Answer) -> str:
    """Where a redirect leads; empty for any other answer."""
    return answer.headers.get("location", "") if answer.status in _MOVED else ""
