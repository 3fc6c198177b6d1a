"""Pipedrive, version 2 of its API: persons, their fields, and activities that are done.

By developers.pipedrive.com: the token goes into `x-api-token`, fields of one's own have a key of 40 hexadecimal digits
and stand under `custom_fields`, and an activity belongs to its primary participant (`person_id` is read-only).
"""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import quote, urlencode

from sendtrail.clients.crm import Activity, Value, ask, read
from sendtrail.clients.http import Answer, Outside

OWN_ID = "id"
_CUSTOM = re.compile(r"[0-9a-f]{40}")
_CANDIDATES = 10
"""Persons looked at who have the id in some field: which one, the search does not say."""
_ACTIVITIES = 100
"""The latest of a person, among which one that was put there a try ago is found."""


class Pipedrive:
    """`external_id_field`: the field that has our sender's id for a person, `id` for Pipedrive's own; empty: none.
    `activity_type`: the key of one of the account's types of activities."""

    def __init__(
        self,
        outside: Outside,
        address: str,
        token: str,
        *,
        external_id_field: str = "",
        activity_type: str = "task",
    ) -> None:
        self._outside = outside
        self._root = f"{address.rstrip('/')}/api/v2"
        self._headers = {"x-api-token": token}
        self._external_id_field = external_id_field
        self._activity_type = activity_type

    async def find(self, external_id: str, email: str) -> str | None:
        found = None
        if external_id and self._external_id_field:
            found = await self._of_external_id(external_id)
        if found is None and email:
            found = next(iter(await self._search(email, "email", 1)), None)
        return found

    async def set(self, person: str, fields: Mapping[str, Value]) -> Answer:
        own = {name: value for name, value in fields.items() if _CUSTOM.fullmatch(name)}
        usual = {name: value for name, value in fields.items() if name not in own}
        body = {**usual, **({"custom_fields": own} if own else {})}
        answer, _ = await self._ask("PATCH", f"/persons/{quote(person, '')}", body)
        return answer

    async def told(self, person: str, activity: Activity) -> bool:
        asked = {"person_id": person, "sort_by": "add_time", "sort_direction": "desc", "limit": _ACTIVITIES}
        answer, found = await self._ask("GET", f"/activities?{urlencode(asked)}")
        with read(answer):
            return any(activity.event_id in (each.get("note") or "") for each in found["data"])

    async def tell(self, person: str, activity: Activity) -> Answer:
        at = activity.at.astimezone(UTC)
        body = {
            "subject": activity.subject,
            "type": self._activity_type,
            "done": True,
            "due_date": f"{at:%Y-%m-%d}",
            "due_time": f"{at:%H:%M:%S}",
            "note": activity.html,
            "participants": [{"person_id": int(person), "primary": True}],
        }
        answer, _ = await self._ask("POST", "/activities", body)
        return answer

    async def _of_external_id(self, value: str) -> str | None:
        field = self._external_id_field
        if field == OWN_ID:
            return await self._own(value)
        for person in await self._search(value, "custom_fields", _CANDIDATES):
            answer, found = await self._ask("GET", f"/persons/{person}?{urlencode({'custom_fields': field})}")
            with read(answer):
                if str((found["data"].get("custom_fields") or {}).get(field)) == value:
                    return person
        return None

    async def _own(self, value: str) -> str | None:
        if not (value.isascii() and value.isdecimal()):
            return None
        answer, found = await self._ask("GET", f"/persons/{value}", missing=True)
        with read(answer):
            return str(found["data"]["id"]) if answer.ok else None

    async def _search(self, term: str, fields: str, limit: int) -> list[str]:
        asked = {"term": term, "fields": fields, "exact_match": "true", "limit": limit}
        answer, found = await self._ask("GET", f"/persons/search?{urlencode(asked)}")
        with read(answer):
            return [str(int(each["item"]["id"])) for each in found["data"]["items"]]

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, missing: bool = False
    ) -> tuple[Answer, Any]:
        return await ask(self._outside, method, self._root + path, self._headers, body, missing=missing)
