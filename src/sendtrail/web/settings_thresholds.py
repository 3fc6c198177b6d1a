"""Settings: how long to wait before something is presumed, or needs attention."""

from collections.abc import Mapping

from litestar import Response, get, post

from sendtrail.domain.amounts import cents_of
from sendtrail.domain.problems import Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.domain.thresholds import BY_NAME, GROUPS, Threshold
from sendtrail.services import thresholds
from sendtrail.web.forms import see, wrong_fields
from sendtrail.web.settings import THRESHOLDS, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@get("/settings/thresholds", needs=Permission.SETTINGS_WRITE)
async def show_thresholds(request: WebRequest, visitor: Here) -> Response[str]:
    """Every threshold with its default."""
    return await _thresholds_page(request, visitor, {}, {})


@post("/settings/thresholds", needs=Permission.SETTINGS_WRITE)
async def change_thresholds(request: WebRequest, visitor: Here) -> Response[str]:
    """Change those that somebody changed on the page, or take one back to its default by its own button."""
    fields = await read_form(request, visitor)
    given = {
        name: fields[name]
        for name in BY_NAME
        if name in fields and fields[name].strip() != fields.get(f"was_{name}", "").strip()
    }
    if (reset := fields.get("reset", "")) in BY_NAME:
        given = {reset: written(BY_NAME[reset], BY_NAME[reset].default)}
    values: dict[str, int] = {}
    wrong: dict[str, str] = {}
    for name, text in given.items():
        try:
            values[name] = _read(BY_NAME[name], text)
        except SendtrailError as problem:
            wrong |= wrong_fields(problem, {name: "this"})
    if wrong:
        return await _thresholds_page(request, visitor, fields, wrong)
    await thresholds.change(context_of(request), visitor.scope, values)
    return see("/settings/thresholds?done=saved")


def written(threshold: Threshold, value: int) -> str:
    """A value as it stands in its field: cents as an amount."""
    return f"{value / 100:.2f}" if threshold.unit == "cents" else str(value)


def _read(threshold: Threshold, text: str) -> int:
    """The opposite; Invalid names the threshold, and says in the field's own words what it may be."""
    lowest, highest = (written(threshold, each) for each in (threshold.lowest, threshold.highest))
    refused = Invalid(f"this must lie between {lowest} and {highest}", threshold.name)
    if threshold.unit == "cents":
        value = cents_of(text, threshold.name)
    elif text.strip().isdecimal() and len(text.strip()) < 10:
        value = int(text)
    else:
        raise refused
    if not threshold.lowest <= value <= threshold.highest:
        raise refused
    return value


async def _thresholds_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> Response[str]:
    known = await thresholds.show(context_of(request), visitor.scope)
    shown = {name: written(BY_NAME[name], value) for name, value in known.items()}
    return await settings_page(
        request,
        visitor,
        "settings_thresholds.html",
        THRESHOLDS,
        wrong=wrong,
        typed={**shown, **{name: text for name, text in typed.items() if name in shown}},
        was={**shown, **{name: typed[f"was_{name}"] for name in shown if f"was_{name}" in typed}},
        groups=GROUPS,
        known=known,
        written=written,
    )
