"""Figures for Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/."""

import hmac
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from litestar import Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sendtrail.api.requests import Here
from sendtrail.domain.problems import Forbidden, Unauthorized
from sendtrail.services import metrics
from sendtrail.services.duties import Standing
from sendtrail.services.metrics import MOST, Figures

_STATES = ("waiting", "reading", "done", "incomplete", "failed")
_OUTCOMES = ("new", "duplicate", "unmatched", "rejected")
_UP_TO = f"counted up to {MOST:,}"


@get("/metrics", include_in_schema=False)
async def show_metrics(request: Request[Any, Any, Any], context: Here) -> Response[bytes]:
    """The figures, for whoever has the token of the settings. Unauthorized; Forbidden where none is set."""
    token = context.config.metrics_token
    if not token:
        raise Forbidden("metrics are closed: set SENDTRAIL_METRICS_TOKEN, and ask with Authorization: Bearer TOKEN")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise Unauthorized("the token is missing or wrong: ask with Authorization: Bearer SENDTRAIL_METRICS_TOKEN")
    registry = CollectorRegistry()
    registry.register(_Figures(await metrics.figures(context)))
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Figures(Collector):
    """What was read for one scrape."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        yield _family("sendtrail_info", "Always 1; says which version answers.", "version", {version("sendtrail"): 1})
        yield from self._feeds()
        yield from self._sends()
        yield from self._queues()
        yield from self._duties()

    def _feeds(self) -> Iterator[Metric]:
        files = GaugeMetricFamily("sendtrail_feed_files", "Files and pushes, by state.", labels=["mode", "state"])
        scans = GaugeMetricFamily(
            "sendtrail_feed_scans",
            "What all files told, as of the last reading of each. A file that is read again may lower unmatched and"
            " rejected.",
            labels=["mode", "outcome"],
        )
        last = GaugeMetricFamily(
            "sendtrail_feed_last_file_timestamp_seconds", "When the last file or push came.", labels=["mode"]
        )
        for row in self._figures.files:
            mode = _mode(row.live)
            for state in _STATES:
                files.add_metric([mode, state], getattr(row, state))
            for outcome in _OUTCOMES:
                scans.add_metric([mode, outcome], getattr(row, outcome))
            if row.last_at:
                last.add_metric([mode], row.last_at.timestamp())
        yield from (files, scans, last)

    def _sends(self) -> Iterator[Metric]:
        sends = GaugeMetricFamily("sendtrail_sends", "Sends, by where they stand.", labels=["mode", "category"])
        for live, category, n in self._figures.sends:
            sends.add_metric([_mode(live), category], n)
        yield sends

    def _queues(self) -> Iterator[Metric]:
        queues = self._figures.queues
        for name, about, value in (
            ("sendtrail_emails_due", "E-mails that should have been sent", queues.emails),
            ("sendtrail_stale_cells", "Days of campaigns whose history is outdated", queues.stale_cells),
            ("sendtrail_silent_cells", "Days of campaigns in which something may be presumed", queues.silent_cells),
            ("sendtrail_unlisted_sends", "Sends that cannot be found by all their terms yet", queues.unlisted_sends),
            ("sendtrail_unmatched_scans", "Scans that match no send", queues.unmatched_scans),
            ("sendtrail_outbox", "What happened to sends and is not put into words for hooks", queues.outbox),
            ("sendtrail_deliveries_due", "What hooks that are not left alone should have been told", queues.deliveries),
        ):
            yield GaugeMetricFamily(name, f"{about}; {_UP_TO}.", value=value)
        yield GaugeMetricFamily(
            "sendtrail_delivery_age_seconds",
            "For how long the first of what hooks should have been told has been due.",
            value=queues.delivery_age,
        )

    def _duties(self) -> Iterator[Metric]:
        report = self._figures.report
        if report.seen_at:
            yield GaugeMetricFamily(
                "sendtrail_worker_last_seen_timestamp_seconds",
                "A worker's last sign of life; there is one each 15 seconds.",
                value=report.seen_at.timestamp(),
            )
        rows = [row for row, _ in report.duties]
        yield _family(
            "sendtrail_duty_last_success_timestamp_seconds",
            "When a duty of the worker last went well.",
            "duty",
            {row.name: row.succeeded_at.timestamp() for row in rows if row.succeeded_at},
        )
        yield _family(
            "sendtrail_duty_last_duration_seconds",
            "How long a duty took when it was last done.",
            "duty",
            {row.name: row.took.total_seconds() for row in rows if row.took is not None},
        )
        yield _family(
            "sendtrail_duty_failures",
            "How often a duty has failed in a row.",
            "duty",
            {row.name: row.failures for row in rows},
        )
        yield _family(
            "sendtrail_duty_late",
            "1 for a duty that should have been done long ago, or has been under way for too long.",
            "duty",
            {row.name: standing is Standing.LATE for row, standing in report.duties},
        )


def _family(name: str, about: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, number in values.items():
        family.add_metric([value], float(number))
    return family


def _mode(live: bool) -> str:
    return "live" if live else "test"
