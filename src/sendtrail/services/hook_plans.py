"""What somebody wants of a hook: checked, field by field, before it is kept."""

from collections.abc import Sequence
from typing import Any, Literal, TypeVar, get_args

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.clients.http import check_address
from sendtrail.domain import notices
from sendtrail.domain.described import check_described
from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Forbidden, Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import MAX_TAGS, MAX_TEXT, KindWord
from sendtrail.services import api_keys
from sendtrail.services.accounts import checked_name
from sendtrail.services.campaigns import called
from sendtrail.services.context import Context
from sendtrail.services.hook_settings import Target
from sendtrail.store import organizations
from sendtrail.store.database import Connection
from sendtrail.store.hooks import Content

T = TypeVar("T")
Format = Literal["standard", "flat", "postgrid_json", "postgrid_jwt"]
FORMATS: Sequence[str] = get_args(Format)
MOST_CAMPAIGNS = 200
MOST_DAYS = 60
_BLANK = Content("", "", "standard", {}, [], 0, [], [], [], False, False, 0, "", None)


class HookPlan(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a hook is to hear, and where. `events`: types such as `send.delivered` or `postalytics.Mailed`, or all of a
    reader's words, such as `postalytics.*`. `url`: https, of a webhook or a Slack-style chat. `format`, of a webhook:
    `standard` or, in one level for Zapier and the like, `flat`, both signed by Standard Webhooks; `postgrid_json` or
    `postgrid_jwt`, signed as PostGrid does.

    `description`, `metadata`: anything of one's own.

    `kinds`, `campaigns` (by id or name), `tags`: empty for all; of tags one is enough. `bots`: visits by machines too.
    `clients`: an agency's hook hears of its clients' sends as well. `wait_days`: business days that it waits after an
    event; it is then told in the morning, unless the piece was rerouted or came back meanwhile.

    `settings`: for e-mail `{"to": ["ann@example.com"]}`; for a CRM, at its `url`, the account's `token` (of Salesforce
    `client_id` and `client_secret`, and `person`: Contact or Lead), `fields` to set, such as `{"last_mail_status":
    "event"}`, `activity`, `external_id_field` and, of Pipedrive, `activity_type`.
    """

    events: list[str] | UnsetType = UNSET
    url: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    format: Format | UnsetType = UNSET
    settings: dict[str, object] | UnsetType = UNSET
    kinds: list[KindWord] | UnsetType = UNSET
    campaigns: list[str] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    bots: bool | UnsetType = UNSET
    clients: bool | UnsetType = UNSET
    wait_days: int | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET


async def check_url(context: Context, plan: HookPlan, target: Target, known: str = "") -> None:
    """Before any transaction, since a name is looked up. Invalid names `url`."""
    url = known if plan.url is UNSET else plan.url.strip()
    if not target.by_url:
        if url:
            raise Invalid("url is for webhooks and chats: this target has none", "url")
    elif not url:
        raise Invalid("url is missing: where is it to be told?", "url")
    elif url != known:
        await check_address(url, context.config.allow_private_hooks)


async def checked(
    connection: Connection, context: Context, scope: Scope, plan: HookPlan, target: Target, base: Content | None = None
) -> Content:
    """What a hook is to be; `base`: what it is, None for a new one. Invalid names the field."""
    known = base or _BLANK
    format_ = _or(plan.format, known.format)
    if format_ not in FORMATS:
        raise Invalid(f"format must be one of {', '.join(FORMATS)}", "format")
    if not target.signed and format_ != "standard":
        raise Invalid("format is for webhooks: this target is told in words", "format")
    settings, events = known.settings, known.events
    moved = plan.url is not UNSET and plan.url.strip() != known.url
    if base is None or plan.settings is not UNSET or moved:  # an account's keys are told to its address alone
        settings = target.check(_or(plan.settings, target.shown(known.settings)), {} if moved else known.settings)
    if base is None or plan.events is not UNSET:
        events = notices.checked(_or(plan.events, []))
    wait_days = _or(plan.wait_days, known.wait_days)
    if not 0 <= wait_days <= MOST_DAYS:
        raise Invalid(f"wait_days must be 0 to {MOST_DAYS}", "wait_days")
    clients, campaigns = _or(plan.clients, known.clients), known.campaigns
    if clients and not known.clients:
        await _check_agency(connection, scope)
    if plan.campaigns is not UNSET:
        campaigns = await _campaigns(connection, context, scope, plan.campaigns)
    if clients and campaigns:
        raise Invalid("campaigns are this organization's own: leave them out, or clients", "campaigns")
    return Content(
        name=known.name if plan.name is UNSET else plan.name.strip() and checked_name(plan.name, "name"),
        url=known.url if plan.url is UNSET else plan.url.strip(),
        format=format_,
        settings=settings,
        events=events,
        codes=notices.heard(events),
        kinds=known.kinds if plan.kinds is UNSET else _kinds(plan.kinds),
        campaigns=campaigns,
        tags=known.tags if plan.tags is UNSET else _tags(plan.tags),
        bots=_or(plan.bots, known.bots),
        clients=clients,
        wait_days=wait_days,
        **{
            "description": known.description,
            "metadata": known.metadata,
            **check_described(plan.description, plan.metadata),
        },
    )


def _or(given: T | UnsetType, known: T) -> T:
    return known if isinstance(given, UnsetType) else given


def _kinds(words: Sequence[str]) -> list[int]:
    try:
        return sorted({Kind[word.upper()].value for word in words})
    except KeyError as error:
        known = ", ".join(kind.word for kind in Kind)
        raise Invalid(f"kinds: {str(error.args[0]).lower()[:40]!a} must be one of {known}", "kinds") from None


def _tags(tags: Sequence[str]) -> list[str]:
    if len(tags) > MAX_TAGS:
        raise Invalid(f"tags may be {MAX_TAGS} at most", "tags")
    found = list(dict.fromkeys(tag.strip() for tag in tags))
    if any(not 0 < len(tag) <= MAX_TEXT or "\0" in tag for tag in found):
        raise Invalid(f"tags must each be 1 to {MAX_TEXT} characters", "tags")
    return found


async def _campaigns(connection: Connection, context: Context, scope: Scope, texts: Sequence[str]) -> list[int]:
    if len(texts) > MOST_CAMPAIGNS:
        raise Invalid(f"campaigns may be {MOST_CAMPAIGNS} at most; leave them out for all", "campaigns")
    if any("\0" in text for text in texts):
        raise Invalid("campaigns may not hold a NUL character", "campaigns")
    found = await called(connection, context, scope, texts)
    for text in texts:
        if text not in found:
            raise Invalid(f"campaigns: {text[:60]!a} does not exist", "campaigns")
    return sorted({found[text].id for text in texts})


async def _check_agency(connection: Connection, scope: Scope) -> None:
    if await organizations.is_client(connection, scope):
        raise Invalid("clients: this organization is a client itself", "clients")
    if not await api_keys.reaches_clients(connection, scope):
        raise Forbidden(
            "clients: only an admin, or a key that speaks for clients, can have a hook hear of theirs", "clients"
        )
