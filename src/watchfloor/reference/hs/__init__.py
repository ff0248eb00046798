"""The Harmonized System: in which edition a code stands, and where the goods of a withdrawn one are now."""

from watchfloor.reference.hs.checking import Answer, check, check_many
from watchfloor.reference.hs.editions import EDITIONS, edition_of

__all__ = ["EDITIONS", "Answer", "check", "check_many", "edition_of"]
