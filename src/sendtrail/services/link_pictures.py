"""QR codes of links: the same picture for everybody, so the last ones drawn are kept."""

import asyncio
from functools import lru_cache

from sendtrail.documents.qr import Format, draw
from sendtrail.services.context import Context
from sendtrail.services.link_addresses import qr_text


async def picture(context: Context, link_id: int, format_: Format) -> bytes:
    """The QR code of a link, which needs not be there. It takes some milliseconds, beside whatever else goes on."""
    return await asyncio.to_thread(_drawn, qr_text(context, link_id), format_)


@lru_cache(maxsize=2048)
def _drawn(text: str, format_: Format) -> bytes:
    return draw(text, format_)
