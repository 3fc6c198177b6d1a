"""The routes of PostGrid's API: which permission each takes, and what its address names (see test_authorization.py)."""

from sendtrail.domain.roles import Permission

_UNSUPPORTED = (
    "snap_packs",
    "boxes",
    "plastic_cards",
    "reports",
    "template_editor_sessions",
    "targeted_list_builds",
    "virtual_mailboxes",
    "sub_organizations",
)


def _of(
    path: str, what: str, reads: Permission, writes: Permission, *, changes: bool = True
) -> dict[str, tuple[Permission | None, str]]:
    """The lines that one row of the table of resources gives."""
    address = f"/print-mail/v1/{path}"
    return {
        f"GET {address}": (reads, ""),
        f"GET {address}/{{id_}}": (reads, what),
        f"POST {address}": (writes, ""),
        **({f"POST {address}/{{id_}}": (writes, what)} if changes else {}),
        f"DELETE {address}/{{id_}}": (writes, what),
    }


def _orders(path: str, what: str, *, notes: bool = True) -> dict[str, tuple[Permission | None, str]]:
    """The lines of one kind of order."""
    address = f"/print-mail/v1/{path}"
    return {
        f"GET {address}": (Permission.SENDS_READ, ""),
        f"GET {address}/{{id_}}": (Permission.SENDS_READ, what),
        f"GET {address}/{{id_}}/url": (Permission.SENDS_READ, what),
        f"POST {address}": (Permission.SENDS_WRITE, ""),
        f"POST {address}/{{id_}}/progressions": (Permission.SENDS_WRITE, what),
        f"DELETE {address}/{{id_}}": (Permission.SENDS_CANCEL, what),
        **({f"POST {address}/{{id_}}/cancellation": (Permission.SENDS_CANCEL, what)} if notes else {}),
    }


_ORDERS = "/print-mail/v1/return_envelopes/{id_}/orders"
PRINT_MAIL: dict[str, tuple[Permission | None, str]] = {
    **_of(
        "bank_accounts",
        "bank_account",
        Permission.BANK_ACCOUNTS_READ,
        Permission.BANK_ACCOUNTS_WRITE,
        changes=False,
    ),
    **_of("contacts", "contact", Permission.SENDS_READ, Permission.SENDS_WRITE, changes=False),
    "POST /print-mail/v1/mailing_lists/{id_}/jobs": (Permission.SENDS_WRITE, "mailing_list"),
    **_of("mailing_lists", "mailing_list", Permission.SENDS_READ, Permission.SENDS_WRITE),
    "POST /print-mail/v1/campaigns/{id_}/send": (Permission.CAMPAIGNS_WRITE, "mailing"),
    **_of("campaigns", "mailing", Permission.CAMPAIGNS_READ, Permission.CAMPAIGNS_WRITE),
    **_of("mailing_list_imports", "mailing_list_import", Permission.SENDS_READ, Permission.SENDS_WRITE),
    **_orders("letters", "letter"),
    **_orders("postcards", "postcard"),
    **_orders("self_mailers", "self_mailer", notes=False),
    **_orders("cheques", "cheque"),
    "GET /print-mail/v1/cheques/{id_}/with_deposit_ready_pdf": (Permission.SENDS_READ, "cheque"),
    "GET /print-mail/v1/return_envelopes": (Permission.SENDS_READ, ""),
    "POST /print-mail/v1/return_envelopes": (Permission.SENDS_WRITE, ""),
    "GET /print-mail/v1/return_envelopes/{id_}": (Permission.SENDS_READ, "return_envelope"),
    f"GET {_ORDERS}": (Permission.SENDS_READ, "return_envelope"),
    f"POST {_ORDERS}": (Permission.SENDS_WRITE, "return_envelope"),
    f"GET {_ORDERS}/{{order_id}}": (Permission.SENDS_READ, "envelope_order"),
    f"DELETE {_ORDERS}/{{order_id}}": (Permission.SENDS_WRITE, "envelope_order"),
    f"POST {_ORDERS}/{{order_id}}/fills": (Permission.SENDS_WRITE, "envelope_order"),
    **_of("templates", "template", Permission.SENDS_READ, Permission.SENDS_WRITE),
    "GET /print-mail/v1/trackers/{id_}/visits": (Permission.SENDS_READ, "tracker"),
    **_of("trackers", "tracker", Permission.SENDS_READ, Permission.SENDS_WRITE),
    "GET /print-mail/v1/webhooks/{id_}/invocations": (Permission.HOOKS_READ, "webhook"),
    **_of("webhooks", "webhook", Permission.HOOKS_READ, Permission.HOOKS_WRITE),
    "GET /print-mail/v1/events": (Permission.HOOKS_READ, ""),
}
UNSUPPORTED = {
    f"{method} /print-mail/v1/{name}{rest}"
    for name in _UNSUPPORTED
    for rest in ("", "/{rest}")
    for method in ("GET", "POST", "DELETE")
}
"""What is refused whatever is asked of it, with any key."""
