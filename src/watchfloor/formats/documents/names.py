"""Names of persons and companies in prose, English and French: proposals, chosen with care.

A name is a run of words with capitals. It is a company's where it ends in a legal form. It is a person's
where a form of address stands before it, or where it has two words or more, the first is a name that people
bear (rigour's table, drawn from Wikidata, see `design/names.py`), and none is a word for a place, an office
or a thing. Family names are not held against the table, which knows those of some peoples better than those
of others. A name goes into the record as a proposal, and no name is an identity.
"""

import gzip
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import takewhile
from typing import Final, NamedTuple

from watchfloor.formats.lists.countries import territory_names

# Words that tell names from other runs of capitals, English and French, in lower case and without points.


LEGAL: Final = frozenset(
    """
    ab ag aps as bhd bv co company corp corporation cv dmcc doo ehf eurl fzc fzco fze gmbh hf inc
    incorporated incorporée kft kg kk limitada limited limitee limitée llc llp lp ltd ltda ltee ltée nv
    ooo oy oyj plc pte pty sa sae sarl sarlu sas sasu senc sencrl sl spa spzoo srl
    """.split()
)
"""Legal forms, with which a company's name ends."""

TITLES: Final = frozenset(
    """
    a/cst adm admiral agent agente amiral analyst analyste attorney avocat avocate broker brother
    capitaine caporal capt captain chair chairman chef chief clerk cmdr colonel commandant commander
    commis commissaire commissioner constable coordinator corporal courtier cpl cst dealer deputy
    detective directeur director directrice docteur docteure doctor dr driver engineer father gend
    gendarme général imam ingénieur insp inspecteur inspector inspectrice judge juge lawyer lieutenant lt
    m major manager master matelot maître me miss mlle mm mme mmes mr mrs ms notaire notary officer owner
    passenger pasteur pastor pilot pilote president prof professeur professor président présidente père
    rabbi s/sgt secretary secrétaire sergeant sergent sgt sheriff sir sister skipper st-sgt superintendent
    supt trooper vessel vice
    """.split()
)
"""Forms of address, ranks and offices, behind which a person's name stands."""

PARTICLES: Final = frozenset(
    """
    abu af al ben bin da das de del della den der des di dos du e el ibn la le les ten ter ul van von y zu
    """.split()
)
"""Words inside a name that have no capital."""

STOPS: Final = frozenset(
    """
    abbotsford act agence agency air airlines airport airways akwesasne alberta alliance ambassade
    ambassador android angels annex annexe appendix apple aquarium arctic arctique area arena army armée
    arrondissement asfc atf atlantic atlantique attachment auberge authority avenue aviation aviv aéroport
    background baie bank banque bar bas base bay bayfront beach beechcraft bibliothèque big bill black
    blue blvd bmw board bord border boulevard branch bridge brigade bros buenos buffalo building bureau
    cabinet café calgary camp canada canal cap cape cas casino cathedral catholic caveat cbp cbsa cell
    cellule cemetery center central centre centre-ville cessna champlain charte charter chemin chevrolet
    chicago chinatown christmas church churchill cimetière cinema cipc circle city clinic clinique club
    coast code coffee college collège comité command comment commentaire commission committee confidential
    conseil constitution contexte cornwall corps council county cour court coutts cove cpic creek crescent
    criminal croissant crossing csis cup customs cyber cybercrime date day dea department depot detachment
    details detroit dhs direction district division dob dodge dollar dossier douanes downtown drive décret
    département détachement détails east easter eastern edmonton el embassy emerson entrepôt erie est
    estates europe eve excise facebook falls fbi federal ferry festival fichier figure file files fleet
    flight force forces ford forest fort forum forêt foundation fraser freightliner frontière fédéral
    fédérale garde gardens gare gaspé gate gatineau gazette gendarmerie globe google gouvernement
    government grand grande gray grc great green grey grill group groupe guard gulf halifax hall hamilton
    harbor harbour haut haute head headquarters health heights herald high highway hill hills holiday
    homeland honda hong hospice hospital hotel house hsi huron hôpital hôtel iban ices imo industrial info
    information inn institut institute intelligence international internet interpol iqaluit island islands
    isle joint journal justice kenworth kingston kong kuala laboratoire laboratory lac lacolle lake
    lakeshore landing lane las laurent laval law lawrence league lei library lighthouse ligne line little
    lodge loi london long los lounge lower mail main maison mall manitoba manor marché marina marine
    maritime market mart mastercard mazda memorial mercedes metro michigan mill mills minister ministre
    ministry ministère minnesota mississauga mmsi mobile moncton mont montagne montana montreal montréal
    monument mosque motel motors mount mountain municipal museum musée métro narcotics national nationale
    nato naval navy new new-york news niagara niche nissan nord north north-west northeast northern
    northwest note nouveau nouvelle noël number numéro nunavut office old ontario operation operations opp
    opération order organisation organization organized oshawa osoyoos otan ottawa ouest outaouais outer
    pacific pacifique page paragraph paragraphe parc paris park parkway patrol patrouille peace pearson
    peterbilt petit petite pharmacy piper pizza pièce place plage plain plains plaza point pointe police
    pont port post poste press prime prison program programme project projet pros protected protégé
    province provincial provinciale pub public pâques quai quarter quay quebec québec radio railway
    rainbow ranch rang range ranger rapport rcmp red regina region regulation report republic reserve
    restaurant ridge rimouski river riverside rivière road roman route royal rue règlement région
    république réserve résidence résumé safety saint sainte samsung san santa santo sarnia saskatchewan
    school scrs sea seattle secret secteur section sector security senate sept-îles service services
    sherbrooke shop shore sierra signal social society société sound source south southeast southern
    southwest spros sq square st stadium stanstead star station status ste store strait street subject sud
    suite sujet summary superior surrey synagogue sécurité sénat sûreté table task team tel telecom
    telegram telegraph television temple terminal terminus terrace theatre times title titre toronto tour
    tower town township toyota trail transport transports treasury tribunal tribune trois-rivières truck
    trudeau tunnel u.s. unclassified union unis unit united unité university université upper usa uscg
    valley vallée vancouver vermont via victoria vieille vieux village ville vin visa vol volvo warehouse
    washington waterfront web week west western wharf whatsapp white whitehorse windsor winnipeg wireless
    wood yamaha yellow yellowknife yukon zone zoo école équipe étoile île île-des-soeurs
    """.split()
)
"""Words for places, offices and things: a run that holds one is no person's name."""

