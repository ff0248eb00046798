"""Titles of series in a sentence for the public: the publisher and the title of the table.

An office's own series, which no table of the package knows, is called by its name.
"""

from typing import Final

from watchfloor.core.messages import declare
from watchfloor.reference.statistics.facts import sources
from watchfloor.scorecard.bilingual import Text, fill, same

TITLED: Final = declare("scorecard.series-title", "publisher", "title")


def title(series: str) -> Text:
    """The title of the table of a series, such as Nationwide drug seizures."""
    known = sources().get(series)
    return Text(known.title.en, known.title.fr) if known else same(series)


def published(series: str) -> Text:
    """Who publishes a series and under which title: US Customs and Border Protection, “Nationwide …”."""
    known = sources().get(series)
    return fill(TITLED, publisher=known.publisher, title=title(series)) if known else same(series)
