"""Answers that services give as ready JSON, and how the documentation tells of them."""

from typing import Any

from litestar import MediaType, Response
from litestar.openapi.datastructures import ResponseSpec


def shown(shape: Any) -> ResponseSpec:
    """For an operation's documentation: an answer of this shape."""
    return ResponseSpec(shape, generate_examples=False, description="The answer")


def ready(content: bytes, status: int = 200) -> Response[bytes]:
    """JSON that needs no further work."""
    return Response(content, status_code=status, media_type=MediaType.JSON)
