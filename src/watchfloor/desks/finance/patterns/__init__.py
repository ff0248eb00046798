"""Instances of laundering patterns: the payments that make one up, as an analyst and a court need them.

`memory` holds what is remembered of accounts, pairs and their young payments. Kernels look at each payment
with those before it: whether it is one of a burst (`fans`), closes a square of two payers and two payees or
of two ways from one account to another (`squares`), or comes back to where money started (`rings`).
`registry` joins what they find into schemes, `naming` says of which typology each is, `scoring` how far it
is from what these accounts do else, and `instances` gives one instance for one scheme. Nothing rests on a
later payment.

Definitions of fans, gathers and scatters and cycles: E. Altman et al., "Realistic Synthetic Financial
Transactions for Anti-Money Laundering Models" (AMLworld), NeurIPS 2023, figure 2; of bipartites and stacks:
T. Suzumura and H. Kanezashi, AMLSim, 2018, where every account of a layer pays every one of the next.
"""
