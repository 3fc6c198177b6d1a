"""What PostGrid has and Sendtrail does not: said so, instead of nothing being at such an address."""

from litestar import HttpMethod, Response
from litestar.handlers import HTTPRouteHandler, route

from sendtrail.domain.problems import NotSupported

_ABOUT = {
    "snap_packs": "snap packs",
    "boxes": "boxes of cheques",
    "plastic_cards": "plastic cards",
    "reports": "reports in SQL: /api/v1/reports and the reporting page tell what was sent and what came of it",
    "template_editor_sessions": "sessions of a template editor",
    "targeted_list_builds": "building lists of people to target",
    "virtual_mailboxes": "virtual mailboxes",
    "sub_organizations": "sub-organizations: an agency's clients are organizations of their own, each with its keys",
}
_METHODS: list[HttpMethod] = [HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE]


def routes() -> list[HTTPRouteHandler]:
    """All that is refused, whatever is asked of it."""
    return [_refusing(name, about) for name, about in _ABOUT.items()]


def _refusing(name: str, about: str) -> HTTPRouteHandler:
    @route([f"/{name}", f"/{name}/{{rest:path}}"], http_method=_METHODS, needs=None, name=f"postgrid:{name}")
    async def refuse() -> Response[bytes]:
        raise NotSupported(f"Sendtrail has no {about}")

    return refuse
