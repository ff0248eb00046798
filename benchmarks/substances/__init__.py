"""Law and structures of substances, beside their peers: `./dev bench substances.NAME`."""
