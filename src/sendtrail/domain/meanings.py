"""What every status, evidence, mail phase and reason means, in sentences for people.

Pages make their tooltips and the help page out of this, so a status reads the same wherever it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sendtrail.domain.events import SCAN_EVIDENCE, EventType, Evidence
from sendtrail.domain.phases import CODE_BY_PHASE, Phase
from sendtrail.domain.thresholds import DEFAULTS

NOT_GUARANTEED = (
    "The post does not scan every piece at every step, so a scan that is missing does not mean that a piece is."
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One sentence on what a status means; `advice` on what to do, empty where there is nothing to do."""

    text: str
    advice: str = ""


_WAITING = DEFAULTS["ordered_days"]
_IF_WAITING = f"If nothing has changed after {_WAITING} days, ask for help."
_IF_AT_PRINTER = f"If it stays there for more than {DEFAULTS['printer_days']} business days, ask for help."

_MEANINGS: Mapping[str, Meaning] = {
    "link_opened": Meaning("Somebody opened the link or QR code that belongs to this one send."),
    "goal_reached": Meaning("Somebody who came by the send's link reached the page that counts as success."),
    "created": Meaning(
        "The order is here, and nothing has been told yet of its being produced or sent.",
        f"If nothing has changed {_WAITING} days after its send date, ask for help.",
    ),
    "awaiting_approval": Meaning(
        "Somebody of your organization has to approve the order before anything is made.",
    ),
    "address_requested": Meaning(
        "The recipient was asked where the gift should go and has not answered yet.",
        "Without an answer in time the gift is called off.",
    ),
    "ordered": Meaning(
        "The order is with the warehouse, which has not sent the gift yet.",
        _IF_WAITING,
    ),
    "held": Meaning(
        "Something holds the order up before it can leave: stock, content, money or an address.",
        f"If it is held for more than {DEFAULTS['held_days']} days, ask for help.",
    ),
    "resumed": Meaning(
        "What held the order up is settled; it waits its turn again.",
        _IF_WAITING,
    ),
    "supplier_fulfilling": Meaning(
        "The supplier is getting the item ready for the warehouse that sends it on.", _IF_WAITING
    ),
    "supplier_shipped": Meaning(
        "The supplier has sent the item to the warehouse that sends it on to the recipient.", _IF_WAITING
    ),
    "offer_sent": Meaning(
        "The eGift's offer went out by e-mail, and the recipient has not opened it yet.",
    ),
    "in_production": Meaning(
        "The printer has the order and is at work on it, mostly for one or two business days.", _IF_AT_PRINTER
    ),
    "rendered": Meaning("The print file is made and with the printer.", _IF_AT_PRINTER),
    "addressed": Meaning(
        "The recipient's address is on the piece; not every printer reports this step.", _IF_AT_PRINTER
    ),
    "printed": Meaning(
        "The piece is printed and on its way to the post; not every printer reports this step.",
        _IF_AT_PRINTER,
    ),
    "reprinting": Meaning("The piece was damaged in production and is being made again.", _IF_AT_PRINTER),
    "opened": Meaning("The recipient opened the offer's e-mail and has not chosen yet."),
    "handed_over": Meaning(
        "The post has the piece and has told of no scan yet; the first one often takes a day or two, up to five."
    ),
    "shipped": Meaning(
        "The gift has left the warehouse; where its carrier can be followed, the tracking link shows the way.",
        f"If it has no tracking number {DEFAULTS['number_days']} business days after it was shipped, ask for help.",
    ),
    "scanned": Meaning("The post has seen the piece; what its machine was doing is not told in words that we know."),
    "clicked": Meaning(
        "The recipient followed the offer's link and has not confirmed the e-mail address yet.",
    ),
    "in_transit": Meaning("It is moving, and was last seen where it entered the mail or between two facilities."),
    "in_local_area": Meaning("It has come to the facility that serves the recipient's area."),
    "out_for_delivery": Meaning(
        "The last facility is done with it: the mailbox or door is about one business day away."
    ),
    "rerouted": Meaning(
        "It is being sent another way: the recipient moved, or its address or barcode was wrong.",
        "Where a new address is known it stands in the trail: correct your list before you send again.",
    ),
    "delivery_attempted": Meaning(
        "The carrier came and could not leave it.", "The recipient may have to arrange another delivery."
    ),
    "pickup_available": Meaning(
        "It waits at a post office or a shop to be collected.",
        "Tell the recipient: what is not collected goes back.",
    ),
    "delivered": Meaning("It arrived: somebody scanned or reported the delivery itself."),
    "expired": Meaning("The offer ran out before the recipient took it."),
    "undeliverable": Meaning(
        "The gift could not be delivered: its address is wrong, or nobody could be reached or took it.",
        "Ask for help, with the send's id or its tracking number.",
    ),
    "redeemed": Meaning("The recipient has the eGift's code; whether it was spent is not known."),
    "returned": Meaning(
        "It could not be delivered and is on its way back, or back already.",
        "The reason stands in the trail where it was told: correct the address before you send again.",
    ),
    "confirmation_expired": Meaning("The recipient did not confirm an address in time, so the gift was called off."),
    "failed": Meaning(
        "The order could not be carried out.", "Ask for help, with the send's id or its tracking number."
    ),
    "cancelled": Meaning("It was called off before it left; a scan after that needs a look."),
    "refunded": Meaning(
        "The money went back: the offer was never opened or its e-mail bounced, or the order was called off."
    ),
}

