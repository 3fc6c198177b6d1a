"""How hooks and what they were told read."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from markupsafe import Markup, escape

from sendtrail.domain.crm_settings import CRMS, CrmSettings
from sendtrail.domain.notices import PATTERNS, TYPES
from sendtrail.domain.plurals import counted
from sendtrail.services.hook_catalogue import READERS
from sendtrail.services.hook_deliveries import Delivery
from sendtrail.services.hook_plans import Format
from sendtrail.services.hook_settings import TARGETS
from sendtrail.services.hooks import MOST_COUNTED, Hook, where
from sendtrail.web.measures import span
from sendtrail.web.rendering import day, has_time
from sendtrail.web.wording import spelled

STATES = {"active": "Working", "failing": "Failing", "disabled": "Disabled", "ended": "Ended"}
DELIVERIES = {
    "pending": "To be sent",
    "delivered": "Delivered",
    "failed": "Failed",
    "waiting": "Waits for its day",
    "dropped": "Dropped",
}
NOBODY = "Nobody found"
"""Of what was delivered: the CRM knows nobody whom the send went to."""
FORMATS: dict[Format, tuple[str, str]] = {
    "standard": ("Standard", "JSON with all that is known, signed by Standard Webhooks."),
    "flat": ("Flat", "The same in one level, for Zapier, n8n and sheets; signed alike."),
    "postgrid_json": ("PostGrid, JSON", "With the header PostGrid-Signature, for receivers that know PostGrid."),
    "postgrid_jwt": ("PostGrid, JWT", "A signed token as the body, as PostGrid's older webhooks have it."),
}
_COLOURS = {"active": "good", "failing": "bad", "disabled": "warn", "delivered": "good", "failed": "bad"}
_SUBJECTS = {"campaign": "Campaign", "return_envelope_order": "Return envelopes"}
_SHOWN = 3
_LONGEST = 80
_MINUTE = timedelta(minutes=1)


class Sign(NamedTuple):
    """A state in a word or two, its colour, and what to know besides."""

    label: str
    colour: str
    about: str


def state_of(hook: Hook) -> Sign:
    """How a hook stands."""
    health, colour = hook.health, _COLOURS.get(hook.state, "")
    about = ""
    if hook.state == "failing" and health.failing_since:
        about = f"for {span(_since(health.failing_since))}, {counted(health.failures, 'failure')} in a row"
    elif hook.state == "disabled":
        about = hook.disabled_why
    elif hook.state == "ended":
        about = "its receiver answered 410 Gone"
    elif not health.last_success_at:
        return Sign("Not tried yet", "", "")
    return Sign(STATES[hook.state], colour, about)


def standing(delivery: Delivery, behind: bool = False) -> Sign:
    """How a delivery stands. `behind`: it waits for one before it."""
    label, colour = DELIVERIES[delivery.state], _COLOURS.get(delivery.state, "")
    if delivery.note:
        return Sign(NOBODY, "warn", delivery.note)
    if delivery.state == "pending" and delivery.tries:
        label, colour = "Will be tried again", "warn"
    elif behind:
        label = "Waits for what came before"
    return Sign(label, colour, delivery.error)


def behind(deliveries: Sequence[Delivery]) -> set[str]:
    """Which of these, the newest first, wait for an earlier one of the same send or subject to the same hook."""
    found, before = set[str](), set[tuple[str, str]]()
    for each in reversed(deliveries):
        about = each.send.id if each.send else each.subject
        if each.state == "pending" and about:
            if (key := (each.hook, about)) in before and not each.tries:
                found.add(each.id)
            before.add(key)
    return found


def subject_page(subject: str) -> str:
    """Where people find what a delivery tells of, besides sends."""
    return f"/campaigns/{subject}" if subject.startswith("campaign_") else ""


def subject_label(subject: str) -> str:
    """What that is, in a word or two."""
    return _SUBJECTS[subject.rpartition("_")[0]]


def called(hook: Hook) -> str:
    """What a hook is called on its pages: its name, or else where it leads."""
    return hook.name or _there(hook)


def place_of(hook: Hook) -> str:
    """The target, and where it is unless that is what the hook is called."""
    label, there = TARGETS[hook.target].label, _there(hook)
    return label if there in (label, called(hook)) else f"{label} · {there}"


def parted(text: str) -> Markup:
    """An address that breaks between its parts, not within them."""
    return escape(text).replace("/", Markup("/<wbr>")).replace("@", Markup("@<wbr>"))


def hears(events: Sequence[str]) -> str:
    """What a hook hears, in a line."""
    names = [told(each) for each in events]
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def told(type_: str) -> str:
    """A type of event, or a pattern, for people."""
    if type_ in PATTERNS:
        reader = "sendtrail" if type_ == "send.*" else type_.removesuffix(".*")
        return f"Everything, as {READERS[reader]} says it"
    return TYPES.get(type_, type_)


def narrowed(hook: Hook) -> list[str]:
    """By what a hook is narrowed or widened, each in a few words."""
    days = f"waits {counted(hook.wait_days, 'business day')}" if hook.wait_days else ""
    found: Iterable[str] = (
        ", ".join(spelled(kind) for kind in hook.kinds),
        ", ".join(each.name for each in hook.campaigns),
        ", ".join(f"tag {tag}" for tag in hook.tags),
        "clients too" if hook.clients else "",
        "machines' visits too" if hook.bots else "",
        days,
    )
    return [each for each in found if each]


def written(hook: Hook) -> str:
    """What a hook writes into a CRM, in a line; empty for other targets."""
    if hook.target not in CRMS:
        return ""
    settings = msgspec.convert(hook.settings, CrmSettings)
    fields = [f"{theirs} = {ours}" for theirs, ours in sorted(settings.fields.items())]
    return ", ".join([*fields, *(["an activity for each event"] if settings.activity else [])])


def many(n: int) -> str:
    """A number that may be more than was counted."""
    return f"{n:,}" if n < MOST_COUNTED else f"over {MOST_COUNTED - 1:,}"


def ago(moment: datetime | None) -> str:
    """How long ago something was, in little room; empty for never."""
    if not moment:
        return ""
    since = _since(moment)
    return f"{span(since).replace('minutes', 'min').replace('minute', 'min')} ago" if since >= _MINUTE else "just now"


def age(moment: datetime | None) -> str:
    """Since how long something is so; empty for what is not."""
    return span(_since(moment)) if moment else ""


def exact(moment: datetime) -> str:
    """Local time to the second: 22 Nov 2026, 03:41:07 EST; the day alone where nothing more was told."""
    return f"{day(moment)}, {clock(moment)}" if has_time(moment) else day(moment)


def soon(moment: datetime) -> str:
    """The same with its day only where that is another than today."""
    return clock(moment) if moment.date() == datetime.now(moment.tzinfo).date() else exact(moment)


def clock(moment: datetime) -> str:
    """The time of day, local, to the second: 03:41:07 EST."""
    return f"{moment:%H:%M:%S} {moment.tzname()}"


def _there(hook: Hook) -> str:
    """Host and path of a webhook; of a chat the host alone, since its address is as good as a key."""
    if hook.target != "webhook":
        return where(hook.target, hook.url, hook.settings)
    url = urlsplit(hook.url)
    return _cut(f"{url.netloc.rpartition('@')[2]}{url.path.rstrip('/')}")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _since(moment: datetime) -> timedelta:
    return max(datetime.now(UTC) - moment, timedelta())
