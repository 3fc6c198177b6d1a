"""What an Intelligent Mail barcode says: its digits and their parts."""

from typing import NamedTuple

from sendtrail.domain.problems import Invalid

TRACKING_DIGITS = 20
ROUTING_DIGITS = (0, 5, 9, 11)


class ImbError(Invalid):
    """A barcode that cannot be taken; `param` is `tracking`, `routing` or `bars`.

    `code` is the result code of the USPS encoder: 09 tracking length, 10 tracking not numeric, 11 second digit,
    12 routing length, 13 routing not numeric. Bars have none: it is empty there.
    """

    def __init__(self, code: str, param: str, message: str) -> None:
        super().__init__(message, param)
        self.code = code


class Barcode(NamedTuple):
    """The digits of a barcode. `check`, `parse` and `decode` make only sound ones."""

    tracking: str
    """20 digits: barcode identifier, service type, Mailer ID, serial number."""
    routing: str = ""
    """None, 5, 9 or 11 digits: ZIP Code, ZIP+4, ZIP+4 and delivery point."""

    @property
    def barcode_id(self) -> str:
        """Two digits; the second is 0 to 4."""
        return self.tracking[:2]

    @property
    def stid(self) -> str:
        """The service type identifier, three digits."""
        return self.tracking[2:5]

    @property
    def mid(self) -> str:
        """The Mailer ID: nine digits exactly when the first is a 9, else six."""
        return self.tracking[5 : self._serial_at]

    @property
    def serial(self) -> str:
        """Six digits behind a Mailer ID of nine, nine behind one of six."""
        return self.tracking[self._serial_at :]

    @property
    def mid_serial(self) -> int:
        """Mailer ID and serial number as one number below 10**15: by it a scan finds its send."""
        return int(self.tracking[5:])

    @property
    def label(self) -> int:
        """The rest as one number: barcode identifier, service type (5 digits), ZIP Code (5 digits, 0 where none)."""
        return int(self.tracking[:5]) * 100_000 + int(self.routing[:5] or 0)

    @property
    def digits(self) -> str:
        """All 20 to 31 digits."""
        return self.tracking + self.routing

    @property
    def _serial_at(self) -> int:
        return 14 if self.tracking[5] == "9" else 11


def check(tracking: str, routing: str = "") -> Barcode:
    """The barcode with these digits, outer blanks removed; ImbError names the first thing that is wrong.

    The tests and their order are those of the USPS encoder.
    """
    tracking, routing = tracking.strip(), routing.strip()
    if len(tracking) != TRACKING_DIGITS:
        raise ImbError("09", "tracking", f"tracking has {_counted(tracking)}; it needs exactly 20 digits")
    if not _numeric(tracking):
        raise ImbError(
            "10", "tracking", f"tracking {_shown(tracking)} is not numeric; it needs exactly 20 digits 0 to 9"
        )
    if tracking[1] > "4":
        raise ImbError("11", "tracking", f"tracking's second digit is {tracking[1]}; it must be 0 to 4")
    if len(routing) not in ROUTING_DIGITS:
        raise ImbError("12", "routing", f"routing has {_counted(routing)}; it needs none, 5, 9 or 11 digits")
    if routing and not _numeric(routing):
        raise ImbError(
            "13", "routing", f"routing {_shown(routing)} is not numeric; it needs none, 5, 9 or 11 digits 0 to 9"
        )
    return Barcode(tracking, routing)


def parse(text: str) -> Barcode:
    """The barcode written as one row of 20, 25, 29 or 31 digits; ImbError as `check` raises it."""
    text = text.strip()
    return check(text[:TRACKING_DIGITS], text[TRACKING_DIGITS:])


def _numeric(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _counted(text: str) -> str:
    return "1 character" if len(text) == 1 else f"{len(text)} characters"


def _shown(text: str) -> str:
    """`text` on one line, whatever it holds."""
    return ascii(text)
