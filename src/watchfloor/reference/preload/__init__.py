"""Pre-load air cargo data: the rules of the guidance as checks over columns, each with its clause."""

from watchfloor.reference.preload.check import FINDINGS, Checked, check
from watchfloor.reference.preload.open_answers import Open, unlifted
from watchfloor.reference.preload.rules import Answer, Clause, Rule, answers, rules

__all__ = ["FINDINGS", "Answer", "Checked", "Clause", "Open", "Rule", "answers", "check", "rules", "unlifted"]
