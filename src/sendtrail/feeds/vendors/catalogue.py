"""The vendors that we listen to: what each is called, whether it signs, and who reads what it sends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sendtrail.feeds.vendors import aftership, easypost, karrio, lob, postalytics, postgrid, sendoso, stannp
from sendtrail.feeds.vendors.intake import VendorIntake

Read = Callable[[bytes, VendorIntake, str], None]
"""Takes one message: its body, where what it says goes, and the type that its address names."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor. `signs`: what it sends can be verified with a secret. `types`: what its address must or may say."""

    key: str
    label: str
    read: Read
    signs: bool = True
    types: tuple[str, ...] = ()
    needs_type: bool = False
    exports: bool = False
    """Whether its export, a table of sends with what became of them, can be imported."""


VENDORS: Mapping[str, Vendor] = {
    each.key: each
    for each in (
        Vendor("lob", "Lob", lob.read, exports=True),
        Vendor("postgrid", "PostGrid", postgrid.read, exports=True),
        Vendor("stannp", "Stannp", stannp.read, exports=True),
        Vendor(
            "postalytics",
            "Postalytics",
            postalytics.read,
            signs=False,
            types=("letter", "postcard", "self_mailer"),
            exports=True,
        ),
        Vendor("sendoso", "Sendoso", sendoso.read, types=tuple(sendoso.TYPES), needs_type=True, exports=True),
        Vendor("easypost", "EasyPost", easypost.read),
        Vendor("aftership", "AfterShip", aftership.read),
        Vendor("karrio", "Karrio", karrio.read),
    )
}
