"""Commands about what is done with leads."""
