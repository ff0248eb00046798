"""The temporal graph of payments: a stream in, features out that rest on what came before.

Accounts are the vertices and payments the edges of a graph that slides along with time. What is remembered of
it lies in arrays of records (`graph`); small kernels fold one payment after another and write its features
(`statistics`, `gathers`, `cycles`, `passing`); `stream` drives them. A payment sees itself and those before
it in the feed's sequence, and no other: the features are the same bit for bit however the stream is cut.
"""
