"""What pages load: styles, scripts, the font and the mark, as `make assets` built them."""

from dataclasses import dataclass
from importlib import resources

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from sendtrail.web.visitors import WebRequest

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2"}
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
_BUILT = resources.files("sendtrail.web").joinpath("static")
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The files' names. Each changes with its content, so browsers may keep them for good."""

    app: str
    charts: str
    style: str
    font: str
    mark: str


def _names() -> Names:
    try:
        return msgspec.json.decode(_BUILT.joinpath("manifest.json").read_bytes(), type=Names)
    except FileNotFoundError:
        raise RuntimeError("the pages' styles and scripts are not built: run `make assets`") from None


NAMES = _names()


def _file(name: str) -> dict[str, bytes]:
    """A file's content by encoding, '' as it is."""
    files = {encoding: _BUILT.joinpath(name + suffix) for encoding, suffix in _ENCODINGS.items()}
    packed = {encoding: file.read_bytes() for encoding, file in files.items() if file.is_file()}
    return {**packed, "": _BUILT.joinpath(name).read_bytes()}


_FILES = {name: _file(name) for name in (NAMES.app, NAMES.charts, NAMES.style, NAMES.font, NAMES.mark)}


@get("/static/{name:str}", sync_to_thread=False)
def show_asset(request: WebRequest, name: FromPath[str]) -> Response[bytes]:
    """One of the files, packed as the browser likes it."""
    if name not in _FILES:
        raise NotFoundException
    content = _FILES[name]
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("Accept-Encoding", "").split(",")}
    encoding = next((each for each in _ENCODINGS if each in accepted and each in content), "")
    packed = {"Content-Encoding": encoding} if encoding else {}
    media_type = _TYPES[name.rpartition(".")[2]]
    return Response(content[encoding], media_type=media_type, headers={**_HEADERS, **packed})
