"""Settings: who changed what, and when."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from sendtrail.domain.roles import Permission
from sendtrail.services import audit
from sendtrail.services.audit import Note
from sendtrail.web.queries import query_of
from sendtrail.web.settings import AUDIT, settings_page
from sendtrail.web.visitors import Here, WebRequest, context_of

_NOTES = 100
WORDS = {
    "member.invited": "invited",
    "member.joined": "joined",
    "member.role_changed": "changed the role of",
    "member.removed": "removed",
    "invitation.withdrawn": "withdrew the invitation of",
    "team.added": "began the team",
    "team.entered": "put into a team",
    "team.left": "took out of a team",
    "team.renamed": "renamed the team",
    "team.removed": "removed the team",
    "role.saved": "saved the role",
    "role.removed": "removed the role",
    "account.signed_in": "signed in as",
    "account.signed_out": "signed out everywhere as",
    "account.refused": "gave a wrong password for",
    "account.code_refused": "gave a wrong code for",
    "account.password_changed": "changed the password of",
    "account.reset_asked": "asked for a new password for",
    "account.password_reset": "chose a new password by link for",
    "account.codes_begun": "began to sign in with codes as",
    "account.codes_ended": "ended the codes of",
    "organization.changed": "changed the organization",
    "thresholds.changed": "changed waiting times",
    "destination.added": "let links lead to",
    "destination.removed": "let links no longer lead to",
    "mailer_id.added": "registered the Mailer ID",
    "mailer_id.removed": "took back the Mailer ID",
    "feed.added": "made feed credentials",
    "feed.revoked": "revoked feed credentials",
    "feed.secret_changed": "changed the secret of feed credentials",
    "price.set": "set the price of",
    "price.removed": "removed the price of",
    "deposit.added": "noted a deposit of",
    "adjustment.added": "adjusted the balance by",
    "fund.added": "opened the funding source",
    "fund.changed": "changed the funding source",
    "fund.closed": "closed the funding source",
    "budget.set": "set the budget of",
    "budget.removed": "removed the budget of",
    "send.changed": "changed the send",
    "sends.exported": "exported sends",
    "engaged.exported": "exported who responded to",
    "sends.tagged": "gave sends the tag",
    "sends.untagged": "took from sends the tag",
    "send.resent": "sent once more",
    "rehearsal.begun": "began to rehearse the send",
    "rehearsal.stopped": "stopped rehearsing the send",
    "rehearsal.reset": "took back the rehearsal of the send",
    "client.added": "began the client",
    "campaign.added": "began the campaign",
    "campaign.changed": "changed the campaign",
    "campaign.trial_begun": "began to try out the links of the campaign",
    "campaign.trial_ended": "ended the trial of the links of the campaign",
    "campaign.responses_reset": "took back visits and goals of the campaign",
    "campaign.sent": "had all of a mailing list sent to by the campaign",
    "campaign.archived": "archived the campaign",
    "campaign.deleted": "deleted the campaign",
    "campaign.restored": "restored the campaign",
    "refused.exported": "exported whom it could not send to of the campaign",
    "links.exported": "exported the links of the campaign",
    "template.changed": "changed the template",
    "template.deleted": "deleted the template",
    "mailing_list.changed": "changed who is in the mailing list",
    "mailing_list.deleted": "deleted the mailing list",
    "mailing_list_import.deleted": "deleted the import for mailing lists",
    "link.changed": "changed where one link leads,",
    "tracker.changed": "changed where the links lead of the tracker",
    "tracker.deleted": "deleted the tracker",
    "hook.added": "made the hook",
    "hook.changed": "changed the hook",
    "hook.rotated": "changed the secret of the hook",
    "hook.enabled": "enabled the hook",
    "hook.disabled": "disabled the hook",
    "hook.gone": "was told 410 Gone by the hook",
    "hook.deleted": "deleted the hook",
    "hook.replayed": "told once more the hook",
    "hook.recovered": "told what had failed once more the hook",
    "contact.deleted": "deleted the contact",
    "return_envelope_order.filled": "filled the order of return envelopes",
    "bank_account.added": "added the bank account",
    "bank_account.deleted": "removed the bank account",
    "key.added": "made the API key",
    "key.revoked": "revoked the API key",
}
"""What each action is called."""
_OF_A_MODE = frozenset(
    {
        *("bank_account", "campaign", "contact", "engaged", "hook", "link", "links", "mailing_list"),
        *("mailing_list_import", "refused", "rehearsal", "return_envelope_order", "send", "sends", "template"),
        "tracker",
    }
)
"""What is either live or test; what else is done counts for both, whichever mode it was done from."""


@get("/settings/audit", needs=Permission.AUDIT_READ, takes=("after",))
async def show_audit(request: WebRequest, visitor: Here) -> Response[str]:
    """The trail, newest first."""
    query = query_of(request)
    notes, after = await audit.list_notes(context_of(request), visitor.scope, _NOTES, query.get("after"))
    return await settings_page(
        request,
        visitor,
        "settings_audit.html",
        AUDIT,
        wrong={},
        typed={},
        notes=[(note, WORDS.get(note.action, note.action), _details(note), _is_test(note)) for note in notes],
        more=f"/settings/audit?{urlencode({'after': after})}" if after else "",
    )


def _is_test(note: Note) -> bool:
    return note.live is False and note.action.partition(".")[0] in _OF_A_MODE


def _details(note: Note) -> str:
    told = {name.replace("_", " "): _told(value) for name, value in note.detail.items()}
    return ", ".join(f"{name}: {text}" for name, text in told.items() if text)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_told(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " and ".join(_told(each) for each in value)
    return "" if value is None else ("yes" if value else "no") if isinstance(value, bool) else str(value)