CALENDAR: Final = frozenset(
    """
    aout août april august avril december decembre dimanche décembre february fevrier friday février
    january janvier jeudi juillet juin july june lundi mai march mardi mars may mercredi monday november
    novembre october octobre samedi saturday september septembre sunday thursday tuesday vendredi
    wednesday
    """.split()
)
"""Days and months, which end a run: `On Monday Ann Roy`."""

BORNE: Final = frozenset(
    """
    chad france georgia holland ireland israel jordan
    """.split()
)
"""Countries and regions whose names people bear as often."""

OPENERS: Final = frozenset(
    """
    a according accused additionally afin after ainsi all alors also although an and another any après as
    at attn au aucun aucune aussi autre aux avant avec because before both brother but by call car cc ce
    cela celle celui ces cet cette chaque chez comme conducteur conductrice consignee consignor contre
    cousin cousine dans de dear depuis des destinataire deux donc dont driver du during each earlier
    either elle elles employee en ensuite entre et every expéditeur for from frère hello her here hi hier
    his how however husband i if il ils in informant into is it its je la later le les leur leurs lors
    lorsque mais malgré mari meanwhile même neighbour neither no nos not note notre nous now of on once
    one only or ou our owner où par passager passagère passenger pendant please plus plusieurs pour
    pourtant propriétaire près puis quand que quel quelle qui regards sa sans see selon ses several she si
    since sister so some son sous still sur suspect sœur thanks that the their then there these they this
    those though three thus to today tonight tous tout toute trois two témoin un une until upon vers
    victim voici voilà vous was we were what when where which while who why wife with within without
    witness yesterday you à épouse
    """.split()
)
"""Words with a capital only because a sentence begins; they fall off the front of a run."""


MAX_NAMES: Final = 5_000
"""Names that are proposed of one report; a telephone book is no report."""

_WORD: Final = r"(?:(?:al|el|ul|ad|as|an)-)?[A-ZÀ-ÖØ-Þ](?:\w|['’-](?=\w))*"
_TIE: Final = r"(?:[ \t]+|[ \t]*\n[ \t]*)"
_PARTICLE: Final = "|".join(sorted(PARTICLES, key=len, reverse=True))
_RUN: Final = re.compile(
    rf"(?<![\w@/.'’-])(?:{_WORD}\.?|[A-Z]\.)(?:{_TIE}(?:(?:(?:{_PARTICLE}){_TIE}){{0,2}}(?:{_WORD}))\.?)*"
)
_PARTNERS: Final = "Sons|Fils|Brothers|Frères|Associates|Associés|Company|Compagnie|Co|Daughters|Filles"
_LIMITED: Final = r"(?:,(?=\s+(?:Ltd|Inc|LLC|LLP|Limited|Corp|Lt[ée]e|S\.?A|GmbH|Co)\b))"
_COMPANY: Final = re.compile(
    rf"(?<![\w@/.'’-])[A-ZÀ-ÖØ-Þ0-9][\w.&'’/-]*(?:{_LIMITED}?{_TIE}"
    rf"(?:&|de|du|des|la|les|(?:and|et)(?=\s+(?:{_PARTNERS})\b)|[A-ZÀ-ÖØ-Þ0-9(][\w.&'’/()-]*)){{0,8}}"
)
_INITIAL: Final = re.compile(r"[A-Z]\.?")
_CUE: Final = re.compile(
    r"\b(?:named|called|alias|a\.k\.a\.|aka|nommée?|surnommée?|dénommée?)\s+[“\"«]?\s*$", re.IGNORECASE
)
_TURNED: Final = re.compile(
    r"(?<![\w,])(?P<family>[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’-]+(?: [A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’-]+)?),"
    r" (?P<given>[A-ZÀ-ÖØ-Þ][\w-]+)(?!\w)"
)


