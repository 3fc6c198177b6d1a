"""Sendtrail: tracking of everything an organization sends to people."""
