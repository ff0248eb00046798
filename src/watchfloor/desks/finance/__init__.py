"""The finance desk, at a reporting entity: what its payments show. Its evidence stays on that node."""
