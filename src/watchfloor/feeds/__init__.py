"""Feeds: deliveries come in, are recognised, marked and accounted for; what cannot be read is kept apart."""
