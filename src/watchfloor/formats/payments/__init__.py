"""Formats of payments and accounts: ISO 20022, MT103, Standard 005, ledgers, Interac e-Transfers."""
