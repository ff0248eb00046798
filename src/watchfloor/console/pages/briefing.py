"""A lead for a briefing: a page to be printed, and a PDF, in either language."""

from hashlib import sha256
from typing import Final, Literal

import msgspec

from watchfloor.casework.tasking import deconfliction
from watchfloor.console.briefing.paper import Paper, found, paper
from watchfloor.console.briefing.printing import pdf
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw, first_queue
from watchfloor.core.messages import Language


class BriefingAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lead's id, or the start of it."""

    lead_id: str


class PdfAsk(BriefingAsk, frozen=True, forbid_unknown_fields=True):
    """And the language of the paper; empty: the reader's."""

    language: Literal["", "en", "fr"] = ""


def briefing(asker: Asker, ask: BriefingAsk) -> Paper:
    """A lead as its paper has it: marking, reason, sum, for and against, evidence, what was done."""
    made = _made(asker, ask.lead_id, asker.language)
    asker.log_query("briefing", lead=made.lead_id, digest=made.digest, language=made.language)
    return made


def printed(asker: Asker, ask: PdfAsk) -> Raw:
    """The same as PDF, tagged for screen readers. The log keeps the SHA-256 of the file."""
    language = ask.language or asker.language
    made = _made(asker, ask.lead_id, language)

    def say(key: str, **params: object) -> str:
        return asker.services.words.say(f"briefing.{key}", language, **params)

    content = pdf(made, say, asker.at)
    digest = sha256(content).hexdigest()
    asker.log_query("briefing", lead=made.lead_id, digest=digest, language=language, form="pdf")
    return Raw(content, "application/pdf", f"{made.lead_id[:12]}-{language}.pdf")


def _made(asker: Asker, lead_id: str, language: Language) -> Paper:
    one = found(asker, lead_id)
    deconfliction.log_hits(asker.floor, asker.reader, asker.session.authority, one.lead.subjects, "lead")
    return paper(asker, one, language)


ENDPOINTS: Final = (
    Endpoint(
        "briefing",
        "GET",
        "/leads/{lead_id}/briefing",
        BriefingAsk,
        Paper,
        briefing,
        "briefing.html",
        prepares=first_queue,
    ),
    Endpoint("briefing.pdf", "GET", "/leads/{lead_id}/briefing.pdf", PdfAsk, Raw, printed),
)
