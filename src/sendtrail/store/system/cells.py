"""Cells of all organizations, as the worker's duties take them on."""

from datetime import date
from typing import NamedTuple


class DueCell(NamedTuple):
    """One day's sends of a campaign (0: those without one), and how many. `times`: tells whether they change meanwhile,
    where that is asked."""

    organization_id: int
    live: bool
    created_on: date
    campaign_id: int
    sends: int
    times: int = 0
