"""Reference: read-only, versioned knowledge that desks use. It stands on `formats` and `records` alone."""
