"""What stands between PostGrid's own tests and a real server.

Those tests were written for a mock: they ask for things by ids such as `id` and `orderID` that nobody made, with a key
that nobody gave out. Each such id becomes that of a thing made just then. Values that no server could take, such as
`countryCode` for a country, are sent as they are first; only what is refused is sent again with ones that can be.
"""

import json
import re
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, ClassVar
from urllib.parse import unquote

import httpx

PREFIX = "/print-mail/v1/"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
CSV = b"name,address,country\nAnn,20 Main Street,US\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)
_LATER = (datetime.now(UTC) + timedelta(days=3)).isoformat()
_NUMBERS = count(1_000_000)
"""Of cheques, each once."""
_CONTACT = {"firstName": "Ann", "addressLine1": "20 Main Street", "countryCode": "US"}
_CANADIAN = {"accountNumber": "1234567", "routeNumber": "003", "transitNumber": "00010"}
_ORDER = {"to": _CONTACT, "from": _CONTACT}
_NAMED = re.compile(r"^(id|[a-z]+ID)$")
"""A part of an address that stands for an id."""
_IDS = {
    "template": ("template", "frontTemplate", "backTemplate", "insideTemplate", "outsideTemplate", "letterTemplate"),
    "bank_account": ("bankAccount",),
    "contact": ("to", "from", "defaultSenderContact", "addContacts", "removeContacts"),
    "mailing_list": ("mailingList",),
    "mailing_list_import": ("addMailingListImports", "removeMailingListImports"),
    "return_envelope": ("returnEnvelope",),
}
"""Which fields name a thing of which sort."""
_FIELD = {name: sort for sort, names in _IDS.items() for name in names}


