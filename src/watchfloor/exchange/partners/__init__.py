"""Partners: those outside who pull what was disclosed to them, each with a key, a gateway and a purpose."""
