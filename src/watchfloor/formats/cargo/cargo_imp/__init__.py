"""IATA Cargo-IMP: lines of text with slashes, which carriers and forwarders send.

Read are FWB/16 and 17 (air waybill), FHL/4 and 5 (house waybills of a consolidation) and FFM/8 (flight
manifest), several messages a file, with or without telegraph or EDIFACT envelopes around them. IATA sells the
manual; this is the profile that published messages and the descriptions of carriers show, see
docs/cargo-feeds.md. Other versions and other messages are faults and are not guessed at.
"""
