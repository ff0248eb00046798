"""Which subjects are one: shared identifiers, names, judgements, and proposals for a whole floor."""
