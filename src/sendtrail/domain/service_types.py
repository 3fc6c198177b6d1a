"""Service type identifiers: the three digits of an Intelligent Mail barcode that name class and services.

From the USPS table effective 2024-01-21 (postalpro.usps.com/mailing/service-type-identifiers). Only codes with IV
(Informed Visibility) yield scans. ASR, CSR and RSR are address, change and return service requested, options 1 and 2.
"""

from typing import NamedTuple

TABLE = """
mail class            | option                  | basic | with IV | full service | with IV
first_class           | none                    | 300   | 310     | 260          | 270
first_class           | manual                  | 700   | 040     |              |
first_class           | ASR 1                   | 230   | 220     | 320          | 314
first_class           | ASR 2                   | 080   | 140     | 081          | 141
first_class           | CSR 1                   | 504   | 502     | 516          | 514
first_class           | CSR 2                   | 082   | 240     | 083          | 241
first_class           | RSR 2                   | 341   | 340     | 343          | 342
first_class           | temporary RSR 2         | 345   | 344     | 232          | 222
first_class           | traditional ASR 1       | 501   | 500     | 505          | 503
first_class           | traditional ASR 2       | 507   | 506     | 509          | 508
first_class           | traditional CSR 1       | 517   | 515     | 521          | 519
first_class           | traditional CSR 2       | 510   | 530     | 512          | 511
first_class           | traditional RSR 2       | 535   | 534     | 537          | 536
first_class           | traditional temp. RSR 2 | 543   | 538     | 545          | 544
marketing             | none                    | 301   | 311     | 261          | 271
marketing             | manual                  | 702   | 042     |              |
marketing             | ASR 1                   | 090   | 142     | 091          | 143
marketing             | ASR 2                   | 334   | 585     | 550          | 548
marketing             | CSR 1                   | 092   | 242     | 093          | 243
marketing             | CSR 2                   | 513   | 586     | 567          | 231
marketing             | RSR 2                   | 272   | 262     | 529          | 587
marketing             | traditional ASR 1       | 540   | 539     | 542          | 541
marketing             | traditional ASR 2       | 547   | 546     | 551          | 549
marketing             | traditional CSR 1       | 560   | 559     | 562          | 561
marketing             | traditional CSR 2       | 565   | 564     | 568          | 566
marketing             | traditional RSR 2       | 570   | 569     | 572          | 571
bound_printed_matter  | none                    | 401   | 451     | 265          | 351
bound_printed_matter  | manual                  | 706   | 452     |              |
bound_printed_matter  | ASR 1                   | 424   | 453     | 423          | 353
bound_printed_matter  | ASR 2                   | 605   | 454     | 607          | 354
bound_printed_matter  | CSR 1                   | 431   | 455     | 430          | 355
bound_printed_matter  | CSR 2                   | 615   | 456     | 617          | 356
bound_printed_matter  | RSR 2                   | 619   | 457     | 621          | 357
bound_printed_matter  | traditional ASR 1       | 603   | 458     | 604          | 358
bound_printed_matter  | traditional ASR 2       | 606   | 459     | 608          | 359
bound_printed_matter  | traditional CSR 1       | 613   | 460     | 614          | 360
bound_printed_matter  | traditional CSR 2       | 616   | 461     | 618          | 361
bound_printed_matter  | traditional RSR 2       | 620   | 462     | 622          | 362
periodicals           | manual                  | 704   | 044     |              |
periodicals           | alternative address     | 149   | 148     | 147          | 146
periodicals           | ASR                     | 784   | 244     | 038          | 045
periodicals           | traditional ASR         | 600   | 599     | 602          | 601
political_first_class | none                    | 751   | 727     | 761          | 747
political_first_class | manual                  | 752   | 756     |              |
political_first_class | ASR 1                   | 753   | 757     | 763          | 767
political_first_class | ASR 2                   | 754   | 758     | 764          | 768
political_first_class | CSR 1                   | 755   | 759     | 765          | 769
political_first_class | RSR 2                   |       |         | 762          | 766
political_marketing   | none                    | 771   | 728     | 773          | 748
political_marketing   | manual                  | 772   | 776     |              |
political_marketing   | CSR 1                   | 775   | 770     | 774          | 781
political_marketing   | traditional CSR 1       | 785   | 786     |              |
ballot_first_class    | none                    |       | 715     |              | 720
ballot_first_class    | manual                  |       | 716     |              |
ballot_first_class    | ASR 1                   |       | 717     |              | 722
ballot_first_class    | ASR 2                   |       | 718     |              | 723
ballot_first_class    | return                  |       | 713     |              | 725
ballot_marketing      | none                    |       | 735     |              | 741
ballot_marketing      | manual                  |       | 736     |              |
ballot_marketing      | ASR 1                   |       | 737     |              | 743
ballot_marketing      | ASR 2                   |       | 738     |              | 744
ballot_marketing      | return                  |       | 714     |              | 746
ballot_marketing      | traditional return      |       | 726     |              |
ballot_back           | reply                   | 777   |         |              |
ballot_back           | business reply          | 778   |         |              |
ballot_back           | permit reply            | 779   |         |              |
ballot_back           | overseas voters         | 780   |         |              |
reply                 | courtesy by ZIP         | 703   | 050     |              |
reply                 | business by ZIP         | 708   | 052     |              |
reply                 | first class by ZIP      | 701   | 051     |              |
reply                 | courtesy by MID         | 070   | 030     |              |
reply                 | business by MID         | 072   | 032     |              |
reply                 | first class by MID      | 071   | 031     |              |
priority              | mail                    | 710   |         |              |
priority              | flat rate               | 712   |         |              |
share_mail            | unique                  |       | 733     |              |
share_mail            | static                  |       | 734     |              |
"""


