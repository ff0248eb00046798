"""Wire formats: one module each, with `sniff`, `read` and, where we also send it, `write`.

A format turns delivered bytes into rows of a kind. It opens no file, knows no feed and stores nothing; what
it cannot read it yields as a `Fault`, with the bytes, and goes on.
"""
