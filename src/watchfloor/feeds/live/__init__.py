"""The live floor: sockets and brokers, a log with group commit, and its rolling into ordinary deliveries."""
