"""CRMs on this machine, as far as their documentation tells the shapes of what they take and answer.

Each keeps what it was told, refuses what the real one would refuse, and fails on request: `faults` are statuses with
which the next requests to write are answered, 0 for none, after they were done where the status is negative (the answer
got lost).
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKEN = "a-token-of-a-private-app"
FIELD = "8a1f" * 10
"""The key of a field of one's own at Pipedrive."""


class FakeCrm:
    """`asked`: method and path of each request; `people`: by id; `activities`: what was put on timelines."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.people: dict[str, dict[str, Any]] = {}
        self.activities: list[dict[str, Any]] = []
        self.faults: list[int] = []

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    def refusal(self, status: int) -> Any:
        """The body of an error."""
        raise NotImplementedError

    def authorized(self, request: web.Request) -> bool:
        raise NotImplementedError

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Its address."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.asked.append(f"{request.method} {request.path}")
            if not self.authorized(request):
                return self.refuse(401)
            if request.method == "GET" or request.path.endswith(("/search", "/token")) or not self.faults:
                return await handler(request)
            fault = self.faults.pop(0)
            if fault == 0:
                return await handler(request)
            if fault < 0:
                await handler(request)
            return self.refuse(abs(fault))

        app = web.Application(middlewares=[middleware])
        app.add_routes(self.routes())
        async with serving(app) as address:
            yield address

    def refuse(self, status: int) -> web.Response:
        headers = {"Retry-After": "7"} if status == 429 else {}
        return web.json_response(self.refusal(status), status=status, headers=headers)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """The address at which an application answers, on this machine."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class FakeHubSpot(FakeCrm):
    """Contacts: `{"email", "customer_number", …}`."""

    PROPERTIES = frozenset({"email", "customer_number", "last_mail_status", "last_mail_at", "mail_is_live"})

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/crm/v3/objects/contacts/{id}", self._read),
            web.patch("/crm/v3/objects/contacts/{id}", self._update),
            web.post("/crm/v3/objects/notes", self._note),
            web.post("/crm/v3/objects/notes/search", self._search),
        ]

    def authorized(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {TOKEN}"

    def refusal(self, status: int) -> Any:
        return {"status": "error", "message": f"refused with {status}", "correlationId": "c-1", "category": "ERROR"}

    async def _read(self, request: web.Request) -> web.Response:
        by = request.query.get("idProperty", "hs_object_id")
        for id_, person in self.people.items():
            if ({"hs_object_id": id_} | person).get(by) == request.match_info["id"]:
                return web.json_response({"id": id_, "properties": person, "archived": False})
        return self.refuse(404)

    async def _update(self, request: web.Request) -> web.Response:
        given = (await request.json())["properties"]
        if not (set(given) <= self.PROPERTIES and all(isinstance(value, str) for value in given.values())):
            return self.refuse(400)
        self.people[request.match_info["id"]] |= given
        return web.json_response({"id": request.match_info["id"], "properties": given})

    async def _note(self, request: web.Request) -> web.Response:
        note = await request.json()
        (association,) = note["associations"]
        if association["types"] != [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]:
            return self.refuse(400)
        told = note["properties"]
        self.activities.append(
            {"person": association["to"]["id"], "at": told["hs_timestamp"], "text": told["hs_note_body"]}
        )
        return web.json_response({"id": "900", "properties": told}, status=201)

    async def _search(self, request: web.Request) -> web.Response:
        asked = await request.json()
        (group,) = asked["filterGroups"]
        same = {each["propertyName"]: each["value"] for each in group["filters"] if each["operator"] == "EQ"}
        found = [
            {"id": "900", "properties": {"hs_note_body": each["text"]}}
            for each in self.activities
            if each["person"] == same["associations.contact"] and each["at"] == same["hs_timestamp"]
        ]
        return web.json_response({"total": len(found), "results": found[: asked["limit"]]})


class FakePipedrive(FakeCrm):
    """Persons: `{"email", "custom_fields": {FIELD: …}, …}`."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v2/persons/search", self._search),
            web.get("/api/v2/persons/{id}", self._read),
            web.patch("/api/v2/persons/{id}", self._update),
            web.get("/api/v2/activities", self._activities),
            web.post("/api/v2/activities", self._activity),
        ]

    def authorized(self, request: web.Request) -> bool:
        return request.headers.get("x-api-token") == TOKEN

    def refusal(self, status: int) -> Any:
        return {"success": False, "error": f"refused with {status}", "code": "ERR"}

    async def _search(self, request: web.Request) -> web.Response:
        term, field = request.query["term"], request.query["fields"]
        if request.query["exact_match"] != "true":
            return self.refuse(400)
        found = [
            {"result_score": 1.0, "item": {"id": int(id_), "type": "person", "name": person.get("name")}}
            for id_, person in self.people.items()
            if term.lower() in ([person["email"].lower()] if field == "email" else person["custom_fields"].values())
        ]
        return self._told({"items": found[: int(request.query["limit"])]})

    async def _read(self, request: web.Request) -> web.Response:
        person = self.people.get(request.match_info["id"])
        return self._told({"id": int(request.match_info["id"]), **person}) if person else self.refuse(404)

    async def _update(self, request: web.Request) -> web.Response:
        given = await request.json()
        person = self.people[request.match_info["id"]]
        person["custom_fields"] |= given.pop("custom_fields", {})
        person |= given
        return self._told({"id": int(request.match_info["id"]), **person})

    async def _activities(self, request: web.Request) -> web.Response:
        of = [
            each for each in self.activities if each["participants"][0]["person_id"] == int(request.query["person_id"])
        ]
        newest = of[::-1] if request.query["sort_direction"] == "desc" else of
        return self._told(newest[: int(request.query["limit"])])

    async def _activity(self, request: web.Request) -> web.Response:
        given = await request.json()
        if "person_id" in given or not re.fullmatch(r"\d\d:\d\d:\d\d", given["due_time"]):
            return self.refuse(400)
        self.activities.append({"id": len(self.activities) + 1, **given})
        return self._told(self.activities[-1], 201)

    def _told(self, data: Any, status: int = 200) -> web.Response:
        return web.json_response(
            {"success": True, "data": data, "additional_data": {"next_cursor": None}}, status=status
        )


class FakeSalesforce(FakeCrm):
    """Contacts and leads: `{"Email", "Customer__c", …}`; `sessions` are the tokens that are still good."""

    CLIENT = ("a-client-id", "a-client-secret")

    def __init__(self) -> None:
        super().__init__()
        self.sessions: list[str] = []
        self.signed_in = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/services/oauth2/token", self._token),
            web.get("/services/data/v60.0/query", self._query),
            web.patch("/services/data/v60.0/sobjects/{object}/{id}", self._update),
            web.post("/services/data/v60.0/sobjects/Task", self._task),
        ]

    def authorized(self, request: web.Request) -> bool:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return request.path.endswith("/token") or token in self.sessions

    def refusal(self, status: int) -> Any:
        code = "INVALID_SESSION_ID" if status == 401 else "UNKNOWN_EXCEPTION"
        return [{"message": f"refused with {status}", "errorCode": code}]

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if (form["grant_type"], form["client_id"], form["client_secret"]) != ("client_credentials", *self.CLIENT):
            refusal = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return web.json_response(refusal, status=400)
        self.signed_in += 1
        self.sessions = [f"session-{self.signed_in}"]
        return web.json_response(
            {"access_token": self.sessions[0], "instance_url": "https://x", "token_type": "Bearer"}
        )

    async def _query(self, request: web.Request) -> web.Response:
        asked = re.fullmatch(
            r"SELECT (\w+) FROM (\w+) WHERE (.*?)(?: ORDER BY CreatedDate)? LIMIT \d+", request.query["q"], re.DOTALL
        )
        if not asked:
            return self.refuse(400)
        field, of, where = asked.groups()
        same = {name: _soql(value) for name, value in re.findall(r"(\w+) = ('(?:[^'\\]|\\.)*'|[\w-]+)", where)}
        records = (
            self.activities
            if of == "Task"
            else [{"Id": id_, "IsConverted": False} | p for id_, p in self.people.items()]
        )
        found = [each for each in records if all(each.get(name) == value for name, value in same.items())]
        answer = [{"attributes": {"type": of}, field: each[field]} for each in found]
        return web.json_response({"totalSize": len(answer), "done": True, "records": answer})

    async def _update(self, request: web.Request) -> web.Response:
        self.people[request.match_info["id"]] |= await request.json()
        return web.Response(status=204)

    async def _task(self, request: web.Request) -> web.Response:
        self.activities.append(await request.json())
        return web.json_response({"id": "00T1", "success": True, "errors": []}, status=201)


def _soql(value: str) -> Any:
    if value in ("true", "false"):
        return json.loads(value)
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r"}.get(found[1], found[1]), value.strip("'"))
