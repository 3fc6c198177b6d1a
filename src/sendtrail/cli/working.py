"""The worker as a process: `sendtrail worker`, and beside the web server of `sendtrail serve`."""

import logging

from sendtrail.cli.serving import stop_signals
from sendtrail.config import Config
from sendtrail.services.context import open_context
from sendtrail.services.deliveries import Deliveries
from sendtrail.store import cluster
from sendtrail.store.migrate import migrate
from sendtrail.worker.duties import delivering, duties
from sendtrail.worker.loop import run


async def work(config: Config) -> None:
    """Do the worker's duties until SIGINT or SIGTERM."""
    logging.basicConfig(format="%(asctime)s [%(levelname)s] %(message)s")
    logging.getLogger("sendtrail").setLevel(logging.INFO)
    stop = stop_signals()
    async with cluster.provided(config) as dsn:
        await migrate(dsn)
        async with open_context(dsn, config) as context, Deliveries.opened(context) as deliveries:
            await run(context, [*duties(context), delivering(deliveries)], stop)
