"""Formats of official lists: Justice Laws, United Nations, OFAC, FollowTheMoney, plain CSV."""
