"""Why a question has no answer: said in both languages, and never a zero in its place."""

from watchfloor.core.messages import Reason
from watchfloor.scorecard.bilingual import Text


class Unanswerable(Exception):  # noqa: N818 - named for what the question is
    """A question that the evidence cannot answer; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason

    @property
    def text(self) -> Text:
        """The reason as a text of both languages."""
        return Text(self.reason.render("en"), self.reason.render("fr"))


class NotPublished(Unanswerable):
    """A month that nobody has published yet, or that no vintage held here has."""


class Gap(Unanswerable):
    """A month in the middle of a series that is not published."""


class WrongQuestion(Unanswerable):
    """A claim's own mistake: a dimension or a value that the series does not have, a period that is none."""
