"""PostGrid's API on Sendtrail: the same services and store in the words of its client."""
