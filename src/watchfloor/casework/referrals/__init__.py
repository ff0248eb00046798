"""Referrals of parcels and consignments for inspection: why, under which law, by when, and how each ended.

What others call:

`repository.refer(post, picks) -> Referred(made, left, position)` writes a `referred` act for each pick,
all in one commit; a pick that cannot be referred is left with its reason and is never dropped unsaid. `post`
is a `cell.acts.Post(floor, reader, writer)`. `repository.amend`, `withdraw`, `examined`, `not_examined`
and `expire` act on one. `life.Referral` reads them and says what one is, `record_builders` has the acts
without a floor, `powers` and `grounds` the law, `drafting` the facts that an officer may go by, `lookouts`
the declarations that a standing lookout names, `audit` what became of all of them.
"""
