"""What a worker does, and how often. Each duty calls one service."""

from functools import partial

from sendtrail.services import (
    announcing,
    attention,
    delivery_waits,
    digest,
    histories,
    ingest,
    list_reading,
    listing,
    mail,
    mailing_work,
    presumption,
    rehearsals,
    upkeep,
    visit_privacy,
)
from sendtrail.services.context import Context
from sendtrail.services.deliveries import Deliveries
from sendtrail.worker.feed_dir import FeedDir
from sendtrail.worker.loop import Duty

_SWEEP = 300
"""Seconds. A sweep reads all that is unmatched, and only heals what came at the very moment its send was made."""


def duties(context: Context) -> list[Duty]:
    """All duties but `delivering`; the watched folder only where the settings name one."""
    given = [
        Duty(
            "reading files that nobody finished",
            5,
            partial(_resume, context),
            about="Large files and those whose reading was broken off are read to their end.",
        ),
        Duty(
            "matching unmatched scans",
            _SWEEP,
            partial(ingest.sweep, context),
            alone=True,
            about="A scan that came at the very moment its send was made finds it.",
        ),
        Duty(
            "working out how the days went",
            5,
            partial(histories.refresh, context),
            about="Reports show how many sends stood where on each day; this works out what has changed.",
        ),
        Duty(
            "presuming deliveries and returns",
            60,
            partial(_presume, context),
            alone=True,
            about="What has been quiet for long enough is presumed delivered; what came back unannounced, returned.",
        ),
        Duty(
            "noticing what needs attention",
            60,
            partial(attention.refresh, context),
            alone=True,
            about="Sends that are stuck or came back, feeds that went quiet and a low balance are listed.",
        ),
        Duty(
            "playing rehearsals",
            1,
            partial(rehearsals.play, context),
            about="Of journeys that are rehearsed with test sends, each step is told when it is due.",
        ),
        Duty(
            "writing daily digests",
            300,
            partial(digest.write, context),
            alone=True,
            about="In the morning members get an e-mail with what needs attention, if they want one.",
        ),
        Duty(
            "listing older sends",
            30,
            partial(_list_older, context),
            about="Sends from before an update of Sendtrail can be found by all that newer ones are found by.",
        ),
        Duty(
            "reading imports for mailing lists",
            1,
            partial(list_reading.read_waiting, context),
            about="Files of people to send to are fetched, and each row becomes contacts that a mailing list can take.",
        ),
        Duty(
            "making the sends of campaigns",
            1,
            partial(mailing_work.work, context),
            about="Of a campaign that goes to a mailing list each send is made, and hooks are told how it stands.",
        ),
        Duty(
            "announcing what happened",
            0.2,
            partial(announcing.announce, context),
            about="What happened to sends is put into words for the hooks that want to hear of it.",
        ),
        Duty(
            "announcing what could not be told",
            3600,
            partial(announcing.retry, context),
            alone=True,
            about="What a fault of Sendtrail kept from being told is tried again, as after an update it can be.",
        ),
        Duty(
            "releasing what hooks wait for",
            5,
            partial(delivery_waits.release, context),
            about="What a hook wants to hear some days later is told on its day, unless it is no longer true.",
        ),
        Duty(
            "sending e-mails",
            2,
            partial(mail.deliver, context),
            about="Invitations and links for new passwords go out by the mail server, if one is set.",
        ),
        Duty(
            "forgetting who visited",
            600,
            partial(visit_privacy.forget, context),
            alone=True,
            about="Visitors' addresses go when their organization's time is over; what tells visitors apart, daily.",
        ),
        Duty(
            "forgetting what is over",
            3600,
            partial(upkeep.purge, context),
            alone=True,
            about="Ended sessions, old e-mails and half-written files of the archive are removed.",
        ),
    ]
    if context.config.feed_dir:
        given.append(
            Duty(
                "watching the feed folder",
                1,
                FeedDir(context, context.config.feed_dir).round,
                about="Scan files that appear in the folder of the settings are taken.",
            )
        )
    return given


def delivering(deliveries: Deliveries) -> Duty:
    """The duty that needs a way out, which whoever runs the worker opens and closes."""
    return Duty(
        "telling hooks",
        0.2,
        deliveries.round,
        about="Webhooks, e-mails and CRMs of organizations are told what happened, in order, until they take it.",
    )


async def _resume(context: Context) -> None:
    while await ingest.resume(context):
        pass


async def _presume(context: Context) -> None:
    while (await presumption.refresh(context))[0]:
        pass


async def _list_older(context: Context) -> None:
    while await listing.list_older(context):
        pass
