"""ASTERIX: EUROCONTROL's surveillance data exchange."""
