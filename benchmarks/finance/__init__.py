"""The finance desk beside its peers: `./dev bench finance.NAME`."""
