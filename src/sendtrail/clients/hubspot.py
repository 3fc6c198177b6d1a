"""HubSpot's CRM, version 3 of its API: contacts, their properties, and notes on their timelines.

By developers.hubspot.com: a contact is read by any property with unique values (`idProperty`), and a note joins a
contact by the association of type 202. Contacts are read by property, not searched: a search lags behind, and few may
be made each second. Needs a private app's token with the scopes crm.objects.contacts.read and .write.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from sendtrail.clients.crm import Activity, Value, ask, read
from sendtrail.clients.http import Answer, Outside

ADDRESS = "https://api.hubapi.com"
OWN_ID = "hs_object_id"
_NOTE_TO_CONTACT = 202
_NOTES = 20
"""Notes on one contact of the same millisecond: more than happen to one person's mail."""


class HubSpot:
    """`external_id_field`: the property, with unique values, that has our sender's id for a contact; empty: none."""

    def __init__(self, outside: Outside, address: str, token: str, *, external_id_field: str = "") -> None:
        self._outside = outside
        self._objects = f"{address.rstrip('/')}/crm/v3/objects"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._external_id_field = external_id_field

    async def find(self, external_id: str, email: str) -> str | None:
        found = None
        if external_id and self._external_id_field:
            found = await self._contact(self._external_id_field, external_id)
        if found is None and email:
            found = await self._contact("email", email)
        return found

    async def set(self, person: str, fields: Mapping[str, Value]) -> Answer:
        properties = {name: _text(value) for name, value in fields.items()}
        answer, _ = await self._ask("PATCH", f"/contacts/{quote(person, '')}", {"properties": properties})
        return answer

    async def told(self, person: str, activity: Activity) -> bool:
        wanted = {"associations.contact": person, "hs_timestamp": _moment(activity.at)}
        filters = [{"propertyName": name, "operator": "EQ", "value": value} for name, value in wanted.items()]
        body = {"filterGroups": [{"filters": filters}], "properties": ["hs_note_body"], "limit": _NOTES}
        answer, found = await self._ask("POST", "/notes/search", body)
        with read(answer):
            return any(activity.event_id in (each["properties"].get("hs_note_body") or "") for each in found["results"])

    async def tell(self, person: str, activity: Activity) -> Answer:
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _NOTE_TO_CONTACT}
        body = {
            "properties": {
                "hs_timestamp": _moment(activity.at),
                "hs_note_body": activity.html,
            },
            "associations": [{"to": {"id": person}, "types": [kind]}],
        }
        answer, _ = await self._ask("POST", "/notes", body)
        return answer

    async def _contact(self, by: str, value: str) -> str | None:
        asked = urlencode({"properties": "email"} | ({} if by == OWN_ID else {"idProperty": by}))
        answer, found = await self._ask("GET", f"/contacts/{quote(value, '')}?{asked}", missing=True)
        with read(answer):
            return str(found["id"]) if answer.ok else None

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, missing: bool = False
    ) -> tuple[Answer, Any]:
        return await ask(self._outside, method, self._objects + path, self._headers, body, missing=missing)


def _moment(at: datetime) -> str:
    """In milliseconds, by which it can be searched for too."""
    return str(round(at.timestamp() * 1000))


def _text(value: Value) -> str:
    """Properties are set by texts; an empty one clears."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