class Stand:
    """Makes things, and notes how each test fared. `helped`: tests with values that no server could take."""

    def __init__(self, server: str, key: str) -> None:
        self.test = ""
        self.here = ""
        self.helped: set[str] = set()
        self.answers: defaultdict[str, list[tuple[str, int, str]]] = defaultdict(list)
        self._api = httpx.Client(base_url=server, headers={"x-api-key": key}, timeout=30)
        self._kept: dict[str, str] = {}

    def close(self) -> None:
        self._api.close()

    def forward(self, method: str, target: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """What the server says to a request of a test."""
        target = self._with_ids(target)
        kind = headers.get("content-type", "")
        sent: dict[str, str] = {name: headers[name] for name in ("content-type", "accept") if name in headers}
        if "idempotency-key" in headers:
            sent["idempotency-key"] = uuid.uuid4().hex
        value = json.loads(body) if "json" in kind and body else None
        if value is not None:
            value = self._named(value)
            body = json.dumps(value).encode()
        answer = self._api.request(method, target, content=body, headers=sent)
        if answer.status_code in {400, 404, 409}:
            if value is not None or target.endswith("/jobs"):
                body = json.dumps(self._possible(value or {}, target=target)).encode()
                sent["content-type"] = "application/json"
            for given, possible in self._texts().items():
                body = body.replace(given, possible)
            answer = self._api.request(method, target, content=body, headers=sent)
            if answer.status_code < 300:
                self.helped.add(self.test)
        self.answers[self.test].append((f"{method} {target}", answer.status_code, answer.text[:300]))
        return answer

    def told(self, test: str) -> str:
        """The last refusal that a test met."""
        refused = [each for each in self.answers.get(test, []) if each[1] >= 400]
        return " ".join(map(str, refused[-1])) if refused else ""

    def _with_ids(self, target: str) -> str:
        path, mark, query = target.partition("?")
        steps = path.removeprefix(PREFIX).split("/")
        above = ""
        for place in range(1, len(steps)):
            if _NAMED.match(steps[place]):
                above = steps[place] = self._made(steps[place - 1], above)
        return PREFIX + "/".join(steps) + mark + query

    def _made(self, resource: str, above: str) -> str:
        """The id of a new thing; what Sendtrail has not, has none either."""
        path, body = self._recipe(resource, above)
        if not path:
            return "id"
        answer = self._api.post(PREFIX + path, json=body)
        assert answer.status_code < 300, (path, answer.text)
        found: str = answer.json()["id"]
        return found

    def _recipe(self, resource: str, above: str) -> tuple[str, Any]:
        match resource:
            case "letters":
                return resource, {**_ORDER, "html": "Hello"}
            case "postcards":
                return resource, {**_ORDER, "size": "6x4", "frontHTML": "Front", "backHTML": "Back"}
            case "self_mailers":
                return resource, {**_ORDER, "size": "8.5x11_bifold", "insideHTML": "In", "outsideHTML": "Out"}
            case "cheques":
                return resource, {**_ORDER, "amount": 1000, "bankAccount": self._one("bank_account")}
            case "contacts":
                return resource, {**_CONTACT, "firstName": uuid.uuid4().hex}
            case "templates":
                return resource, {"html": "Hello"}
            case "bank_accounts":
                return resource, {
                    "bankName": "Bank",
                    "bankCountryCode": "US",
                    "accountNumber": "123456789",
                    "routingNumber": "021000021",
                    "signatureText": "Ann Lee",
                }
            case "return_envelopes":
                return resource, {"to": {**_CONTACT, "firstName": uuid.uuid4().hex}}
            case "orders":
                return f"return_envelopes/{above}/orders", {"quantityOrdered": 5000}
            case "mailing_lists":
                return resource, {}
            case "mailing_list_imports":
                mapping = {"firstName": "name", "addressLine1": "address", "countryCode": "country"}
                file = f"{self.here}/list.csv"
                return resource, {"file": file, "fileType": "csv", "receiverAddressMapping": mapping}
            case "campaigns":
                named = {"mailingList": self._one("mailing_list"), "defaultSenderContact": self._one("contact")}
                return resource, {**named, "letter": {"template": self._one("template")}}
            case "trackers":
                return resource, {"redirectURLTemplate": "https://postgrid.com", "urlExpireAfterDays": 30}
            case "webhooks":
                return resource, {"url": f"{self.here}/hook", "enabledEvents": ["letter.created"]}
        return "", None

    def _one(self, sort: str) -> str:
        """The id of a thing that is named by others and never used up."""
        if sort not in self._kept:
            self._kept[sort] = number = self._made(f"{sort}s", "")
            if sort == "return_envelope":
                order = self._made("orders", number)
                self._api.post(f"{PREFIX}return_envelopes/{number}/orders/{order}/fills")
            if sort == "mailing_list":
                self._api.post(f"{PREFIX}mailing_lists/{number}/jobs", json={"addContacts": [self._one("contact")]})
        return self._kept[sort]

    def _named(self, value: Any, field: str = "") -> Any:
        """A body whose made-up ids are those of things."""
        match value:
            case dict():
                return {name: self._named(each, name) for name, each in value.items()}
            case list():
                return [self._named(each, field) for each in value]
            case str() if field in _FIELD:
                return self._one(_FIELD[field])
        return value

    def _possible(self, body: dict[str, Any], *, target: str) -> dict[str, Any]:
        """A body with values that can be, where those of the tests cannot."""
        match target.removeprefix(PREFIX).split("/"):
            case [*_, "jobs"]:
                return {"addContacts": [self._one("contact")]}
            case ["templates"]:
                body = {"html": "Hello", **body}
            case ["return_envelopes"]:
                body = {**body, "to": self._made("contacts", "")}
            case ["bank_accounts"]:  # in Canada, where one has these numbers and no other
                without = ("routingNumber", "caDesignationNumber")
                body = {**body, **_CANADIAN, **dict.fromkeys(without)}
            case ["cheques"]:  # its letter is one of three
                body = {**body, "letterTemplate": None, "letterPDF": None}
        replaced: dict[str, Any] = self._replaced(body, self._values())
        return {name: value for name, value in replaced.items() if body[name] is not None}

    def _replaced(self, value: Any, values: dict[str, Any]) -> Any:
        if isinstance(value, dict):
            return {name: values.get(name) or self._replaced(each, values) for name, each in value.items()}
        return value

    def _values(self) -> dict[str, Any]:
        mapping = {"firstName": "name", "addressLine1": "address", "countryCode": "country"}
        return {
            "countryCode": "US",
            "sendDate": _LATER,
            "pdf": f"{self.here}/some.pdf",
            "letterPDF": f"{self.here}/some.pdf",
            "file": f"{self.here}/list.csv",
            "url": f"{self.here}/hook",
            "logo": "https://example.com/logo.png",
            "signatureImage": f"{self.here}/some.png",
            "envelope": "standard",
            "routeNumber": "003",
            "transitNumber": "00010",
            "number": next(_NUMBERS),
            "receiverAddressMapping": mapping,
            "senderAddressMapping": mapping,
        }

    def _texts(self) -> dict[bytes, bytes]:
        """The same in a form."""
        return {
            b"\r\ncountryCode\r\n": b"\r\nUS\r\n",
            b"\r\n2019-12-27T18:11:19.117000+00:00\r\n": f"\r\n{_LATER}\r\n".encode(),
            b"\r\n2019-12-27T18:11:19.117Z\r\n": f"\r\n{_LATER}\r\n".encode(),
            b"\r\nExample data\r\n": b"\r\n" + PDF + b"\r\n",
        }


@contextmanager
def standing(server: str, key: str) -> Iterator[Stand]:
    """A stand-in on this machine, at its `here`, until the block ends. `GET /test?NAME` says which test comes next."""
    stand = Stand(server, key)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        files: ClassVar = {
            "/some.pdf": (PDF, "application/pdf"),
            "/list.csv": (CSV, "text/csv"),
            "/some.png": (PNG, "image/png"),
            "/hook": (b"", "text/plain"),
        }

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith("/test?"):
                stand.test = unquote(self.path.partition("?")[2])
                return self.answer(200, b"", "text/plain")
            if self.path in self.files:
                return self.answer(200, *self.files[self.path])
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = stand.forward(self.command, self.path, headers, body)
            return self.answer(told.status_code, told.content, told.headers.get("content-type", ""))

        do_GET = do_POST = do_DELETE = handle_any

        def answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-should-retry", "false")
            with suppress(ConnectionError):  # of a delivery that nobody waits for any more
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as at_work:
        stand.here = f"http://127.0.0.1:{at_work.server_port}"
        thread = threading.Thread(target=at_work.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield stand
        at_work.shutdown()
        thread.join()
    stand.close()
