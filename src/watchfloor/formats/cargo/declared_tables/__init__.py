"""Tables of declared goods with a row a line of goods: postal items, courier lists, exports, eManifests.

What a mapping of columns cannot do is done here: numbers become subjects of the right kind, lines under one
number belong together, their masses are told apart as gross or net, a number that comes again is told.
"""
