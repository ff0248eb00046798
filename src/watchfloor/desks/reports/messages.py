"""What the desk says of a report, in English and in French."""

from watchfloor.records.messages import declare

STATED = declare(
    "reports.stated",
    en="{author} reports on it in “{title}” ({report}). Source reliability: {reliability}; information"
    " credibility: {credibility}.",
    fr="{author} en rend compte dans « {title} » ({report}). Fiabilité de la source : {reliability} ;"
    " crédibilité de l’information : {credibility}.",
)
"""A subject that the author of a report states."""

CONFIRMED = declare(
    "reports.confirmed",
    en="“{text}” stands in “{title}” ({report}) by {author}; {by} confirmed on {day} that it is meant: {why}"
    " Source reliability: {reliability}; information credibility: {credibility}.",
    fr="« {text} » figure dans « {title} » ({report}), de {author} ; {by} a confirmé le {day} que c’est bien"
    " de cela qu’il s’agit : {why} Fiabilité de la source : {reliability} ; crédibilité de l’information :"
    " {credibility}.",
)
"""A mention that a person confirmed, in a report without pages."""

CONFIRMED_ON_PAGE = declare(
    "reports.confirmed.page",
    en="“{text}” stands on page {page} of “{title}” ({report}) by {author}; {by} confirmed on {day} that it"
    " is meant: {why} Source reliability: {reliability}; information credibility: {credibility}.",
    fr="« {text} » figure à la page {page} de « {title} » ({report}), de {author} ; {by} a confirmé le {day}"
    " que c’est bien de cela qu’il s’agit : {why} Fiabilité de la source : {reliability} ; crédibilité de"
    " l’information : {credibility}.",
)
"""A mention that a person confirmed, in a report with pages."""

REPLACED = declare(
    "reports.replaced",
    en="“{title}” ({report}) came again on {day} and no longer says so",
    fr="« {title} » ({report}) a été transmis de nouveau le {day} et ne le dit plus",
)
"""A signal that is taken back because a later record of the report says something else."""

TAKEN_BACK = declare(
    "reports.taken-back",
    en="{by} decided on {day} that “{title}” ({report}) is not about it: {why}",
    fr="{by} a décidé le {day} que « {title} » ({report}) ne porte pas là-dessus : {why}",
)
"""A signal that is taken back because a person refused it, or withdrew what was confirmed."""
