"""The answer for a structure: identity by layers first, then definitions, then what it is like."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Final, Literal

from rdkit import Chem, rdBase
from rdkit.Chem import inchi, rdMolDescriptors

from watchfloor.messages import number
from watchfloor.reference.law import items as law
from watchfloor.reference.law.items import Item
from watchfloor.reference.substances import classes, likeness, messages, molecules
from watchfloor.reference.substances.bilingual import Both, Sentence, citation_of, covers_of, name_of, say
from watchfloor.reference.substances.classes import Membership, cores, phytocannabinoids
from watchfloor.reference.substances.index import Index, Listed
from watchfloor.reference.substances.judging import PROTON, Fit, Form, Judged, Match, judge, since
from watchfloor.reference.substances.molecules import GIVEN, Molecule
from watchfloor.reference.substances.outcome import Near, Outcome, Site

# How two structures stand to each other, by the layers of their standard InChI.
#
# The layers (IUPAC InChI Technical Manual, 2020): formula, connections `/c`, hydrogens `/h`, charge `/q` and
# `/p`, double bonds `/b`, centres `/t /m /s`, isotopes `/i`. Two structures that agree in the main layer are
# one skeleton; what else differs is said by name, so that the law's own distinctions can be kept: it lists
# levomethorphan, lists racemethorphan and excludes dextromethorphan, and all three are one skeleton.


Stereo = Literal["same", "none given", "less given", "more given", "other", "mirror image"]
"""How the query's configuration stands to the listed one's. `none given` of the query and `more given` than
the listed are not a difference, but something that one of the two does not say."""

_LIMIT: Final = "/WM2000"  # milliseconds that InChI may take on one structure


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of a standard InChI.

    Attributes:
        main: formula, connections and hydrogens; those of the ion where protons cannot neutralise it.
        charge: `/q` and `/p`.
        bonds: `/b`, configuration of double bonds.
        centres: `/t`, with signs as for the absolute form.
        inverted: `/m`: "1" where the mirror image was written, "" where there is none to choose.
        isotopes: `/i` and what follows it.
        key: the InChIKey.
    """

    main: str
    charge: str
    bonds: str
    centres: str
    inverted: str
    isotopes: str
    key: str

    @property
    def skeleton(self) -> str:
        """The first 14 letters of the key: the same for all stereoisomers and labelled forms."""
        return self.key[:14]


def layers(mol: Chem.Mol) -> Layers:
    """The layers of a molecule; `key` is empty where InChI knows no such structure."""
    with rdBase.BlockLogs():
        text = inchi.MolToInchi(mol, options=_LIMIT)
    return read(text)


def read(text: str) -> Layers:
    """The layers of a written standard InChI."""
    body, _, isotopic = text.partition("/i")
    main: list[str] = []
    found = dict.fromkeys("pqbtm", "")
    for part in body.removeprefix("InChI=1S/").split("/"):
        if part[:1] in found and main:
            found[part[0]] = part[1:]
        elif part[:1] != "s" or not main:
            main.append(part)
    charge = "/".join(filter(None, (found["q"], found["p"])))
    key = inchi.InchiToInchiKey(text) if text else ""
    return Layers("/".join(main), charge, found["b"], found["t"], found["m"], isotopic, key)


def stereo(query: Layers, listed: Layers) -> Stereo:
    """How the query's configuration stands to the listed one's, isotopes left aside."""
    mine, theirs = _signs(query), _signs(listed)
    if mine == theirs:
        return "same"
    if not mine:
        return "none given"
    if all(mine.get(place) == sign for place, sign in theirs.items()):
        return "more given"
    if all(theirs.get(place) == sign for place, sign in mine.items()):
        return "less given"
    if _mirrored(query, listed):
        return "mirror image"
    return "other"


