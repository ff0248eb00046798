"""Monthly facts that public claims are computed from, and where they were published."""
