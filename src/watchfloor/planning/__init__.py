"""Spends scarce things: which sensor looks where next, and under which law a unit may cross the line."""
