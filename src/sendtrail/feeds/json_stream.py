"""A JSON document of any size, cut into blocks of whole elements without ever holding it.

Understood: an envelope object with an `events` array anywhere among its keys, a bare array, either of them many times
over, and JSON Lines of elements or envelopes. Everything in an envelope but `events` is skipped.

The quick way looks for a place where one object ends and the next begins, and lets the decoder prove it: what is
before is a complete array, or it does not decode. Where it does not, elements are taken one by one: an object ends at
the first closing brace up to which it decodes. One that cannot be decoded is given as `Bad`, up to where the next
object seems to begin, and the reading goes on there. What is taken depends on the bytes only, never on how they come.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

import msgspec

from sendtrail.feeds.intake import Damaged

T = TypeVar("T")

MAX_ELEMENT = 1 << 20
"""Bytes of the largest element that is read; real ones have about 700."""
MARGIN = 32
"""Blanks before each array, so that it can be searched backwards without looking for its beginning."""
_ARRAY = b" " * MARGIN + b"[%b]"
_PART = 1 << 18
"""Bytes after which small blocks are passed on as one."""

# No possessive repeats: until 3.11.5 Python gets them wrong (CPython issue 106052). Each byte can be matched in one way
# only, so that giving back finds nothing and takes no longer than matching did.
_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_FLAT = rb"\{[^{}]*\}|\[[^\[\]]*\]"
_SCALAR = rb'[^\s,:{}\[\]"]+'
_EVENTS = rb'\s*"events"\s*:\s*\['
_VALUE = rb"(?:" + _STRING + rb"|" + _SCALAR + rb"|" + _FLAT + rb")"
_PAIR = rb"(?!" + _EVENTS + rb")\s*" + _STRING + rb"\s*:\s*" + _VALUE + rb"\s*"
_INTO_ENVELOPE = re.compile(rb"\{(?:" + _PAIR + rb",)*" + _EVENTS, re.DOTALL)
_INTO_EVENTS = re.compile(_EVENTS)
_OVER_PAIR = re.compile(_PAIR + rb"(?=[,}])", re.DOTALL)
_OVER_KEY = re.compile(rb"\s*" + _STRING + rb"\s*:\s*(?=[\[{])", re.DOTALL)
_CLOSER = re.compile(rb"[\]}]")
_SPACE = re.compile(rb"[\s,\x00]*")
_SPACE_AND_CLOSERS = re.compile(rb"[\s,\x00\]}]*")
_STRAY = re.compile(rb"[^,\]{}\n]+|.", re.DOTALL)
_RESUME = re.compile(rb'\}(?=\s*[,\]{])|,(?=\s*\{\s*")|\n(?=[^\S\n]*\{\s*")')
"""After a bad element: its closing brace, or what stands before the next element."""
_SEPARATOR = re.compile(rb"\}\s*,\s*\Z")
_CONTROL = re.compile(rb"[\x00-\x1f]")
_BLANKS = bytes.maketrans(bytes(range(32)), b" " * 32)
_INCOMPLETE = "Input data was truncated"  # what the decoder says of text that may go on
_RAW = msgspec.json.Decoder(msgspec.Raw)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


class Bad(NamedTuple):
    """An element that cannot be read."""

    reason: str
    raw: bytes
    ends: bool = False
    """It is the end of the document that is missing."""


class Block(Generic[T]):
    """Elements that were decoded together, and their text as JSON arrays, each after MARGIN blanks."""

    __slots__ = ("arrays", "elements")

    def __init__(self, arrays: list[bytes], elements: list[T]) -> None:
        self.arrays = arrays
        self.elements = elements

    def raw(self) -> list[bytes]:
        """The text of each element."""
        return [bytes(raw) for array in self.arrays for raw in _RAWS.decode(array)]


class _Inside(Enum):
    """What is open; the value closes it."""

    ENVELOPE = b"}"
    ARRAY = b"]"


def blocks(chunks: Iterable[bytes], decode: Callable[[bytes], list[T]]) -> Iterator[Block[T] | Bad]:
    """Cut the document and decode it; `decode` reads a JSON array of elements.

    Damaged bytes (see containers) end the document like an early end; the exception is passed on after that.
    """
    cutter = _Cutter(decode)
    try:
        for chunk in chunks:
            yield from cutter.feed(chunk, last=False)
    except Damaged:
        yield from cutter.feed(b"", last=True)
        raise
    yield from cutter.feed(b"", last=True)


class _Cutter(Generic[T]):
    def __init__(self, decode: Callable[[bytes], list[T]]) -> None:
        self._decode = decode
        self._text = b""
        self._at = 0
        self._last = False
        self._within: list[_Inside] = []
        self._slow_until = 0  # offset in `_text` up to which the quick way has failed
        self._lost = False  # in something unreadable, told once: skip to the next object
        self._adrift = False  # an envelope was unreadable, so what closes it stands alone
        self._bad: Bad | None = None
        self._arrays: list[bytes] = []
        self._size = 0
        self._elements: list[T] = []

    def feed(self, chunk: bytes, *, last: bool) -> Iterator[Block[T] | Bad]:
        self._text = self._text[self._at :] + chunk
        self._slow_until -= self._at
        self._at = 0
        self._last = last
        while self._step():
            if self._bad or self._size >= _PART:
                yield from self._gathered()
        yield from self._gathered()
        if last and self._within:
            yield Bad("the JSON ends early: its events are not closed; the file is incomplete", b"", ends=True)

    def _gathered(self) -> Iterator[Block[T] | Bad]:
        if self._elements:
            yield Block(self._arrays, self._elements)
            self._arrays, self._size, self._elements = [], 0, []
        if self._bad:
            yield self._bad
            self._bad = None

    def _keep(self, array: bytes, end: int) -> bool:
        """Decode an array that ends at `end` of the text; the decoder's errors pass through."""
        self._elements += self._decode(array)
        self._arrays.append(array)
        self._size += len(array)
        self._at = end
        return True

    def _step(self) -> bool:
        """Take what comes next; False: it needs more bytes, or there is nothing more."""
        text = self._text
        inside = self._within[-1] if self._within else None
        space = _SPACE_AND_CLOSERS if self._adrift and not inside else _SPACE
        skipped = space.match(text, self._at)
        self._at = at = skipped.end() if skipped else self._at
        if at >= len(text):
            return False
        begins = text[at : at + 1]
        if begins == b"{":
            return self._take_object(inside)
        if inside and begins == inside.value:
            self._within.pop()
        elif inside is _Inside.ENVELOPE:
            return self._skip_pair()
        elif inside is None and begins == b"[":
            self._within.append(_Inside.ARRAY)
        else:
            return self._skip_stray()
        self._at += 1
        return True

    def _skip_stray(self) -> bool:
        at = self._at
        is_array = self._text.startswith(b"[", at)
        end = self._value_end(at) if is_array else 0
        if not end and (stray := _STRAY.match(self._text, at)):
            end = stray.end()
            if (is_array or end == len(self._text)) and self._may_go_on():
                return False
        self._at = end
        if not self._lost:
            self._bad = Bad("an event must be a JSON object", self._text[at:end])
            self._lost = not self._within
        return True

    def _skip_pair(self) -> bool:
        """Go over one key and value of an envelope, or into its events."""
        if events := _INTO_EVENTS.match(self._text, self._at):
            self._within.append(_Inside.ARRAY)
            self._at = events.end()
        elif pair := _OVER_PAIR.match(self._text, self._at):
            self._at = pair.end()
        elif (key := _OVER_KEY.match(self._text, self._at)) and (end := self._value_end(key.end())):
            self._at = end
        elif self._may_go_on():
            return False
        elif self._last and self._text.find(b"{", self._at) < 0:
            self._at = len(self._text)
        else:
            self._bad = Bad("malformed JSON between the events", self._text[self._at : self._at + MAX_ELEMENT])
            self._within.clear()
            self._lost = self._adrift = True
        return True

    def _value_end(self, at: int) -> int:
        """Where the object or array that begins at `at` ends; 0 if it does not, or not yet."""
        for closer in _CLOSER.finditer(self._text, at, at + MAX_ELEMENT):
            try:
                _RAW.decode(self._text[at : closer.end()])
            except (msgspec.DecodeError, RecursionError) as error:
                if str(error) != _INCOMPLETE:
                    return 0
            else:
                return closer.end()
        return 0

    def _may_go_on(self) -> bool:
        return not self._last and len(self._text) - self._at < MAX_ELEMENT

    def _take_object(self, inside: _Inside | None) -> bool:
        self._lost = False
        if envelope := _INTO_ENVELOPE.match(self._text, self._at):
            self._within += _Inside.ENVELOPE, _Inside.ARRAY
            self._at = envelope.end()
            return True
        return (self._at >= self._slow_until and self._take_many(inside)) or self._take_one()

    def _take_many(self, inside: _Inside | None) -> bool:
        """The quick way: everything up to the end of the array, else up to the last place between two objects."""
        text, at = self._text, self._at
        if inside:
            end = text.find(b"]", at)
            cut = end if end >= 0 else self._last_separator()
            body: bytes | memoryview = memoryview(text)[at:cut]
        else:
            cut = text.rfind(b"\n", at) + 1
            body = text[at:cut].replace(b"}\r\n{", b"},{").replace(b"}\n{", b"},{")
        if cut <= at:
            return False
        try:
            return self._keep(_ARRAY % body, cut)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._slow_until = cut
            return False

    def _last_separator(self) -> int:
        """The offset after the last `}` that a comma and another `{` follow; -1 if there is none."""
        brace = len(self._text)
        while (brace := self._text.rfind(b"{", self._at, brace)) > self._at:
            if between := _SEPARATOR.search(self._text, max(self._at, brace - 64), brace):
                return between.start() + 1
        return -1

    def _take_one(self) -> bool:
        """The careful way: one object, up to the closing brace that completes it."""
        text, at = self._text, self._at
        closing = at
        while (closing := text.find(b"}", closing + 1, at + MAX_ELEMENT)) >= 0:
            try:
                return self._take_mended(text[at : closing + 1], closing + 1)
            except (msgspec.DecodeError, RecursionError) as error:
                if str(error) != _INCOMPLETE:
                    return self._refuse(_in_words(error))
        if self._may_go_on():
            return False
        if self._last and not _RESUME.search(text, at + 1):
            self._within.clear()
            return self._refuse("the JSON ends early, inside this element; the file is incomplete", ends=True)
        return self._refuse("the element is not closed, or longer than a megabyte")

    def _take_mended(self, body: bytes, end: int) -> bool:
        """Decode one element; where it is not UTF-8 it is read as Latin-1, control characters as blanks."""
        try:
            _RAW.decode(body)
        except msgspec.DecodeError as error:
            if str(error) == _INCOMPLETE or not _CONTROL.search(body):
                raise
            body = body.translate(_BLANKS)
            _RAW.decode(body)
        try:
            return self._keep(_ARRAY % body, end)
        except UnicodeDecodeError:
            return self._keep(_ARRAY % body.decode("latin-1").encode(), end)

    def _refuse(self, reason: str, *, ends: bool = False) -> bool:
        """The element at hand is bad: give it up to where the next one seems to begin."""
        resume = _RESUME.search(self._text, self._at + 1)
        if resume is None and self._may_go_on():
            return False
        end = resume.end() if resume else len(self._text)
        self._bad = Bad(reason, self._text[self._at : end], ends)
        self._lost = resume is None
        self._at = end
        return True


def _in_words(error: Exception) -> str:
    """The decoder's complaint without the place, which counts from somewhere else."""
    text = re.sub(r" \(byte \d+\)| - at `[^`]*`", "", str(error))
    return text if text.startswith("JSON") else f"JSON is malformed: {text[:1].lower()}{text[1:]}"
