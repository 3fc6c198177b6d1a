"""Which vendors credentials can be for, and the secrets with which these sign what they send."""

from sendtrail.domain.problems import Invalid
from sendtrail.domain.signatures import PREFIX, checked_secret
from sendtrail.feeds.vendors.catalogue import VENDORS
from sendtrail.feeds.vendors.signatures import can_sign

_LEAST, _MOST = 8, 200
"""Characters of a secret."""
_MOST_SECRETS = 50


def checked_vendor(key: str) -> str:
    """A vendor's key, or '' for credentials that take scans and reports; Invalid names `vendor`."""
    if key and key not in VENDORS:
        raise Invalid(f"vendor {key[:40]!a} must be one of {', '.join(VENDORS)}, or empty for scans", "vendor")
    return key


def checked_webhook_secret(vendor: str, text: str) -> str:
    """The secrets with which a vendor signs, one a line, as `secrets_of` reads them; '' for none. Invalid names
    `secret`.

    Some vendors have one for each address that they send to, as Sendoso for each of its 28 types.
    """
    secrets = list(dict.fromkeys(each.strip() for each in text.split("\n") if each.strip()))
    if secrets and not (vendor and can_sign(vendor)):
        raise Invalid("secret goes with vendors that sign what they send: this one does not", "secret")
    if len(secrets) > _MOST_SECRETS:
        raise Invalid(f"secret may hold {_MOST_SECRETS} secrets at most, one a line", "secret")
    return "\n".join(_checked(vendor, each) for each in secrets)


def secrets_of(kept: str) -> list[str]:
    """The secrets of credentials: what any of them signed is their vendor's."""
    return kept.split("\n") if kept else []


def _checked(vendor: str, secret: str) -> str:
    if len(secret) > _MOST or not secret.isprintable():
        raise Invalid(f"secret must be at most {_MOST} characters that can be printed", "secret")
    if vendor == "sendoso" and secret.startswith(PREFIX):
        return checked_secret(secret, standard=True)
    if len(secret) < _LEAST:
        raise Invalid(f"secret must have at least {_LEAST} characters: copy all that the vendor shows", "secret")
    return secret