def _signs(one: Layers) -> dict[str, str]:
    """Each place that has a configuration, with its absolute sign."""
    signs = {f"b{part[:-1]}": part[-1] for part in _parts(one.bonds) if part[-1] in "+-"}
    turned = {"+": "-", "-": "+"} if one.inverted == "1" else {"+": "+", "-": "-"}
    signs |= {f"t{part[:-1]}": turned[part[-1]] for part in _parts(one.centres) if part[-1] in "+-"}
    return signs


def _parts(layer: str) -> list[str]:
    return [part for part in layer.replace(";", ",").split(",") if part]


def _mirrored(query: Layers, listed: Layers) -> bool:
    same = (query.bonds, query.centres) == (listed.bonds, listed.centres)
    return same and {query.inverted, listed.inverted} == {"0", "1"}


@cache
def _labelled() -> Chem.Mol:
    return Chem.MolFromSmarts("[!0*]")


def labels(mol: Chem.Mol) -> str:
    """Return the isotopic label, such as `d5` or `13C1`; empty for the natural substance."""
    if not mol.HasSubstructMatch(_labelled()):
        return ""
    counts: dict[str, int] = {}
    for atom in mol.GetAtoms():
        if mass := atom.GetIsotope():
            name = {(1, 2): "d", (1, 3): "t"}.get((atom.GetAtomicNum(), mass), f"{mass}{atom.GetSymbol()}")
            counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{name}{count}" for name, count in sorted(counts.items()))


def unlabelled(mol: Chem.Mol) -> Chem.Mol:
    """The same substance with natural isotopes. Configuration that only labels make goes with them."""
    if not mol.HasSubstructMatch(_labelled()):
        return mol
    plain = Chem.Mol(mol)
    for atom in plain.GetAtoms():
        atom.SetIsotope(0)
        if not atom.HasProp(GIVEN):
            atom.SetIntProp(GIVEN, atom.GetIdx())  # a deuterium that goes moves the numbers behind it
    with rdBase.BlockLogs():
        plain = Chem.RemoveHs(plain)
        Chem.AssignStereochemistry(plain, cleanIt=True, force=True)
    return plain


FITS: Final[dict[Stereo, Fit]] = {
    "same": "same",
    "more given": "item states none",
    "none given": "query states none",
    "less given": "query states none",
    "mirror image": "isomer",
    "other": "isomer",
}
OPEN_WORDS: Final = ("analogues", "derivatives")


def identity(molecule: Molecule, part: Chem.Mol, day: date, index: Index) -> tuple[Judged | None, str]:
    """Judge a structure, or the substance that it is a form of; and its InChIKey."""
    form = Form(
        salt=", ".join(molecule.others) or (PROTON if molecule.ionised else ""),
        label=labels(part),
    )
    plain = unlabelled(part)
    own = layers(plain)
    whole = own if plain is molecule.mol else layers(molecule.mol)
    as_it_is = index.keys.get(whole.key, ()) if whole.key != own.key else ()
    if found := judge((Match(one.key) for one in as_it_is), Form(), day, index):
        return found, whole.key
    matches = (_match(one, own) for one in index.skeletons.get(own.skeleton, ()))
    return judge(filter(None, matches), form, day, index), own.key


def _match(one: Listed, own: Layers) -> Match | None:
    """How a structure fits a listed one of its skeleton; an item that names a label is met by that alone."""
    theirs = _layers(one.smiles)
    if theirs.isotopes:
        return None
    fit = FITS[stereo(own, theirs)]
    if one.stereo == "not resolved" and fit in ("same", "item states none"):
        fit = "unresolved"
    return Match(one.key, fit)


@lru_cache(maxsize=2048)
def _layers(smiles: str) -> Layers:
    return layers(molecules.neutral(Chem.MolFromSmiles(smiles)))


def excepted(key: str, part: Chem.Mol, day: date, index: Index) -> tuple[Judged, tuple[Site, ...]] | None:
    """The exceptions of item 2 of Schedule II for what meets none of its definitions, such as cannabinol."""
    if key[:14] not in phytocannabinoids.skeletons():
        return None
    found = _excepted(unlabelled(part), day, index)
    return (found, ()) if found else None


