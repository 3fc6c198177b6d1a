"""The API's documentation: the OpenAPI document, and one page of our own that lists what it holds."""

from html import escape
from typing import Any

from litestar import Request
from litestar.enums import MediaType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .8rem .3rem 0;"
    "border-bottom:1px solid #8884;vertical-align:top}code{font-family:ui-monospace,monospace}"
    ":root{color-scheme:light dark}"
)
_ABOUT = """Send your key as `Authorization: Bearer KEY` or `X-API-Key: KEY`; it decides the organization, and live or
test. Refusals are `{"error": {"type", "message", "param"}}`. Lists are `{"data": [], "next": cursor}`: the next page
is the one `after` that. Every create takes an `Idempotency-Key`. Money is in cents, days are the organization's, times
are UTC."""


class _Listing(OpenAPIRenderPlugin):
    """A plain page that needs nothing from elsewhere; any OpenAPI viewer takes the document that it links to."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        rows = "".join(
            f"<tr><td><code>{method.upper()}</code></td><td><code>{escape(path)}</code></td>"
            f"<td>{escape(operation.get('description') or operation.get('summary', ''))}</td></tr>"
            for path, item in sorted(openapi_schema["paths"].items())
            for method, operation in item.items()
            if isinstance(operation, dict)
        )
        about = escape(_ABOUT)
        for code in about.split("`")[1::2]:
            about = about.replace(f"`{code}`", f"<code>{code}</code>")
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sendtrail API</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<style>{_STYLE}</style></head><body><h1>Sendtrail API</h1><p>{about}</p>"
            '<p>All of it for programs: <a href="/docs/openapi.json">openapi.json</a></p>'
            "<table><thead><tr><th>Method</th><th>Path</th><th>What it does</th></tr></thead>"
            f"<tbody>{rows}</tbody></table></body></html>"
        ).encode()


def openapi(version: str) -> OpenAPIConfig:
    """What the application serves below /docs."""
    return OpenAPIConfig(
        title="Sendtrail",
        version=version,
        description=_ABOUT,
        path="/docs",
        render_plugins=[_Listing(path="/", media_type=MediaType.HTML), JsonRenderPlugin()],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "key": SecurityScheme(type="http", scheme="bearer", description="An API key."),
                "key_header": SecurityScheme(type="apiKey", security_scheme_in="header", name="X-API-Key"),
                "feed": SecurityScheme(type="http", scheme="basic", description="A feed's credentials."),
            }
        ),
    )
