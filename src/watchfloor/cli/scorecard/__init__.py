"""Commands about public figures."""
