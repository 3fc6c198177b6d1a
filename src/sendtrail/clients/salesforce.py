"""Salesforce's REST API: contacts or leads, their fields, and tasks that are completed.

By developer.salesforce.com: a connected app signs in by the OAuth 2.0 client credentials flow at the organization's own
domain, records are found by SOQL, and a session that has ended is answered with 401: then one signs in once more.
"""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode

import msgspec

from sendtrail.clients.crm import Activity, CrmError, Value, ask, read
from sendtrail.clients.http import Answer, Outside

VERSION = "v60.0"
OWN_ID = "Id"
_TASKS = 50
"""Tasks on one person with the same subject and day."""
_SESSION_OVER = 401


class Account(msgspec.Struct, frozen=True):
    """`address`: the organization's domain, such as https://acme.my.salesforce.com; id and secret of its app."""

    address: str
    client_id: str
    client_secret: str


_sessions: dict[Account, str] = {}
"""Access tokens of this process, by account; each is good for hours."""


class Salesforce:
    """`external_id_field`: the field that has our sender's id for a person, `Id` for Salesforce's own; empty: none."""

    def __init__(
        self,
        outside: Outside,
        account: Account,
        *,
        person: Literal["Contact", "Lead"] = "Contact",
        external_id_field: str = "",
    ) -> None:
        self._outside = outside
        self._account = account
        self._root = account.address.rstrip("/")
        self._person = person
        self._external_id_field = external_id_field

    async def find(self, external_id: str, email: str) -> str | None:
        found = None
        if external_id and self._external_id_field:
            found = await self._person_where(self._external_id_field, external_id)
        if found is None and email:
            found = await self._person_where("Email", email)
        return found

    async def set(self, person: str, fields: Mapping[str, Value]) -> Answer:
        answer, _ = await self._ask("PATCH", f"/sobjects/{self._person}/{quote(person, '')}", dict(fields))
        return answer

    async def told(self, person: str, activity: Activity) -> bool:
        same = {"WhoId": _text(person), "Subject": _text(activity.subject), "ActivityDate": f"{activity.at:%Y-%m-%d}"}
        tasks = await self._select("Description", "Task", same, f"LIMIT {_TASKS}")
        return any(activity.event_id in (each.get("Description") or "") for each in tasks)

    async def tell(self, person: str, activity: Activity) -> Answer:
        body = {
            "WhoId": person,
            "Subject": activity.subject,
            "Status": "Completed",
            "Priority": "Normal",
            "ActivityDate": f"{activity.at:%Y-%m-%d}",
            "Description": activity.plain,
        }
        answer, _ = await self._ask("POST", "/sobjects/Task", body)
        return answer

    async def _person_where(self, field: str, value: str) -> str | None:
        """The oldest of them: a later one is rather the double."""
        same = {field: _text(value)} | ({"IsConverted": "false"} if self._person == "Lead" else {})
        found = await self._select("Id", self._person, same, "ORDER BY CreatedDate LIMIT 1")
        return str(found[0].get("Id")) if found else None

    async def _select(self, field: str, of: str, same: Mapping[str, str], rest: str) -> list[dict[str, Any]]:
        """Records of which all fields in `same` have the value given there in SOQL."""
        where = " AND ".join(f"{name} = {value}" for name, value in same.items())
        soql = " ".join(("SELECT", field, "FROM", of, "WHERE", where, rest))
        answer, found = await self._ask("GET", f"/query?{urlencode({'q': soql})}")
        with read(answer):
            return [dict(each) for each in found["records"]]

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[Answer, Any]:
        """Within a session; where it has ended, within the next."""
        url = f"{self._root}/services/data/{VERSION}{path}"
        known = _sessions.get(self._account)
        if known:
            try:
                return await ask(self._outside, method, url, _bearer(known), body)
            except CrmError as error:
                if error.answer.status != _SESSION_OVER:
                    raise
        _sessions[self._account] = token = await self._sign_in()
        return await ask(self._outside, method, url, _bearer(token), body)

    async def _sign_in(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._account.client_id,
            "client_secret": self._account.client_secret,
        }
        answer, told = await ask(self._outside, "POST", f"{self._root}/services/oauth2/token", {}, form=form)
        with read(answer):
            return str(told["access_token"])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _text(value: str) -> str:
    """A text in SOQL, in which quotes, backslashes and ends of lines are escaped."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"
