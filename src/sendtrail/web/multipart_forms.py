"""Forms with files, taken part by part as they come in: no file is ever held in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from multipart import MultipartError, MultipartSegment, PushMultipartParser

from sendtrail.domain.problems import Invalid, TooLarge
from sendtrail.web.measures import size
from sendtrail.web.visitors import FormRefused, Visitor, WebRequest, require_token

_MAX_FIELD = 1024
_MAX_PARTS = 1000
_Event = MultipartSegment | bytes | None


@dataclass(frozen=True, slots=True)
class File:
    """A file of the form. `pieces` must be taken before the next file is asked for; what is left of them is dropped."""

    name: str
    pieces: AsyncIterator[bytes]


async def files_of(
    request: WebRequest, visitor: Visitor, most: int, fields: dict[str, str] | None = None
) -> AsyncIterator[File]:
    """The files of a form whose first field is its token, which is checked before anything else is taken.

    `fields` takes the other fields that stand before a file. A file field that was left empty gives none. FormRefused;
    Invalid where the body is no such form or ends early, TooLarge after `most` bytes.
    """
    kind, options = request.content_type
    if kind.lower() != "multipart/form-data" or not options.get("boundary"):
        raise Invalid("this form must be sent as multipart/form-data")
    events = _events(request, options["boundary"], most)
    trusted = False
    async for event in events:
        if not isinstance(event, MultipartSegment):
            continue
        if not trusted:
            require_token(request, await _token(event, events), visitor)
            trusted = True
        elif event.name and event.filename is None and fields is not None:
            fields[event.name] = (await _value(events)).decode("utf-8", "replace")
        elif event.filename:
            pieces = _payload(events)
            yield File(event.filename, pieces)
            async for _ in pieces:
                pass


async def _events(request: WebRequest, boundary: str, most: int) -> AsyncIterator[_Event]:
    """What the parser sees: the beginning of a part, its bytes, None at its end."""
    read = 0
    try:
        with PushMultipartParser(boundary, max_segment_count=_MAX_PARTS) as parser:
            async for chunk in request.stream():
                read += len(chunk)
                if read > most:
                    raise TooLarge(f"an upload may have {size(most)} at most")
                for event in parser.parse(chunk) if chunk else ():
                    yield bytes(event) if isinstance(event, (bytes, bytearray, memoryview)) else event
    except MultipartError:
        raise Invalid("this form did not arrive whole: send it again") from None


async def _payload(events: AsyncIterator[_Event]) -> AsyncIterator[bytes]:
    """The bytes of the part that was begun."""
    async for event in events:
        if event is None:
            return
        if isinstance(event, bytes):
            yield event


async def _token(segment: MultipartSegment, events: AsyncIterator[_Event]) -> str:
    value = await _value(events)
    if segment.name != "csrf" or len(value) > _MAX_FIELD:
        raise FormRefused("this form is too old, or cookies are off: load its page again")
    return value.decode("utf-8", "replace")


async def _value(events: AsyncIterator[_Event]) -> bytes:
    """The content of a small field; of a longer one no more than shows that it is."""
    value = b""
    async for piece in _payload(events):
        value += piece[: _MAX_FIELD + 1 - len(value)]
    return value
