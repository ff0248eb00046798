"""ADS-B: extended squitters of aircraft (RTCA DO-260B) in AVR, Beast and SBS-1. Read `mode_s` first."""
