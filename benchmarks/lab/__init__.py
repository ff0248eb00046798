"""The laboratory beside its peers: `./dev bench lab.NAME`."""
