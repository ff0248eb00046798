"""Why a file is not opened as a bundle, in English and in French."""

from typing import Final

from watchfloor.core.messages import Message, declare

_AGAIN: Final = ("Ask the sender for it again", "Redemandez-le à l’expéditeur")
_OLDER: Final = (
    "It was made by another version of Watchfloor; the older of the two must be upgraded",
    "Une autre version de Watchfloor l’a fait; la plus ancienne des deux doit être mise à jour",
)
_TELL: Final = (
    "It is not what {sender} signed, and nothing of it is kept. Tell {sender}; ask for it by another way",
    "Ce n’est pas ce que {sender} a signé, rien n’en est gardé. Prévenez {sender}; passez par une autre voie",
)


def _refusal(id_: str, en: str, fr: str, then: tuple[str, str]) -> Message:
    """A sentence that says what is wrong, and what to do next."""
    return declare(f"exchange.{id_}", en=f"{{file}} is {en}. {then[0]}", fr=f"{{file}} est {fr}. {then[1]}")


CUT: Final = _refusal(
    "no-bundle", "no bundle, or was cut off or damaged", "tronqué, endommagé, ou n’est pas un envoi", _AGAIN
)
STRANGE: Final = _refusal(
    "strange-file",
    "refused: it holds {member!r}, which no bundle has",
    "refusé : il contient {member!r}, qu’aucun envoi ne contient",
    _AGAIN,
)
TOO_LARGE: Final = _refusal(
    "too-large",
    "refused: {what} has {size} bytes or rows, and the limit is {limit}",
    "refusé : {what} a {size} octets ou lignes, et la limite est de {limit}",
    ("Ask the sender for several smaller bundles", "Demandez à l’expéditeur plusieurs envois plus petits"),
)
UNSIGNED: Final = _refusal(
    "unsigned",
    "refused: no known key has signed it; it says that {signer} did",
    "refusé : aucune clé connue ne l’a signé; il dit l’être par {signer}",
    (
        "Nothing of it was read; `watchfloor share node trust` adds a peer once its key has been compared",
        "Rien n’en a été lu; `watchfloor share node trust` ajoute un pair dont la clé a été comparée",
    ),
)
CHANGED: Final = _refusal(
    "changed-note",
    "refused: its note was changed after {sender} signed it",
    "refusé : sa note a été changée après que {sender} l’a signée",
    _TELL,
)
OTHER_KEY: Final = _refusal(
    "signed-by-another-key",
    "refused: it is signed by another key than the one you trust for {sender}",
    "refusé : il est signé d’une autre clé que celle que vous tenez de {sender}",
    (
        "Do not take it; call {sender} and compare keys before anything else",
        "Ne le prenez pas; appelez {sender} et comparez les clés avant toute autre chose",
    ),
)
MANIFEST: Final = _refusal(
    "manifest",
    "refused: its manifest cannot be read ({problem})",
    "refusé : son manifeste est illisible ({problem})",
    _OLDER,
)
FORM: Final = _refusal(
    "bundle-format",
    "refused: its format is {found}, not {wanted}",
    "refusé : son format est {found}, non {wanted}",
    _OLDER,
)
NAMED: Final = _refusal(
    "bundle-id",
    "refused: it calls itself {bundle!r}, and a bundle's id is 16 hexadecimal digits",
    "refusé : il se nomme {bundle!r}, et l’identifiant d’un envoi a 16 chiffres hexadécimaux",
    ("Nothing of it is kept; tell {sender}", "Rien n’en est gardé; prévenez {sender}"),
)
KIND: Final = _refusal(
    "bundle-kind",
    "refused: it holds rows of kind {kind!r}, which do not travel",
    "refusé : il contient des lignes de type {kind!r}, qui ne voyagent pas",
    _OLDER,
)
COLUMN: Final = _refusal(
    "bundle-column",
    "refused: its {kind} rows have a column {column!r} that is unknown here, or of another type",
    "refusé : ses lignes {kind} ont une colonne {column!r} inconnue ici, ou d’un autre type",
    _OLDER,
)
SIGNER: Final = _refusal(
    "other-signer",
    "refused: it says it is from {said} and is signed by {sender}",
    "refusé : il dit venir de {said} et est signé par {sender}",
    _TELL,
)
MISSING: Final = _refusal("part-missing", "refused: {part} is missing", "refusé : {part} manque", _TELL)
DIGEST: Final = _refusal(
    "part-digest", "refused: {part} has another digest", "refusé : {part} a une autre empreinte", _TELL
)
UNREADABLE: Final = _refusal(
    "part-unreadable", "refused: {part} cannot be read", "refusé : {part} est illisible", _TELL
)
COMPRESSED: Final = _refusal(
    "part-compressed",
    "refused: {part} is compressed, which no part of a bundle is",
    "refusé : {part} est comprimé, ce qu’aucune partie d’un envoi n’est",
    _TELL,
)
EMPTY: Final = _refusal(
    "part-null",
    "refused: {part} has a row without {column}",
    "refusé : {part} a une ligne sans {column}",
    _TELL,
)
COUNT: Final = _refusal(
    "bundle-count",
    "refused: {part} has {found} rows, and its manifest says {wanted}",
    "refusé : {part} a {found} lignes, et son manifeste dit {wanted}",
    _TELL,
)
ROOT: Final = _refusal(
    "bundle-root", "refused: its rows have another root", "refusé : ses lignes ont une autre racine", _TELL
)
MORE: Final = _refusal(
    "bundle-more",
    "refused: it holds more than its manifest names",
    "refusé : il contient plus que son manifeste ne nomme",
    _TELL,
)