def membership(part: Chem.Mol, day: date, index: Index) -> tuple[Judged, tuple[Site, ...]] | None:
    """Judge a structure by the structural definitions of the law, or by the cores of its headings."""
    plain = unlabelled(part)
    members = classes.members(plain)
    found = [one for one in members if _item(one.key, day, index)]
    us = next((one for one in members if one.key == "US/FRS"), None)
    defined = [one for one in found if one.kind == "definition"]
    if any(one.key.startswith("CDSA/II/2") for one in defined) and (excepted := _excepted(plain, day, index)):
        return excepted, _sites(plain, defined)
    if defined:
        return _in_class(defined, day, index), _sites(plain, defined)
    if found:
        return _shared(found, us, day, index), _sites(plain, found)
    return None


def analogue(part: Chem.Mol, day: date, index: Index) -> tuple[Judged, tuple[Site, ...]] | None:
    """Find what a person may want to look at: a shared core, or a structure much like a listed one."""
    plain = unlabelled(part)
    pairs = [(one, item) for one in cores.find(plain) if (item := _item(one.key, day, index))]
    pairs = [(one, item) for one, item in pairs if item.covers.intersection(OPEN_WORDS)]
    if pairs:
        items = tuple(dict.fromkeys(item for _, item in pairs))
        return Judged("analogue", True, tuple(map(_open, items)), items), _sites(
            plain, [one for one, _ in pairs]
        )
    if isomer := _isomer(plain, day, index):
        return isomer, ()
    close = (one for one, score in likeness.ranked(plain) if score >= likeness.ALIKE)
    standing = (_item(one.key, day, index) for one in close)
    open_ = [item for item in standing if item and item.covers.intersection(OPEN_WORDS)]
    if open_:
        return Judged("analogue", True, (_open(open_[0]),), (open_[0],)), ()
    return None


def _isomer(part: Chem.Mol, day: date, index: Index) -> Judged | None:
    """A substance of the same formula, much alike, whose item covers isomers without saying of what kind."""
    formula = rdMolDescriptors.CalcMolFormula(part)
    for one, score in likeness.ranked(part, _with_isomers(day)):
        if score < likeness.WORTH:
            break
        if rdMolDescriptors.CalcMolFormula(Chem.MolFromSmiles(one.smiles)) == formula:
            item = index.items[one.key][-1]
            return Judged(
                "analogue", True, (say(messages.FORMULA, name=name_of(item), item=_where(item)),), (item,)
            )
    return None


@lru_cache(maxsize=64)
def _with_isomers(day: date) -> frozenset[str]:
    return frozenset(
        item.key for item in law.on(day) if "isomers" in item.covers and item.sort == "substance"
    )


def near(
    part: Chem.Mol, day: date, index: Index, within: Iterable[Item] = ()
) -> tuple[tuple[Near, ...], tuple[Sentence, ...]]:
    """The listed substances most like a structure, of some items where given, and the first in a sentence."""
    heads = {item.under or item.key for item in within}
    wanted = {key for head in heads for key in (head, *index.children.get(head, ()))}
    keys = standing(day)
    found = likeness.nearest(unlabelled(part), keys & wanted if wanted else keys)
    if not heads:
        found = tuple(one for one in found if one.score >= likeness.WORTH)
    if not found:
        return (), ()
    nearest = tuple(
        Near(index.items[one.listed.key][-1].name, one.listed.key, one.score, one.scaffold) for one in found
    )
    first, item = found[0], index.items[found[0].listed.key][-1]
    scaffold = Both(
        "the same scaffold" if first.scaffold else "another scaffold",
        "même squelette" if first.scaffold else "autre squelette",
    )
    told = say(
        messages.NEAR, name=name_of(item), item=_where(item), score=_score(first.score), scaffold=scaffold
    )
    return nearest, (told,)


def _score(score: float) -> Both:
    return Both(number(score, "en", 2), number(score, "fr", 2))


