"""Linking and weighing of a file of signals, without a floor: `watchfloor weigh`."""
