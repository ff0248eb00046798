"""What the desk says of a parcel or container, in English and in French."""

from watchfloor.records.messages import declare

DIFFERS = declare(
    "cargo.mass-differs",
    en="{item} weighs {weighed} kg and was declared with {declared} kg: {difference} kg apart, where scale"
    " and packing explain {allowed} kg.",
    fr="{item} pèse {weighed} kg et a été déclaré pour {declared} kg : {difference} kg d’écart, dont la"
    " balance et l’emballage expliquent {allowed} kg.",
)
"""A weighing that does not fit the declaration."""

FITS_AGAIN = declare(
    "cargo.mass-fits",
    en="A declaration or a weighing was put right on {day}, and the masses no longer differ by so much.",
    fr="Une déclaration ou une pesée a été rectifiée le {day}, et l’écart de masse n’est plus aussi grand.",
)
"""A signal that is taken back."""
