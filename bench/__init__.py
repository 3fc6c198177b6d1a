"""Every speed figure comes from here."""
