"""Commands about sensors."""
