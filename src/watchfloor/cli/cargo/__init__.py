"""Commands about cargo."""
