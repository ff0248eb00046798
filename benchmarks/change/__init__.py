"""Change on the ground beside its peers: `./dev bench change.NAME`."""
