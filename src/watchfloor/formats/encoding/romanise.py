"""Romanisation: names in Cyrillic, Greek, Armenian, Georgian and extended Latin to plain Latin letters.

The spellings are those that passports and sanctions lists use most (Шевченко: shevchenko), not the scientific
ones (Ševčenko). A Cyrillic word is read as Ukrainian or Belarusian, or as Serbian or Macedonian, where it has
a letter of those alphabets alone, else as Russian. All other scripts are left to ICU, see `ascii_text`.
`tests/formats/test_romanise.py` holds every word of two and three letters against rigour's.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

import icu

_CYRILLIC: Final = """
    аa бb вv гg дd еe жzh зz иi йi кk лl мm нn оo пp рr сs тt уu фf хh цts чch шsh щshch ъ ыy ь эe юyu яya ёyo
    ђdj ѓgj ѕz јj љlj њnj ћc ќk џdz єe іi їi ґg ўu
    ѐe ѝi ѡo ѣe ѧya ѳf ѵi ѹu ғg ҕg җj ҙz қq ҡk ңn ҫs ҭt үu ұu ҳh ҷj һh ӂz ӏ ӑa ӓa ӕae ӗe әa ӛa ӝz ӟz ӡdz ӣi
    ӥi ӧo өo ӫo ӭe ӯu ӱu ӳu ӵc ӷg ӹy ӿh
"""
_GREEK: Final = "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr ςs σs τt υy φf χch ψps ωo"
_ARMENIAN: Final = """
    աa բb գg դd եe զz էe ըa թt ժzh իi լl խkh ծts կk հh ձdz ղgh ճch մm յy նn շsh ոo չch պp ջj ռr սs վv տt րr
    ցts ւw փp քk օo ֆf ևev
"""
_GEORGIAN: Final = """
    აa ბb გg დd ეe ვv ზz თt იi კk ლl მm ნn ოo პp ჟzh რr სs ტt უu ფp ქk ღgh ყk შsh ჩch ცts ძdz წts ჭch ხkh ჯj
    ჰh ჳui ჴq
"""
_LATIN: Final = """
    ƅb ƍd ƛl ƨs ƪl ƹz ƺz ƻ2 ƽ5 ƾ ƿw ǀ ǁ ǂ ǃ ǝe ǯz ȝy ȣou ɂ ɋq ɔo əa ɣg ʒz ẟd ŀl ɩi ɯm ɵo ʃs ʊu ʌv
"""
"""Letters that `Latin-ASCII` leaves as they are."""

_EAST_SLAVIC: Final = {"г": "h", "и": "y"}
_SOUTH_SLAVIC: Final = {"ж": "z", "ц": "c", "ч": "c", "ш": "s"}
"""What Ukrainian and Belarusian, Serbian and Macedonian read otherwise than Russian."""

_WORD: Final = re.compile("[\u0400-\u052f]+")
_OF_EAST: Final = re.compile("[іїєґў]")
_OF_SOUTH: Final = re.compile("[ђѓѕјљњћќџ]")
_ENDING: Final = re.compile("[иы]й$")
_GREEK_LETTERS: Final = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
_ACCENTS: Final = re.compile("[\u0300-\u0307\u0309-\u036f]")
_START: Final = "(?<![\\w\u0308])"
_DIGRAPHS: Final = tuple(
    (re.compile(pattern), into)
    for pattern, into in (
        ("(?<=[αε])υ(?!\u0308)", "v"),  # ευ, αυ; a diaeresis keeps the vowels apart
        ("(?<=[αεηιου])υ", "u"),
        (rf"{_START}μπ", "b"),
        ("μπ", "mb"),
        (rf"{_START}ντ", "d"),
        (rf"{_START}γκ", "g"),
        ("γ(?=[γξχ])", "n"),
        ("γκ", "ng"),
        ("\u0308", ""),
    )
)


class _Letters(dict[int, str]):
    """Latin spelling of each letter; one of no table is decomposed, and read by ICU as Latin."""

    def __missing__(self, code: int) -> str:
        made = self[code] = str(_transliterator(_PLAIN).transliterate(chr(code))).lower()
        return made


_PLAIN: Final = "NFKD; [:Nonspacing Mark:] Remove; Latin-ASCII"
_ANY: Final = (
    "Any-Latin; NFKD; [:Nonspacing Mark:] Remove; Accents-Any; [:Symbol:] Remove; [:Nonspacing Mark:] Remove;"
    " Latin-ASCII"
)


@cache
def _transliterator(rules: str) -> icu.Transliterator:
    return icu.Transliterator.createInstance(rules)


_LETTERS: Final = _Letters(
    {
        ord(pair[0]): pair[1:]
        for table in (_CYRILLIC, _GREEK, _ARMENIAN, _GEORGIAN, _LATIN)
        for pair in table.split()
    }
)
_EAST: Final = str.maketrans(_EAST_SLAVIC)
_SOUTH: Final = str.maketrans(_SOUTH_SLAVIC)


@lru_cache(maxsize=1 << 16)
def romanise(text: str) -> str:
    """Return the text in small letters, those of the five scripts as plain Latin ones, others as they are."""
    if _GREEK_LETTERS.search(text):  # before small letters: an iota below would become a letter beside
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", text)).casefold()
        for pattern, into in _DIGRAPHS:
            text = pattern.sub(into, text)
    text = unicodedata.normalize("NFC", text.replace("և", "եվ").replace("ԵՒ", "եվ").casefold())
    text = _WORD.sub(_cyrillic, text).replace("ու", "u")
    return text.translate(_LETTERS)


def _cyrillic(match: re.Match[str]) -> str:
    word = match[0]
    if _OF_SOUTH.search(word):
        return _ENDING.sub("y", word).translate(_SOUTH)
    if _OF_EAST.search(word):
        return (f"{word[:-2]}ы" if word.endswith("ый") else word).translate(_EAST)
    return _ENDING.sub("y", word)


@lru_cache(maxsize=1 << 16)
def ascii_text(text: str) -> str:
    """Return the text in small ASCII letters; what ICU cannot read is a question mark."""
    if text.isascii():
        return text.lower()
    made = romanise(text)
    if not made.isascii():
        made = str(_transliterator(_ANY).transliterate(text)).lower()
    return made.encode("ascii", "replace").decode("ascii")
