"""Which subjects are one: our rules and Splink on made-up persons, `./dev bench linking`."""