@lru_cache(maxsize=64)
def standing(day: date) -> frozenset[str]:
    """Keys of the items that are in force on a day."""
    return frozenset(item.key for item in law.on(day))


def _where(item: Item) -> Both:
    """An item by its number and schedule, behind the word "item"."""
    part, partie = (f", Part {item.part}", f", partie {item.part}") if item.part else ("", "")
    return Both(
        f"{item.item} of Schedule {item.schedule}{part}",
        f"{item.item} de l'annexe {item.schedule}{partie}",
    )


def _item(key: str, day: date, index: Index) -> Item | None:
    """The wording of an item on a day, where it is in force."""
    return next((item for item in index.items.get(key, ()) if item.on(day)), None)


def _sites(mol: Chem.Mol, found: Iterable[Membership]) -> tuple[Site, ...]:
    told = {site.said.render("en"): site for one in found for site in one.sites}
    return tuple(
        Site(
            Sentence(site.said.message, text, _french(site.said.render("fr"))),
            molecules.given(mol, site.atoms),
        )
        for text, site in told.items()
    )


GROUPS: Final = {
    "alkyl": "alkyle",
    "alkenyl": "alcényle",
    "alkoxyl": "alcoxy",
    "hydroxyl": "hydroxyle",
    "haloalkyl": "haloalkyle",
    "haloalkoxy": "haloalcoxy",
    "ether": "éther",
    "carbonyl": "carbonyle",
    "pyran": "pyranne",
    "furan": "furanne",
    "methylenedioxy": "méthylènedioxy",
}
"""Words of groups and rings in French, where they differ."""


def _french(text: str) -> str:
    """A sentence with the words of groups, which stand between guillemets, in French."""
    return re.sub(
        "«\u00a0(.+?)\u00a0»", lambda found: f"«\u00a0{GROUPS.get(found[1], found[1])}\u00a0»", text
    )


def _in_class(found: list[Membership], day: date, index: Index) -> Judged:
    items = [item for one in found if (item := _item(one.key, day, index))]
    reasons = [say(messages.CLASS, citation=citation_of(item), name=name_of(item)) for item in items]
    agonist = any(item.key.startswith("CDSA/II/2") for item in items)
    reasons += [say(messages.AGONIST)] if agonist else []
    reasons.append(since(items[0]))
    return Judged("class", agonist, tuple(reasons), tuple(items))


def _shared(found: list[Membership], us: Membership | None, day: date, index: Index) -> Judged:
    """Fentanyls are told of as a class, because other law has words for them; nitazenes as an analogue."""
    items = [item for one in found if (item := _item(one.key, day, index))]
    reasons = [say(messages.CLASS_OPEN, name=name_of(item), item=item.item) for item in items]
    reasons += [say(messages.FRS, letters=", ".join(us.detail))] if us else []
    outcome: Outcome = "class" if any(item.key == "CDSA/I/16" for item in items) else "analogue"
    return Judged(outcome, True, tuple(reasons), tuple(items))


def _open(item: Item) -> Sentence:
    covers = covers_of(item.covers.intersection(OPEN_WORDS))
    return say(messages.ANALOGUE, item=_where(item), name=name_of(item), covers=covers)


def _excepted(part: Chem.Mol, day: date, index: Index) -> Judged | None:
    """The exceptions of item 2 of Schedule II: the substance exactly, or as far as the query says."""
    own = layers(part)
    for key, (name, smiles) in phytocannabinoids.excepted().items():
        if not key.startswith(own.skeleton):
            continue
        fit = FITS[stereo(own, _layers(smiles))]
        if fit == "isomer":
            continue
        item = _item(f"CDSA/II/2/x{2 if name.startswith('WIN') else 1}", day, index)
        reasons = [say(messages.PHYTO, name=name)] if item and item.key.endswith("x1") else []
        reasons += [] if fit == "same" else [say(messages.PHYTO_IF, name=name)]
        if item is None or (item.key.endswith("x2") and fit != "same"):
            return None
        return Judged("exempt", fit != "same", tuple(reasons), (item,))
    return None
