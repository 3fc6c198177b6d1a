"""Reports: how many sends stand where, and what they cost."""

from typing import Annotated

from litestar import Controller, get
from litestar.params import FromQuery, QueryParameter

from sendtrail.api.filters import End, Start
from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here
from sendtrail.domain.roles import Permission
from sendtrail.services import reports


class Reports(Controller):
    path = "/reports"
    tags = ["reports"]  # noqa: RUF012 — read once, by the framework

    @get("/summary", responses=refusals(400, 401, 403), needs=Permission.REPORTS_READ)
    async def summary(
        self,
        context: Here,
        caller: Caller,
        start: Start = None,
        end: End = None,
        sector: FromQuery[reports.Sector] = "all",
    ) -> reports.Summary:
        """The eight categories of a period, by default of the 30 days up to today."""
        return await reports.summary(context, caller, start, end, sector)

    @get("/timeline", responses=refusals(400, 401, 403), needs=Permission.REPORTS_READ)
    async def timeline(
        self,
        context: Here,
        caller: Caller,
        start: Start = None,
        end: End = None,
        sector: FromQuery[reports.Sector] = "all",
    ) -> reports.Timeline:
        """The eight categories of each day of a period, by default of the 30 days up to today."""
        return await reports.timeline(context, caller, start, end, sector)

    @get("/days_to_deliver", responses=refusals(400, 401, 403), needs=Permission.REPORTS_READ)
    async def days_to_deliver(
        self,
        context: Here,
        caller: Caller,
        start: Start = None,
        end: End = None,
        sector: FromQuery[reports.Sector] = "all",
        campaign: Annotated[str | None, QueryParameter(description="A campaign's id.")] = None,
    ) -> reports.DaysToDeliver:
        """In how many days the sends of a period were delivered, by default of the 30 days up to today."""
        return await reports.days_to_deliver(context, caller, start, end, sector, campaign)
