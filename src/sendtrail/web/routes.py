"""All pages, as one router for the app."""

from litestar import Router
from litestar.di import Provide

from sendtrail.web import (
    assets,
    campaigns,
    feeds,
    help,
    reports,
    sends,
    settings,
    settings_feeds,
    settings_mailer_ids,
    settings_money,
    sign_in,
    uploads,
    welcome,
)
from sendtrail.web.errors import HANDLERS
from sendtrail.web.visitors import visitor


def router() -> Router:
    """The pages. They find `services.context.Context` in the app's state as `context`."""
    return Router(
        path="/",
        route_handlers=[
            reports.front,
            reports.show_reports,
            reports.download_reports,
            campaigns.show_campaigns,
            campaigns.show_campaign,
            sends.show_sends,
            sends.show_send,
            feeds.show_feeds,
            feeds.show_unmatched,
            feeds.show_file,
            feeds.download_rejects,
            feeds.download_original,
            uploads.upload,
            settings.show_organization,
            settings.change_organization,
            settings_mailer_ids.show_mailer_ids,
            settings_mailer_ids.add_mailer_id,
            settings_mailer_ids.remove_mailer_id,
            settings_feeds.show_credentials,
            settings_feeds.add_credentials,
            settings_feeds.revoke_credentials,
            settings_money.show_money,
            settings_money.set_price,
            settings_money.remove_price,
            settings_money.deposit,
            settings.show_password,
            settings.change_password,
            welcome.show_welcome,
            help.show_statuses,
            assets.show_asset,
            sign_in.show_login,
            sign_in.sign_in,
            sign_in.sign_out,
            sign_in.switch_mode,
        ],
        dependencies={"visitor": Provide(visitor), "admin": Provide(settings.admin)},
        exception_handlers=HANDLERS,
        include_in_schema=False,
    )