_BY_RULE = Meaning(
    "The post says so by rule: the carrier's scanner left the delivery area with the round done, or what held the piece"
    " was scanned."
)
_BY_EVIDENCE: Mapping[tuple[str, Evidence], Meaning] = {
    ("delivered", Evidence.LOGICAL): _BY_RULE,
    ("delivered", Evidence.ASSUMED): _BY_RULE,
    ("delivered", Evidence.UNKNOWN): _BY_RULE,
    ("delivered", Evidence.INFERRED): Meaning(
        "Nobody saw it arrive: it was handed over or about to be delivered so long ago that it should be there.",
        "Any later scan takes this back. If the recipient says that it never came, send another one.",
    ),
    ("returned", Evidence.INFERRED): Meaning(
        "Nobody said so, but after it was sent another way it was scanned where its sender lives.",
        "Any later scan elsewhere takes this back.",
    ),
}
"""Where it matters how we know."""

EVIDENCE: Mapping[Evidence, str] = {
    Evidence.SCANNED: "A machine or a person scanned this very piece.",
    Evidence.LOGICAL: "The post worked it out by a rule, nobody scanned it: mostly, the carrier's scanner left the area"
    " with the round done.",
    Evidence.ASSUMED: "The tray, sack or container in which it is known to be was scanned.",
    Evidence.REPORTED: "A printer, carrier, vendor or person says so, first-hand.",
    Evidence.INFERRED: "Nobody saw it. Sendtrail worked it out from what came before, or from silence, or a vendor"
    " estimates it; any later scan counts more.",
    Evidence.UNKNOWN: "A scan that does not say, in words that we know, how it was made.",
}
"""The best known first."""

PHASES: Mapping[Phase, str] = {
    Phase.ORIGIN_CANCELLATION: "Postmarked where it entered the mail",
    Phase.ORIGIN: "Processed where it entered the mail",
    Phase.ORIGIN_PRIMARY: "First sort where it entered the mail",
    Phase.ORIGIN_SECONDARY: "Second sort where it entered the mail",
    Phase.DESTINATION: "Processed in the recipient's region",
    Phase.DESTINATION_MMP: "Sorted on arrival in the recipient's region",
    Phase.DESTINATION_SCF: "Sorted at the centre of the recipient's region",
    Phase.DESTINATION_PRIMARY: "Sorted to the recipient's ZIP Code",
    Phase.DESTINATION_SECONDARY: "Sorted to the carrier's round",
    Phase.DESTINATION_BOX: "Sorted to the PO boxes",
    Phase.DESTINATION_SEQUENCED: "Sorted into the order of the carrier's walk",
    Phase.DELIVERY: "The carrier's round",
    Phase.PARS: "Forwarding system for letters",
    Phase.FPARS: "Forwarding system for large envelopes",
    Phase.FOREIGN: "International mail",
    Phase.MISCELLANEOUS: "Handled aside from the usual machines",
    Phase.UNRECOGNISED: "A step that we have no words for",
    Phase.CARRIER: "Sorted for the carrier",
    Phase.DELIVERY_OTHER: "A step of the delivery",
}
"""What the machine was doing that scanned a piece."""

RETURN_REASONS: Mapping[str, str] = {
    "A": "The recipient is not known at this address.",
    "B": "The sender should look for a better address.",
    "D": "The address lies outside what carriers deliver to.",
    "E": "Several people claim the piece, and none may have it.",
    "G": "The PO box is closed.",
    "I": "The address is not complete.",
    "K": "The recipient moved and left no new address.",
    "L": "The address cannot be read.",
    "M": "There is no mailbox at this address.",
    "N": "There is no such house number.",
    "P": "The recipient has died.",
    "Q": "It cannot be delivered as addressed, and forwarding is not possible.",
    "R": "The recipient refused it.",
    "S": "There is no such street.",
    "U": "Nobody collected it in time.",
    "V": "The place is vacant.",
    "X": "There is no such post office.",
}
"""Why a piece comes back, by its nixie letter."""

MOVES: Mapping[str, str] = {
    "": "The recipient moved.",
    "COA": "The recipient moved.",
    "F": "The whole family moved.",
    "I": "The recipient moved, the family did not.",
    "B": "The business moved.",
    "K": "The recipient moved.",
    "W": "The recipient moved for a time.",
}
"""Why a piece is forwarded, by the letter of its address correction."""

_SCANNED_CODES = frozenset(CODE_BY_PHASE.values())


def meaning(code: str, evidence: Evidence) -> Meaning:
    """What a status means that is known by `evidence`."""
    return _BY_EVIDENCE.get((code, evidence)) or _MEANINGS[code]


def evidence_of(type_: EventType) -> list[Evidence]:
    """By what a row of the event table can be known at all, the best first: only the post's steps are ever scanned."""
    possible = {Evidence.REPORTED}
    if type_.code in _SCANNED_CODES:
        possible |= SCAN_EVIDENCE
    if len(type_.evidence) == 1:
        possible |= type_.evidence
    return [each for each in EVIDENCE if each in type_.evidence & possible]
