"""Protocol Buffers without generated code: field tables, a codec of mappings, and a columnar reader.

`tables` reads the field tables of a standard from a small text. `codec` turns bytes into mappings and back,
for messages that are few. `tape` takes many messages of one buffer apart into columns at once, and checks
them; `emit` writes what is left of them as JSON. `lines` is the JSON form that the wire format has.
"""
