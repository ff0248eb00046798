"""Mapping: which columns of a dropped table are which fields, tried without writing, then saved or taken in.

A dry run reads the table where it lies among the uploads and counts; nothing of the floor is read or written.
What is *map* here is the mapping file of `watchfloor feeds map`, not the map of the border.
"""
