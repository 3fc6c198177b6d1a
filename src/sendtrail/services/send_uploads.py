"""Lists of recipients given to the page of a campaign: each row becomes a send of that campaign, as by an import."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple, get_args

from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import KindWord
from sendtrail.services.campaigns import Campaign
from sendtrail.services.context import Context
from sendtrail.services.send_imports import CampaignName, Imported, Reject, import_sends

KINDS = get_args(KindWord)
SHOWN = 100
"""So many of the rejected rows are told."""


class Received(NamedTuple):
    """How it went, and the first of the rows that were rejected."""

    imported: Imported
    rejects: list[Reject]


async def receive_sends(
    context: Context, scope: Scope, campaign: Campaign, chunks: AsyncIterator[bytes], kind: str = ""
) -> Received:
    """Take a CSV file of any length. `kind`: of rows that name none.

    Invalid for a file that is empty or whose header is none, for a `kind` that is none, and for a campaign that takes
    no sends. What breaks off is gone on with when the same file comes again.
    """
    if kind and kind not in KINDS:
        raise Invalid(f"kind must be one of {', '.join(KINDS)}", "kind")
    if campaign.state != "active":
        raise Invalid("this campaign takes no sends: restore it first", "campaign")
    context.config.archive.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=context.config.archive, prefix="incoming-") as kept:
        async for chunk in chunks:
            await asyncio.to_thread(kept.write, chunk)
        kept.flush()
        if not kept.tell():
            raise Invalid("the file is empty", "file")
        received = Received(Imported([]), [])
        name = CampaignName(campaign.id, campaign.name)
        async for imported, some in import_sends(context, scope, Path(kept.name), kind=kind, campaign=name):
            received = Received(imported, [*received.rejects, *some][:SHOWN])
    return received