class Named(NamedTuple):
    """A name in a text: as written, first character, `Person` or `Company`."""

    text: str
    start: int
    schema: str


def names(text: str) -> list[Named]:
    """The names in a text, in its order."""
    found = list(_companies(text))
    found += [one for one in _turned(text) if not _inside(one, found)]
    found += [one for one in _persons(text) if not _inside(one, found)]
    return sorted(found, key=lambda one: one.start)


def _companies(text: str) -> Iterator[Named]:
    for match in _COMPANY.finditer(text):
        words = list(re.finditer(r"\S+", match[0]))
        ends = [i for i, word in enumerate(words) if i and _bare(word[0]) in LEGAL]
        if not ends:
            continue
        first = max((i + 1 for i in range(ends[0]) if _ends_sentence(words[i][0])), default=0)
        first += sum(1 for _ in takewhile(lambda word: _bare(word[0]) in OPENERS, words[first : ends[0]]))
        if first < ends[0]:
            written = match[0][words[first].start() : words[ends[-1]].end()].rstrip(",;:")
            yield Named(_without_stop(written), match.start() + words[first].start(), "Company")


def _without_stop(written: str) -> str:
    """A company's name without the full stop of the sentence; `Inc.` and `S.A.` keep theirs."""
    last = written.split()[-1]
    return (
        written.rstrip(".")
        if "." not in last[:-1] and _bare(last) not in {"inc", "ltd", "co", "corp"}
        else written
    )


def _turned(text: str) -> Iterator[Named]:
    """`ROY, Ann`: the family name in capitals and first, as forms and files have it."""
    for match in _TURNED.finditer(text):
        words = [*match["family"].split(), match["given"]]
        if _all_clear(words) and any(map(_borne, words)):
            yield Named(match[0], match.start(), "Person")


def _persons(text: str) -> Iterator[Named]:
    for match in _RUN.finditer(text):
        words = list(re.finditer(r"\S+", match[0]))
        for first, last, titled in _pieces(words):
            run = words[first:last]
            start = match.start() + run[0].start()
            written = match[0][run[0].start() : run[-1].end()]
            cued = titled or bool(_CUE.search(text[max(0, start - 20) : start]))
            if _is_person([word[0] for word in run], cued=cued):
                yield Named(re.sub(r"(?:['’]s|['’]|\.)$", "", written), start, "Person")


def _pieces(words: list[re.Match[str]]) -> Iterator[tuple[int, int, bool]]:
    """Runs of words that may be a name, and whether a form of address stands before; a stop cuts a run."""
    first, titled = 0, False
    for at, word in enumerate([*words, None]):
        bare = _bare(word[0]) if word else ""
        opens = at == first and bare in OPENERS
        if word is None or bare in TITLES or bare in CALENDAR or opens:
            if first < at:
                yield first, at, titled
            first, titled = at + 1, bare in TITLES
        elif _ends_sentence(word[0]):
            yield first, at + 1, titled
            first, titled = at + 1, False


def _ends_sentence(word: str) -> bool:
    return word.endswith(".") and not _INITIAL.fullmatch(word) and _bare(word) not in TITLES | LEGAL


def _is_person(words: list[str], *, cued: bool) -> bool:
    own = [word for word in words if _bare(word) not in PARTICLES]
    full = [word for word in own if not _INITIAL.fullmatch(word)]
    if not _all_clear(words) or not 2 <= len(own) <= 4 or not full:
        return False
    if all(word.isupper() for word in full) and not cued:
        return False  # a heading
    return cued or _borne(full[0])


def _all_clear(words: list[str]) -> bool:
    """Whether none of the words, or of their parts, speaks against a person's name."""
    return not any(
        part in STOPS or part in _countries()
        for word in words
        for part in (_bare(word), *_bare(word).split("-"))
    )


def _bare(word: str) -> str:
    bare = word.lower().replace(".", "").strip("(),;:&'’")
    return bare[:-2] if bare.endswith(("'s", "’s")) else bare


@lru_cache(maxsize=1 << 14)
def _borne(word: str) -> bool:
    """Whether people bear the name, or a part of it where it is written with a hyphen."""
    return any(part.casefold() in _given_names() for part in re.split(r"[-'’]", word.strip(".")))


@cache
def _given_names() -> frozenset[str]:
    """Names that people bear, of two letters and more."""
    packed = (files("watchfloor.formats.lists") / "names" / "given_names.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().splitlines())


@cache
def _countries() -> frozenset[str]:
    """Words of one that name a country or a region of one."""
    return frozenset(name.lower() for name in territory_names() if " " not in name) - BORNE


def _inside(one: Named, others: list[Named]) -> bool:
    end = one.start + len(one.text)
    return any(one.start < other.start + len(other.text) and other.start < end for other in others)
