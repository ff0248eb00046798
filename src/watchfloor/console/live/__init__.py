"""Live: connections that stay open, and what each reader is told of what changed."""
