"""Library search: spectra in one memory-mapped file, and the best hits of it, exactly."""
