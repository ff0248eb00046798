"""Clips and stills of fixed cameras: where and when they looked, and what moved in the picture.

`camera` is where a camera stands and looks, `clip` opens a file within limits and gives its pictures with
their times, `motion` finds what moves in them, `file` is the format `video`.
"""
