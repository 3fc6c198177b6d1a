"""What other things tell of a link: where it is, and its QR code."""

from typing import Any

from sendtrail.services.context import Context
from sendtrail.services.link_addresses import link_url


def link_view(context: Context, link_id: int) -> dict[str, Any] | None:
    """A send's link, ready for JSON; `qr`: the address of its QR code as SVG. None for 0: it has none."""
    if not link_id:
        return None
    url = link_url(context, link_id)
    return {"id": context.ids.encode("link", link_id), "url": url, "qr": f"{url}.svg"}
