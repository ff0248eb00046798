"""Claims and commitments, each computed from evidence; see docs/design/scorecard.md."""
