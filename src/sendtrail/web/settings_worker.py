"""Settings: what the workers of the installation do, and how it goes; for its admins."""

from datetime import timedelta

from litestar import Response, get

from sendtrail.domain.plurals import counted
from sendtrail.domain.problems import Forbidden
from sendtrail.services import duties
from sendtrail.services.duties import Standing
from sendtrail.web.settings import WORKER, settings_page
from sendtrail.web.visitors import Here, WebRequest, context_of

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@get("/settings/worker", needs=None)
async def show_worker(request: WebRequest, visitor: Here) -> Response[str]:
    """Each duty with its last and its next run, and why it failed; Forbidden to all but admins of the installation."""
    if not visitor.person.operator:
        raise Forbidden("only an admin of this installation can see its worker")
    report = await duties.report(context_of(request))
    return await settings_page(
        request,
        visitor,
        "settings_worker.html",
        WORKER,
        wrong={},
        typed={},
        report=report,
        standings=Standing,
        silence=lasting(duties.UNSEEN),
        lasting=lasting,
        rhythm=rhythm,
    )


def rhythm(every: timedelta) -> str:
    """What follows on every: 5 s, minute, 2 hours."""
    return lasting(every).removeprefix("1 ") if every >= timedelta(minutes=1) else lasting(every)


def lasting(time: timedelta) -> str:
    """How long something is, for people: 4 ms, 1.2 s, 2 minutes, 3 hours."""
    seconds = time.total_seconds()
    for unit, size in _UNITS:
        if seconds >= size:
            return counted(round(seconds / size), unit)
    if seconds < 1:
        return f"{max(round(seconds * 1000), 1)} ms"
    return f"{seconds:.1f} s" if seconds % 1 and seconds < 10 else f"{round(seconds)} s"
