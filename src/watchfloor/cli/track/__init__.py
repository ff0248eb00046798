"""Commands about tracks."""
