"""KLV: metadata of aircraft video (MISB ST 0601)."""
