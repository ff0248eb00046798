"""Who may come in: accounts, sessions, one-time links, rates."""
