"""Other vendors' webhooks and exports: what they say of sends that they produce or carry, as observations."""
