"""PostGrid's words: how its client names what Sendtrail has, both ways, as PyPI `postgrid-python` 2.3.0 has them."""
