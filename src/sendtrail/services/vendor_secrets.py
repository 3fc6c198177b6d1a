"""Which vendors credentials can be for, and the secrets with which these sign what they send."""

from sendtrail.domain.problems import Invalid
from sendtrail.domain.signatures import PREFIX, checked_secret
from sendtrail.feeds.vendors.catalogue import VENDORS
from sendtrail.feeds.vendors.signatures import can_sign

_MOST = 200


def checked_vendor(key: str) -> str:
    """A vendor's key, or '' for credentials that take scans and reports; Invalid names `vendor`."""
    if key and key not in VENDORS:
        raise Invalid(f"vendor {key[:40]!a} must be one of {', '.join(VENDORS)}, or empty for scans", "vendor")
    return key


def checked_webhook_secret(vendor: str, secret: str) -> str:
    """The secret with which a vendor signs, as it is kept, '' for none; Invalid names `secret`."""
    secret = secret.strip()
    if not secret:
        return ""
    if not (vendor and can_sign(vendor)):
        raise Invalid("secret goes with vendors that sign what they send: this one does not", "secret")
    if len(secret) > _MOST or not secret.isprintable():
        raise Invalid(f"secret must be at most {_MOST} characters that can be printed", "secret")
    return checked_secret(secret, standard=True) if vendor == "sendoso" and secret.startswith(PREFIX) else secret
