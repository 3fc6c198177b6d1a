"""Whom hooks tell: for each target, how it is told."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sendtrail.clients.http import Outside
from sendtrail.domain import messages, signatures
from sendtrail.domain.crm_settings import CRMS
from sendtrail.domain.flat import flat
from sendtrail.services import crm
from sendtrail.services.context import Context
from sendtrail.services.hook_telling import Letter, Notice, Target, Told, page_of, told_by
from sendtrail.store.system.deliveries import HookRow

_JSON = {"Content-Type": "application/json"}


async def webhook(context: Context, outside: Outside, hook: HookRow, notice: Notice) -> Told:
    """The notification in the hook's format, signed anew for each try."""
    headers, body = signed(hook, notice, datetime.now(UTC))
    return told_by(await outside.request("POST", hook.url, headers=headers, body=body))


async def slack(context: Context, outside: Outside, hook: HookRow, notice: Notice) -> Told:
    """A line for a chat, as Slack and many others take it."""
    body = json.dumps({"text": messages.chat_line(notice.body)}).encode()
    return told_by(await outside.request("POST", hook.url, headers=_JSON, body=body))


async def email(context: Context, outside: Outside, hook: HookRow, notice: Notice) -> Told:
    """An e-mail to each address, which goes out by the mail server as all of ours do."""
    body = notice.body
    subject, text = messages.line(body), messages.text(body, page_of(context, body))
    return Told(letters=tuple(Letter(to, subject, text) for to in hook.settings["to"]))


TARGETS: Mapping[str, Target] = {
    "webhook": webhook,
    "slack": slack,
    "email": email,
    **dict.fromkeys(CRMS, crm.write),
}


def signed(hook: HookRow, notice: Notice, at: datetime) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a webhook's notification. PostGrid's formats have room for one signature only."""
    newest = hook.secrets[0]
    match hook.format:
        case "postgrid_json":
            return _JSON | signatures.postgrid_json(newest, at, notice.text), notice.text.encode()
        case "postgrid_jwt":
            token = signatures.postgrid_jwt(newest, at, notice.text)
            return {"Content-Type": "application/jwt"}, token.encode()  # RFC 7519, 10.3.1
        case "flat":
            text = json.dumps(flat(notice.body), ensure_ascii=False, separators=(",", ":"))
        case _:
            text = notice.text
    return _JSON | signatures.standard(hook.secrets, notice.event_id, at, text), text.encode()