class ServiceType(NamedTuple):
    """One code of the table."""

    stid: str
    mail_class: str
    option: str
    full_service: bool
    informed_visibility: bool
    """Whether USPS tells the scans of such a piece."""

    @property
    def returns(self) -> bool:
        """Whether an undeliverable piece comes back to its sender and is never forwarded for good."""
        return "RSR" in self.option or self.option.endswith("return")

    @property
    def replies(self) -> bool:
        """Whether the piece is a recipient's answer on its way to the sender."""
        return self.mail_class in {"reply", "ballot_back"}


def _read(table: str) -> tuple[ServiceType, ...]:
    return tuple(
        ServiceType(stid, mail_class, option, full_service=column >= 2, informed_visibility=column % 2 == 1)
        for mail_class, option, *stids in (
            [cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]
        )
        for column, stid in enumerate(stids)
        if stid
    )


SERVICE_TYPES = _read(TABLE)
_BY_STID = {service.stid: service for service in SERVICE_TYPES}
_BY_SERVICE = {service[1:]: service.stid for service in SERVICE_TYPES}
RETURN_STIDS = frozenset(service.stid for service in SERVICE_TYPES if service.returns)


def describe(stid: str) -> ServiceType | None:
    """What a code says; None for one that is not in the table."""
    return _BY_STID.get(stid)


def lookup(
    mail_class: str, option: str = "none", *, full_service: bool = False, informed_visibility: bool = True
) -> str | None:
    """The code for a mail class and option, in the table's words; None where USPS has none."""
    return _BY_SERVICE.get((mail_class, option, full_service, informed_visibility))


_MAIL_CLASS: dict[str, str | None] = {
    "first_class": "first_class",
    "usps_first_class": "first_class",
    "certified": "first_class",
    "certified_return_receipt": "first_class",
    "registered": "first_class",
    "usps_first_class_certified": "first_class",
    "usps_first_class_certified_return_receipt": "first_class",
    "usps_first_class_registered": "first_class",
    "standard_class": "marketing",
    "usps_standard_class": "marketing",
    "usps_eddm": "marketing",
    "marketing": "marketing",
    "express": None,
    "priority": None,
    "usps_express_2_day": None,
    "usps_express_3_day": None,
    "usps_express_3_day_signature_confirmation": None,
    "usps_express_3_day_certified": None,
    "usps_express_3_day_certified_return_receipt": None,
}
_ALSO = {
    "first": "first_class",
    "firstclass": "first_class",
    "usps_first": "first_class",
    "standard": "standard_class",
    "marketing_mail": "marketing",
    "usps_marketing_mail": "marketing",
    "priority_mail": "priority",
}
MAILING_CLASSES = tuple(_MAIL_CLASS)
"""What a send carried by the United States post may say: the words of the PostGrid API, and shorter ones."""


def mailing_class_named(word: str) -> str | None:
    """The mailing class that a word in lower case with underscores names; None for none that we know."""
    word = _ALSO.get(word, word)
    return word if word in _MAIL_CLASS else None


def mail_class_of(mailing_class: str) -> str | None:
    """The mail class behind a send's mailing class.

    None for express and priority, which carry tracking numbers instead, and for other posts: no barcode from us.
    """
    return _MAIL_CLASS.get(mailing_class)


def stid_for(mailing_class: str, *, full_service: bool = False) -> str | None:
    """The code, with scans and without address corrections, for a send's mailing class; None where it has no barcode.

    First-Class 310, Marketing Mail 311; 270 and 271 for a Full-Service mailing.
    """
    mail_class = mail_class_of(mailing_class)
    return mail_class and lookup(mail_class, full_service=full_service)
