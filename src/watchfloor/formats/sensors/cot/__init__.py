"""Cursor on Target 2.0 and the TAK protocol, version 1: events in XML and in Protocol Buffers.

`events` is one event as a record and what its numbers mean, `kinds` the code of what it is about. `xml_in`
and `tak_in` read the two encodings, `stream` finds where events begin and end and gives rows. `columns` are
rows made ready to be sent; `xml_out` and `tak_out` write them. `file` is the format `cot`.
"""
