"""Patrols: tours with prizes, the game against somebody who watches, and the search for one object."""
