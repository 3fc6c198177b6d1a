"""Made-up organizations and what they send: names, campaigns, sizes, costs."""

from typing import Literal, NamedTuple

from sendtrail.domain.send import KindWord
from sendtrail.simulator.places import region_of
from sendtrail.simulator.production import Site

MailingClass = Literal["first_class", "marketing"]


class Campaign(NamedTuple):
    """A plan of sends. A bulk campaign is made from `ago` days before today on, of 90; the others trickle in."""

    name: str
    """Empty for single items."""
    type: Literal["bulk", "triggered", "single"]
    kind: KindWord
    mailing_class: MailingClass
    share: int
    """Of all sends, relative to the company's other shares."""
    cost_cents: int
    ago: int = 0
    returned: float = 0.014
    """Of its pieces: how good its addresses are."""
    flat: bool = False
    site: int = 0
    """Which of the company's printers makes it."""
    tag: str = ""


class Company(NamedTuple):
    """An organization and its habits."""

    name: str
    street: str
    zip: str
    home: str
    """The city of its plant."""
    printers: tuple[tuple[str, bool], ...]
    """The cities of those that print for it; with True one that reports hand-overs by day only."""
    reach: float
    """Miles within which most of its customers live."""
    senders: tuple[str, ...]
    campaigns: tuple[Campaign, ...]
    gifts: int
    """Shares like those of campaigns."""
    egifts: int

    def sites(self) -> tuple[Site, ...]:
        return tuple(Site(region_of(city), tells_days) for city, tells_days in self.printers)


