"""What somebody may do, and how far: permissions, each with a reach, and the roles that come with Sendtrail.

A role is a table from permission to reach. An organization's own roles are rows of the database; those here are the
same thing, written down once. What a table does not name is not allowed.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum

from sendtrail.domain.problems import Invalid


class Reach(IntEnum):
    """How far a permission goes; a farther one is greater, and holds the nearer ones: everybody sees their own."""

    OWN = 1
    TEAMS = 2
    ORGANIZATION = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Permission(StrEnum):
    """One thing that somebody may do."""

    SENDS_READ = "sends.read"
    SENDS_WRITE = "sends.write"
    SENDS_CANCEL = "sends.cancel"
    CAMPAIGNS_READ = "campaigns.read"
    CAMPAIGNS_WRITE = "campaigns.write"
    REPORTS_READ = "reports.read"
    MONEY_READ = "money.read"
    MONEY_WRITE = "money.write"
    FEEDS_READ = "feeds.read"
    FEEDS_WRITE = "feeds.write"
    HOOKS_READ = "hooks.read"
    HOOKS_WRITE = "hooks.write"
    SETTINGS_READ = "settings.read"
    SETTINGS_WRITE = "settings.write"
    KEYS_READ = "keys.read"
    KEYS_WRITE = "keys.write"
    MEMBERS_READ = "members.read"
    MEMBERS_WRITE = "members.write"
    BANK_ACCOUNTS_READ = "bank_accounts.read"
    BANK_ACCOUNTS_WRITE = "bank_accounts.write"
    AUDIT_READ = "audit.read"

    @property
    def divisible(self) -> bool:
        """Whether it can go less far than the organization."""
        return self in _DIVISIBLE


_DIVISIBLE = frozenset(
    {
        Permission.SENDS_READ,
        Permission.SENDS_WRITE,
        Permission.SENDS_CANCEL,
        Permission.CAMPAIGNS_READ,
        Permission.CAMPAIGNS_WRITE,
        Permission.REPORTS_READ,
        Permission.MONEY_READ,
    }
)
MEANINGS: Mapping[Permission, str] = {
    Permission.SENDS_READ: "See sends",
    Permission.SENDS_WRITE: "Make sends and note what happened to them",
    Permission.SENDS_CANCEL: "Cancel sends",
    Permission.CAMPAIGNS_READ: "See campaigns",
    Permission.CAMPAIGNS_WRITE: "Begin and change campaigns",
    Permission.REPORTS_READ: "See reports",
    Permission.MONEY_READ: "See what sends cost; for the whole organization, the balance",
    Permission.MONEY_WRITE: "Set prices and note deposits",
    Permission.FEEDS_READ: "See feeds and their files",
    Permission.FEEDS_WRITE: "Bring in files, make feed credentials",
    Permission.HOOKS_READ: "See hooks and what they were told",
    Permission.HOOKS_WRITE: "Make and change hooks, which hear of all sends",
    Permission.SETTINGS_READ: "See the organization's settings",
    Permission.SETTINGS_WRITE: "Change the organization's settings",
    Permission.KEYS_READ: "See API keys",
    Permission.KEYS_WRITE: "Make and revoke API keys",
    Permission.MEMBERS_READ: "See members and teams",
    Permission.MEMBERS_WRITE: "Invite and remove members, change roles and teams",
    Permission.BANK_ACCOUNTS_READ: "See which accounts cheques draw on",
    Permission.BANK_ACCOUNTS_WRITE: "Add and remove accounts that cheques draw on",
    Permission.AUDIT_READ: "See who did what",
}
"""What each permission lets somebody do, for people."""

Rights = Mapping[Permission, Reach]

EVERYTHING: Rights = dict.fromkeys(Permission, Reach.ORGANIZATION)
"""What the program itself may do, an API key that was not narrowed, and an admin."""
READING: Rights = {
    each: Reach.ORGANIZATION
    for each in Permission
    if each.endswith(".read") and each is not Permission.BANK_ACCOUNTS_READ
}
"""What an API key may do that only reads. Bank accounts are for admins, and for keys that may everything or were made
for them."""


def _daily(reach: Reach) -> Rights:
    return dict.fromkeys(sorted(_DIVISIBLE), reach)


ROLES: Mapping[str, Rights] = {
    "admin": EVERYTHING,
    "manager": {**_daily(Reach.TEAMS), Permission.MEMBERS_READ: Reach.ORGANIZATION},
    "sender": _daily(Reach.OWN),
}
"""The roles that every organization has."""
ABOUT: Mapping[str, str] = {
    "admin": "Everything: all sends, settings, members, keys and money",
    "manager": "The sends, campaigns, reports and costs of their teams",
    "sender": "Their own sends, and what those cost",
}

_NEEDS = {
    Permission.SENDS_WRITE: Permission.SENDS_READ,
    Permission.SENDS_CANCEL: Permission.SENDS_READ,
    Permission.CAMPAIGNS_WRITE: Permission.CAMPAIGNS_READ,
    Permission.MONEY_WRITE: Permission.MONEY_READ,
    Permission.FEEDS_WRITE: Permission.FEEDS_READ,
    Permission.HOOKS_WRITE: Permission.HOOKS_READ,
    Permission.SETTINGS_WRITE: Permission.SETTINGS_READ,
    Permission.KEYS_WRITE: Permission.KEYS_READ,
    Permission.MEMBERS_WRITE: Permission.MEMBERS_READ,
    Permission.BANK_ACCOUNTS_WRITE: Permission.BANK_ACCOUNTS_READ,
}


def widened(rights: Rights) -> Rights:
    """The same rights for somebody who was granted the whole organization: what reaches teams reaches all."""
    return {each: Reach.ORGANIZATION if reach is Reach.TEAMS else reach for each, reach in rights.items()}


def covers(mine: Rights, theirs: Rights) -> bool:
    """Whether somebody has all that another one has: nobody gives, or takes away, more than they have."""
    return all(mine.get(permission, 0) >= reach for permission, reach in theirs.items())


def rights_of(words: Mapping[str, str]) -> Rights:
    """Rights as a row or a form has them, permission and reach by their words; Invalid names `rights`.

    Whoever may change something may see it as far.
    """
    rights: dict[Permission, Reach] = {}
    for name, word in words.items():
        if name not in Permission.__members__.values():
            raise Invalid(f"rights: {name[:40]!a} must be one of {', '.join(Permission)}", "rights")
        if word.upper() not in Reach.__members__:
            raise Invalid(f"rights: {name} must reach own, teams or organization", "rights")
        permission, reach = Permission(name), Reach[word.upper()]
        rights[permission] = reach if permission.divisible else Reach.ORGANIZATION
    for permission, needed in _NEEDS.items():
        if permission in rights:
            rights[needed] = max(rights[permission], rights.get(needed, Reach.OWN))
    return rights


def words_of(rights: Rights) -> dict[str, str]:
    """The opposite of `rights_of`."""
    return {permission.value: reach.word for permission, reach in rights.items()}
