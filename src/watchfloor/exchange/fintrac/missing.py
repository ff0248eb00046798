"""Gaps of a draft: each missing fact by its field, with what to supply. Nothing is guessed."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from watchfloor.core.messages import Message, Reason, declare, reason
from watchfloor.exchange.fintrac.codes import Code, CodeList
from watchfloor.exchange.fintrac.traced import Traced


class Gap(NamedTuple):
    """A fact that a draft lacks.

    Attributes:
        pointer: of the field, in the document or, after `beside:`, in what goes beside it.
        why: what is missing and what to supply.
    """

    pointer: str
    why: Reason


def _said(name: str, en: str, fr: str) -> Message:
    return declare(f"fintrac.lacks-{name}", en=en, fr=fr)


LACKS: Final[Mapping[str, Message]] = {
    "number": _said(
        "number",
        "the entity's number is missing; write `number` into {file}, as the unit gave it",
        "le numéro de l’entité manque; inscrivez `number` dans {file}, tel que le Centre l’a donné",
    ),
    "contact": _said(
        "contact",
        "the contact's number is missing; write `contact` into {file}, as the unit gave it",
        "le numéro de la personne-ressource manque; inscrivez `contact` dans {file}, tel que le Centre l’a "
        "donné",
    ),
    "sector": _said(
        "sector",
        "the activity sector is missing; write `sector` into {file}, a word of the code list sector",
        "le secteur d’activité manque; inscrivez `sector` dans {file}, un mot de la liste de codes sector",
    ),
    "location": _said(
        "location",
        "no number of a place is known for {where}; write it into {file}, under [locations] or as `location`",
        "aucun numéro de lieu n’est connu pour {where}; inscrivez-le dans {file}, sous [locations] ou comme "
        "`location`",
    ),
    "suspicion": _said(
        "suspicion",
        "of which offence there are reasonable grounds to suspect is for a person to say: --suspicion",
        "de quelle infraction il y a des motifs raisonnables de soupçonner, c’est à une personne de le dire "
        ": --suspicion",
    ),
    "grounds": _said(
        "grounds",
        "why there are reasonable grounds to suspect is for a person to say in words of their own: "
        "--context FILE",
        "pourquoi il y a des motifs raisonnables de soupçonner, c’est à une personne de le dire en ses "
        "propres mots : --context FICHIER",
    ),
    "exposed": _said(
        "exposed",
        "whether a politically exposed person is included is for a person to say: --pep or --no-pep",
        "si une personne politiquement vulnérable est visée, c’est à une personne de le dire : --pep ou "
        "--no-pep",
    ),
    "action": _said(
        "action",
        "what was done about it is for a person to say: --action",
        "ce qui a été fait à ce sujet, c’est à une personne de le dire : --action",
    ),
    "code": _said(
        "code",
        "the code list {list} has no word {word!r}; add it to the list as the unit publishes it, or state "
        "the code: watchfloor finance fintrac edit --set {pointer}=CODE",
        "la liste de codes {list} n’a pas le mot {word!r}; ajoutez-le tel que le Centre le publie, ou "
        "énoncez le code : watchfloor finance fintrac edit --set {pointer}=CODE",
    ),
    "channel": _said(
        "channel",
        "the record of the payment does not say by which channel it was made; state the code: watchfloor "
        "finance fintrac edit --set {pointer}=CODE",
        "l’enregistrement du paiement ne dit pas par quelle voie il a été fait; énoncez le code : "
        "watchfloor finance fintrac edit --set {pointer}=CODE",
    ),
    "amount": _said(
        "amount",
        "the record has the amount {amount}, which is not above zero; find out what it means and state it: "
        "watchfloor finance fintrac edit --set {pointer}=AMOUNT",
        "l’enregistrement a le montant {amount}, qui n’est pas au-dessus de zéro; établissez ce qu’il veut "
        "dire et énoncez-le : watchfloor finance fintrac edit --set {pointer}=MONTANT",
    ),
    "surname": _said(
        "surname",
        "which part of the name {name!r} is the surname is for a person to say: watchfloor finance fintrac "
        "edit "
        "--set {pointer}=SURNAME, and givenName beside it",
        "quelle partie du nom {name!r} est le nom de famille, c’est à une personne de le dire : watchfloor "
        "finance fintrac edit --set {pointer}=NOM, et givenName à côté",
    ),
    "name": _said(
        "name",
        "no record names {key}; take in a party record that does and draft anew, or state the name: "
        "watchfloor finance fintrac edit --set {pointer}=NAME",
        "aucun enregistrement ne nomme {key}; ingérez-en un qui le nomme et rédigez de nouveau, ou énoncez "
        "le nom : watchfloor finance fintrac edit --set {pointer}=NOM",
    ),
    "kind": _said(
        "kind",
        "whether {key} is a person or an entity no record says; take in a party or an account record that "
        "does",
        "aucun enregistrement ne dit si {key} est une personne ou une entité; ingérez un enregistrement qui "
        "le dit",
    ),
    "end": _said(
        "end",
        "the record of the payment names nobody and no account here; state it: watchfloor finance fintrac "
        "edit "
        "--set {pointer}=…",
        "l’enregistrement du paiement ne nomme ici personne ni compte; énoncez-le : watchfloor finance "
        "fintrac edit "
        "--set {pointer}=…",
    ),
    "property": _said(
        "property",
        "what the property is worth no record says; state it: watchfloor finance fintrac edit --set "
        "{pointer}=AMOUNT",
        "aucun enregistrement ne dit ce que valent les biens; énoncez-le : watchfloor finance fintrac edit "
        "--set "
        "{pointer}=MONTANT",
    ),
    "held": _said(
        "held",
        "no account of {key} is on this floor; name the property that is held: watchfloor finance fintrac "
        "edit --set "
        '{pointer}=[{{"typeWord":"…","accountNumber":"…"}}]',
        "aucun compte de {key} n’est sur cette installation; nommez les biens détenus : watchfloor "
        "finance fintrac "
        "edit "
        "--set "
        '{pointer}=[{{"typeWord":"…","accountNumber":"…"}}]',
    ),
}
"""What may be missing, by a name of ours."""


class Gaps(list[Gap]):
    """The gaps of a draft, while it is written."""

    def add(self, made: Traced, field: str, what: str, /, **params: str) -> None:
        """Note that a field of an object is missing."""
        pointer = f"{made.path}/{field}"
        message = LACKS[what]
        given = {"pointer": pointer, **params}
        self.append(
            Gap(pointer, reason(message, **{k: v for k, v in given.items() if k in message.parameters}))
        )

    def append_kind(self, path: str, key: str) -> None:
        """Note that nothing says whether a party is a person or an entity."""
        self.append(Gap(path, reason(LACKS["kind"], key=key)))

    def coded(
        self, where: Traced, name: str, list_: CodeList, words: tuple[str, ...], *sources: str
    ) -> Code | None:
        """Write the code of the first word that a list has, or note that it has none."""
        code = list_.first(words)
        if code is None:
            self.add(where, name, "code", list=list_.name, word=words[-1])
            return None
        where.put(name, code, *sources, list_.trace)
        return code
