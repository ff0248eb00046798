"""Formats of reports: text, PDF, Word, e-mail, the report form."""
