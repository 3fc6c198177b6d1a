"""What PostGrid's client sends: JSON, or a form with files whose fields are nested as `to[firstName]`."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException
from litestar.params import QueryParameter

from sendtrail.api.postgrid import forms
from sendtrail.api.requests import repeatable, require_media_type
from sendtrail.api.wire import options, parse, read
from sendtrail.domain.problems import Invalid
from sendtrail.services import idempotency

T = TypeVar("T")
MAX_LISTED = 1000
USUAL = 10
_JSON = "application/json"
_MULTIPART = "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"

Skip = Annotated[int, QueryParameter(ge=0, le=1 << 40, description="How many to pass over.")]
Limit = Annotated[int, QueryParameter(ge=0, le=MAX_LISTED, description="How many to list at most.")]
Search = Annotated[str, QueryParameter(max_length=500, description='Words, or texts in "quotation marks".')]


class Body(msgspec.Struct, frozen=True):
    """A request's body. `files`: by their field; `content`: all of it, the same for a form however it was cut."""

    value: object
    files: dict[str, bytes]
    content: bytes
    loose: bool

    def read(self, type_: type[T], files: Collection[str] = ()) -> T:
        """The body as `type_`, a form's texts as what they stand for; Invalid names the field by its dotted path.

        A field that is null and need not be there is not there, unless null says something of its own. `files`: the
        fields that may come as one.
        """
        for name in self.files:
            if name not in files:
                raise Invalid(f"{name[:60]!a} is not a file here", name[:60])
        return read(_told(self.value, type_), type_, strict=not self.loose)


async def body_of(request: Request[Any, Any, Any]) -> Body:
    """The body of a request; none at all is an empty object. Invalid; HTTPException for another media type."""
    content = await request.body()
    if not content:
        return Body({}, {}, b"", False)
    media_type = require_media_type(request, _JSON, _MULTIPART, _URLENCODED)
    if media_type == _JSON:
        return Body(parse(content), {}, content, False)
    fields, files = (forms.urlencoded(content), {}) if media_type == _URLENCODED else await _parts(request)
    value = forms.nested(fields)
    digests = {name: hashlib.sha256(file).hexdigest() for name, file in files.items()}
    return Body(value, files, msgspec.json.encode([value, digests], order="sorted"), True)


def again(request: Request[Any, Any, Any], body: Body) -> idempotency.Request | None:
    """What makes a request with an `idempotency-key` the same as another one; None for one without."""
    return repeatable(request, request.headers.get("idempotency-key"), body.content)


def day_of(text: str, param: str) -> date:
    """The day of a date, or of a moment in UTC; Invalid names `param`."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise Invalid(f"{param} must be a day or a moment such as 2026-03-02T00:00:00Z", param) from None


async def _parts(request: Request[Any, Any, Any]) -> tuple[list[tuple[str, str]], dict[str, bytes]]:
    """The fields of a form in several parts, and its files; Invalid."""
    fields: list[tuple[str, str]] = []
    files: dict[str, bytes] = {}
    try:
        form = await request.form()
    except ClientException as error:  # what the parser says is its cause, or is left out of it
        parser = error.__cause__ or error.__context__
        told = parser.args[0] if parser and parser.args else error.detail
        raise Invalid(f"the form cannot be read: {str(told).lower()}") from None
    except (UnicodeDecodeError, LookupError):
        raise Invalid("the form cannot be read: its texts must be UTF-8") from None
    for name, value in form.items():  # in their order, unlike the framework's multi_items
        if not isinstance(value, UploadFile):
            fields.append((name, value))
        elif name in files:
            raise Invalid(f"{name[:60]!a} is given twice, as two files", name[:60])
        else:
            forms.steps_of(name)
            files[name] = await value.read()
    return fields, files


def _told(value: object, type_: Any) -> object:
    """A value of `type_` without the fields whose null says nothing."""
    if not isinstance(value, dict) or not (known := _fields(type_)):
        return value
    told = {}
    for name, each in value.items():
        silent, inner = known.get(name, (False, None))
        if each is not None or not silent:
            told[name] = _told(each, inner)
    return told


@cache
def _fields(type_: Any) -> Mapping[str, tuple[bool, Any]]:
    """The fields of the object that a type allows: whether null stands for none at all, and their types."""
    for option in options(type_):
        if isinstance(option, type) and issubclass(option, msgspec.Struct):
            return {
                field.encode_name: (not field.required and {NoneType, Any}.isdisjoint(options(field.type)), field.type)
                for field in msgspec.structs.fields(option)
            }
    return {}
