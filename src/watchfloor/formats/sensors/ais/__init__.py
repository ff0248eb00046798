"""AIS: messages of ships (ITU-R M.1371) as NMEA 0183 sentences. Read `nmea` first."""
