"""What the rules must know of a send besides its trail."""

from dataclasses import dataclass

from sendtrail.domain.events import Kind


@dataclass(frozen=True, slots=True)
class Facts:
    """The part of a send that decides how its trail is told and what may be presumed from silence.

    Nothing here says live or test: a test send rehearses exactly what a live one would tell.
    """

    kind: Kind
    post: str = ""
    """`usps`, `canada_post`; empty for what no post carries."""
    mailing_class: str = ""
    extra_service: str = ""
    """`certified`, `certified_return_receipt`, `registered` or empty."""
    recipient_zip: str = ""
    """Five digits or ZIP+4, as are both ZIPs."""
    return_zip: str = ""
    """The sender's."""
    time_zone: str = "UTC"
    """The organization's, by its IANA name: days are counted in it."""
