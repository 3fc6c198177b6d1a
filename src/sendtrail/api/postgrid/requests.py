"""What PostGrid's client sends: JSON, or a form with files whose fields are nested as `to[firstName]`."""

import hashlib
import itertools
import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.params import QueryParameter

from sendtrail.api.requests import repeatable, require_media_type
from sendtrail.api.wire import parse, read
from sendtrail.domain.problems import Invalid
from sendtrail.services import idempotency

T = TypeVar("T")
MAX_LISTED = 1000
USUAL = 10
_FORM = "multipart/form-data"
_STEP = re.compile(r"\[([^\[\]]*)\]")

Skip = Annotated[int, QueryParameter(ge=0, le=1 << 40, description="How many to pass over.")]
Limit = Annotated[int, QueryParameter(ge=0, le=MAX_LISTED, description="How many to list at most.")]
Search = Annotated[str, QueryParameter(max_length=500, description='Words, or texts in "quotation marks".')]


class Body(msgspec.Struct, frozen=True):
    """A request's body. `files`: by their field; `content`: all of it, the same for a form however it was cut."""

    value: object
    files: dict[str, bytes]
    content: bytes
    loose: bool

    def read(self, type_: type[T]) -> T:
        """The body as `type_`, a form's texts as what they stand for; Invalid names the field by its dotted path."""
        return read(self.value, type_, strict=not self.loose)


async def body_of(request: Request[Any, Any, Any]) -> Body:
    """The body of a request; none at all is an empty object. Invalid; HTTPException for another media type."""
    content = await request.body()
    if not content:
        return Body({}, {}, b"", False)
    if require_media_type(request, "application/json", _FORM) != _FORM:
        return Body(parse(content), {}, content, False)
    nested: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            files[name] = await value.read()
        else:
            _put(nested, name, value)
    digests = {name: hashlib.sha256(file).hexdigest() for name, file in files.items()}
    return Body(nested, files, msgspec.json.encode([nested, digests], order="sorted"), True)


def again(request: Request[Any, Any, Any], body: Body) -> idempotency.Request | None:
    """What makes a request with an `idempotency-key` the same as another one; None for one without."""
    return repeatable(request, request.headers.get("idempotency-key"), body.content)


def day_of(text: str, param: str) -> date:
    """The day of a date, or of a moment in UTC; Invalid names `param`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{param} must be a day or a moment such as 2026-03-02T00:00:00Z", param) from None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _put(nested: dict[str, Any], name: str, value: str) -> None:
    """`to[firstName]` goes into `to`; `events[]` and `events[0]` into a list."""
    path = [name.partition("[")[0], *_STEP.findall(name)]
    place: Any = nested
    for step, after in itertools.pairwise(path):
        inner: Any = [] if after == "" or after.isdigit() else {}
        if isinstance(place, list):
            place.append(inner)
            place = inner
        else:
            place = place.setdefault(step, inner)
        if not isinstance(place, dict | list):
            raise Invalid(f"{name[:60]!a} is given as a text and as an object", name[:60])
    if isinstance(place, list):
        place.append(value)
    elif path[-1] in place:
        raise Invalid(f"{name[:60]!a} is given twice", name[:60])
    else:
        place[path[-1]] = value