_INSURER = Company(
    name="Harbor & Vale",
    street="200 Foundry St",
    zip="43215",
    home="Columbus",
    printers=(("Columbus", False), ("Nashville", True), ("Reno", False)),
    reach=260,
    senders=("Mara Lockhart", "Devin Osei", "Claire Haldane", "Tomás Rivera"),
    campaigns=(
        Campaign("Homeowner renewals: group A", "bulk", "letter", "first_class", 780, 78, 86, 0.009),
        Campaign("Umbrella cover offer", "bulk", "postcard", "marketing", 940, 44, 79, 0.019, site=1),
        Campaign("New neighbors welcome", "bulk", "postcard", "marketing", 720, 44, 71, 0.034, site=2),
        Campaign("Storm season checklist", "bulk", "self_mailer", "marketing", 860, 61, 63, 0.016),
        Campaign("Homeowner renewals: group B", "bulk", "letter", "first_class", 760, 78, 56, 0.009),
        Campaign("Multi-policy savings", "bulk", "postcard", "first_class", 640, 53, 47, 0.017, site=1),
        Campaign("Member magazine", "bulk", "self_mailer", "marketing", 900, 118, 40, 0.013, flat=True),
        Campaign("Meet your agent", "bulk", "postcard", "marketing", 560, 44, 33, 0.021, site=2),
        Campaign("Homeowner renewals: group C", "bulk", "letter", "first_class", 740, 78, 27, 0.009),
        Campaign("Refer a friend", "bulk", "self_mailer", "marketing", 520, 61, 19, 0.018),
        Campaign("Annual privacy notice", "bulk", "letter", "marketing", 680, 52, 13, 0.012, site=1),
        Campaign("Auto rate update", "bulk", "letter", "first_class", 420, 78, 8, 0.010),
        Campaign("Home check-up", "bulk", "postcard", "marketing", 380, 44, 5, 0.020, site=1),
        Campaign("Homeowner renewals: group D", "bulk", "letter", "first_class", 300, 78, 1, 0.009),
        Campaign("Policy review invitation", "bulk", "postcard", "first_class", 160, 53, -6, 0.015),
        Campaign("Welcome kit", "triggered", "letter", "first_class", 620, 96, returned=0.012, tag="onboarding"),
        Campaign("Quote follow-up", "triggered", "postcard", "first_class", 700, 53, returned=0.022, site=1),
        Campaign("Policy anniversary", "triggered", "postcard", "first_class", 380, 53, returned=0.010),
        Campaign("Lapsed policy reminder", "triggered", "letter", "first_class", 290, 78, returned=0.028),
        Campaign("Claim closed: how did we do?", "triggered", "postcard", "first_class", 210, 53, returned=0.012),
        Campaign("", "single", "cheque", "first_class", 230, 96, returned=0.008, tag="claims"),
        Campaign("", "single", "letter", "first_class", 310, 92, returned=0.013, tag="service"),
    ),
    gifts=70,
    egifts=90,
)
_SERVICES = Company(
    name="Juniper Heating & Air",
    street="1410 Kiln Rd",
    zip="85014",
    home="Phoenix",
    printers=(("Phoenix", False), ("Salt Lake City", True)),
    reach=90,
    senders=("Ruth Delgado", "Andre Strand"),
    campaigns=(
        Campaign("Spring tune-up", "bulk", "postcard", "marketing", 1500, 44, 84, 0.022),
        Campaign("Summer maintenance plan", "bulk", "self_mailer", "marketing", 1300, 61, 66, 0.02, site=1),
        Campaign("Filter reminder", "bulk", "postcard", "first_class", 1100, 53, 50, 0.012),
        Campaign("Solar open day", "bulk", "self_mailer", "marketing", 1200, 104, 37, 0.026, flat=True),
        Campaign("Neighborhood check-up", "bulk", "postcard", "marketing", 1000, 44, 22, 0.024),
        Campaign("Warranty extension", "bulk", "letter", "first_class", 700, 78, 9, 0.011),
        Campaign("Heating season offer", "bulk", "postcard", "marketing", 500, 44, 4, 0.022, site=1),
        Campaign("Furnace safety notice", "bulk", "letter", "first_class", 350, 78, 1, 0.011),
        Campaign("Member appreciation", "bulk", "postcard", "first_class", 200, 53, -6, 0.014),
        Campaign("Estimate follow-up", "triggered", "letter", "first_class", 800, 78, returned=0.02, tag="sales"),
        Campaign("After the visit", "triggered", "postcard", "first_class", 700, 53, returned=0.01),
        Campaign("", "single", "letter", "first_class", 450, 92, returned=0.012, tag="billing"),
        Campaign("", "single", "cheque", "first_class", 60, 96, returned=0.008, tag="refunds"),
    ),
    gifts=60,
    egifts=80,
)
_RETAILER = Company(
    name="Alder Lane Outfitters",
    street="77 Orchard Rd",
    zip="30309",
    home="Atlanta",
    printers=(("Atlanta", False), ("Harrisburg", False), ("Dallas", True)),
    reach=900,
    senders=("Priya Joshi", "Nathan Wolfe", "Esther Kim"),
    campaigns=(
        Campaign("Season catalog", "bulk", "self_mailer", "marketing", 1700, 126, 85, 0.018, flat=True),
        Campaign("Loyalty statement: wave 1", "bulk", "letter", "first_class", 800, 78, 76, 0.011, site=1),
        Campaign("Trail shoe launch", "bulk", "postcard", "marketing", 1100, 44, 64, 0.021, site=2),
        Campaign("Warehouse clearance", "bulk", "postcard", "marketing", 1000, 44, 52, 0.023),
        Campaign("Loyalty statement: wave 2", "bulk", "letter", "first_class", 800, 78, 41, 0.011, site=1),
        Campaign("Store opening", "bulk", "self_mailer", "marketing", 800, 61, 28, 0.03, site=2),
        Campaign("Gift guide", "bulk", "self_mailer", "marketing", 900, 121, 16, 0.018, flat=True),
        Campaign("Early access", "bulk", "postcard", "first_class", 500, 53, 8, 0.016, site=1),
        Campaign("Loyalty statement: wave 3", "bulk", "letter", "first_class", 400, 78, 1, 0.011),
        Campaign("Anniversary sale", "bulk", "postcard", "marketing", 250, 44, -6, 0.02),
        Campaign("Basket reminder", "triggered", "postcard", "first_class", 900, 53, returned=0.017, tag="shop"),
        Campaign("Birthday card", "triggered", "postcard", "first_class", 350, 58, returned=0.013),
        Campaign("", "single", "letter", "first_class", 260, 92, returned=0.013, tag="service"),
        Campaign("", "single", "cheque", "first_class", 40, 96, returned=0.008, tag="refunds"),
    ),
    gifts=80,
    egifts=120,
)
COMPANIES = (_INSURER, _SERVICES, _RETAILER)
"""The first is the demo's."""
