"""A partnership of banks: what they may learn from each other, and what law and cryptography that needs.

T0 packs of typologies (`packs`), T1 noisy counts (`counts`), T2 how many subjects are common and T3 which of
them with pre-declared fields (`asking`, `answering`), all under a code of practice (`code`).
"""
