"""Campaigns that make their own sends, in the words of PostGrid's client."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import msgspec

from sendtrail.domain.events import Kind
from sendtrail.domain.ids import Ids
from sendtrail.domain.mailings import Settings
from sendtrail.domain.pieces import Cheque
from sendtrail.domain.postgrid.common import Described, common

KEYS: Mapping[Kind, str] = {
    Kind.LETTER: "letter",
    Kind.POSTCARD: "postcard",
    Kind.SELF_MAILER: "selfMailer",
    Kind.CHEQUE: "cheque",
}
"""Under which field the settings of each kind stand."""
NAMES: Mapping[str, str] = {
    "size": "size",
    "template": "template",
    "front_template": "frontTemplate",
    "back_template": "backTemplate",
    "inside_template": "insideTemplate",
    "outside_template": "outsideTemplate",
    "letter_template": "letterTemplate",
    "bank_account": "bankAccount",
}
"""What a setting that can be missing is called."""
Shown = dict[str, Any]


class Mailing(Described, Protocol):
    """A row of such a campaign."""

    @property
    def campaign_id(self) -> int: ...
    @property
    def mailing_list_id(self) -> int: ...
    @property
    def sender_id(self) -> int | None: ...
    @property
    def kind(self) -> int | None: ...
    @property
    def making(self) -> dict[str, Any]: ...
    @property
    def send_date(self) -> date | None: ...
    @property
    def created_count(self) -> int: ...
    @property
    def errors(self) -> list[dict[str, str]]: ...


def campaign(ids: Ids, row: Mailing, status: str, live: bool) -> Shown:
    """A campaign as the client knows it; `status`: how it stands by now."""
    settings = {} if row.kind is None else {KEYS[Kind(row.kind)]: _settings(ids, Kind(row.kind), settings_of(row))}
    return {
        **common(ids, "campaign", row.campaign_id, row, live),
        "status": status,
        "mailingList": ids.encode("mailing_list", row.mailing_list_id),
        "createdCount": row.created_count,
        **settings,
        **({"defaultSenderContact": ids.encode("contact", row.sender_id)} if row.sender_id else {}),
        **({"sendDate": f"{row.send_date.isoformat()}T00:00:00.000Z"} if row.send_date else {}),
        **({"errors": row.errors} if row.errors else {}),
    }


def settings_of(row: Mailing) -> Settings:
    """How the pieces of a campaign are made."""
    return msgspec.convert(row.making, Settings)


def _settings(ids: Ids, kind: Kind, settings: Settings) -> Shown:
    making, envelope = settings.making, settings.return_envelope
    said = {
        "size": making.size,
        "envelope": making.envelope,
        "addressPlacement": making.address_placement,
        "paper": making.paper,
        "perforatedPage": making.perforated_page,
        "mailingClass": making.mailing_class,
        "extraService": making.extra_service,
        "mergeVariables": making.merge_variables,
        "description": settings.description,
        "metadata": settings.metadata,
        "returnEnvelope": envelope and ids.encode("return_envelope", envelope),
        **{NAMES[part]: ids.encode("template", number) for part, number in making.templates.items()},
    }
    own: Shown = {"color": making.color, "doubleSided": making.double_sided} if kind is Kind.LETTER else {}
    return {**own, **({} if making.cheque is None else _cheque(ids, making.cheque)), **_there(said)}


def _cheque(ids: Ids, cheque: Cheque) -> Shown:
    said = {"currencyCode": cheque.currency, "memo": cheque.memo, "message": cheque.message, "logo": cheque.logo}
    return {"bankAccount": ids.encode("bank_account", cheque.bank_account), **_there(said)}


def _there(said: Shown) -> Shown:
    return {name: value for name, value in said.items() if value}
