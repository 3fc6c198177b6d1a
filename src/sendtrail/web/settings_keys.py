"""Settings: API keys."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import api_keys, clients
from sendtrail.services.api_keys import Key, NewKey
from sendtrail.web.forms import repeat_of, see, wrong_fields
from sendtrail.web.settings import KEYS, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, public_address, read_form

ACCESS = [("full", "Everything"), ("read", "Read only"), ("some", "Only what is chosen below")]
GROUPS = {
    "sends": "Sends",
    "campaigns": "Campaigns",
    "reports": "Reports",
    "money": "Money",
    "feeds": "Feeds",
    "hooks": "Hooks",
    "settings": "Settings",
    "keys": "API keys",
    "bank_accounts": "Bank accounts",
}
"""What a key can be narrowed to: the permissions whose names begin so. People are invited by people."""


@get("/settings/keys", needs=Permission.KEYS_WRITE)
async def show_keys(request: WebRequest, visitor: Here) -> Response[str]:
    """The keys of the mode that the visitor looks at."""
    return await _keys_page(request, visitor, {})


@post("/settings/keys", needs=Permission.KEYS_WRITE)
async def make_key(request: WebRequest, visitor: Here) -> Response[str]:
    """Make a key and show it, once. To load the answer again makes no other, and shows none."""
    fields = await read_form(request, visitor)
    try:
        made = await api_keys.make(
            context_of(request),
            visitor.scope,
            fields.get("name", ""),
            _words(fields),
            fields.get("agency") == "yes",
            request=repeat_of(request, fields),
        )
    except SendtrailError as problem:
        return await _keys_page(request, visitor, fields, problem)
    return await _keys_page(request, visitor, {}, made=made)


@post("/settings/keys/{key_id:str}/revoke", needs=Permission.KEYS_WRITE)
async def revoke_key(request: WebRequest, visitor: Here, key_id: FromPath[str]) -> Response[str]:
    """From now on the key opens nothing."""
    await read_form(request, visitor)
    await api_keys.revoke_key(context_of(request), visitor.scope, key_id)
    return see("/settings/keys?done=key")


def _words(fields: Mapping[str, str]) -> dict[str, str] | None:
    """The rights that a form chose; None for everything."""
    access = fields.get("access", "full")
    if access == "full":
        return None
    if access == "read":
        return api_keys.read_only()
    chosen = {}
    for permission in Permission:
        noun, _, verb = permission.partition(".")
        given = fields.get(noun, "") if noun in GROUPS else ""
        if given == "write" or given == verb == "read":
            chosen[permission.value] = "organization"
    return chosen


def _access(key: Key) -> str:
    """What a key may do, in a few words."""
    if key.rights is None:
        return "Everything"
    if key.rights == api_keys.read_only():
        return "Read only"
    nouns = dict.fromkeys(name.partition(".")[0] for name in key.rights)
    writes = {name.partition(".")[0] for name in key.rights if not name.endswith(".read")}
    return ", ".join(f"{GROUPS.get(noun, noun)}{'' if noun in writes else ' (read)'}" for noun in nouns)


async def _keys_page(
    request: WebRequest,
    visitor: Visitor,
    typed: Mapping[str, str],
    problem: SendtrailError | None = None,
    made: NewKey | None = None,
) -> Response[str]:
    context = context_of(request)
    names = {"name": "name", "rights": "permissions"}
    return await settings_page(
        request,
        visitor,
        "settings_keys.html",
        KEYS,
        wrong=wrong_fields(problem, names),
        typed=typed,
        keys=[(key, _access(key)) for key in await api_keys.list_keys(context, visitor.scope)],
        made=made,
        agency=bool(await clients.list_clients(context, visitor.scope)),
        access=ACCESS,
        groups=[(noun, label, _levels(noun)) for noun, label in GROUPS.items()],
        address=public_address(request),
    )


def _levels(noun: str) -> list[tuple[str, str]]:
    """What a form offers for a group: some are only read."""
    writes = any(each.startswith(f"{noun}.") and not each.endswith(".read") for each in Permission)
    return [("", "No"), ("read", "Read"), *([("write", "Read and change")] if writes else [])]
