"""Names of substances as people write them, and what a name says besides the substance.

`fold` makes one key of all spellings of a name: case, accents, Greek letters, dashes, primes, blanks and
brackets make no difference, `sulph` is `sulf`, and before a vowel `ph` is `f` and `th` is `t`, as
international nonproprietary names have them (metamfetamine). `read` takes off what is said of a form: the
salt, the labels, the configuration; the bare name is looked up only after the name as it stands.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import msgspec

GREEK: Final = {
    **dict(zip("αβγδεωß", ("alpha", "beta", "gamma", "delta", "epsilon", "omega", "beta"), strict=True)),
    **dict(zip("ΑΒΓΔΕΩẞ", ("alpha", "beta", "gamma", "delta", "epsilon", "omega", "beta"), strict=True)),
}
_GREEK: Final = str.maketrans({letter: f" {name} " for letter, name in GREEK.items()})
_LOOK_ALIKE: Final = str.maketrans("асеорхуікмнтвѕј", "aceopxyikmhtbsj")
"""Cyrillic letters that pass for Latin ones; read so in a name that has both."""
_ASPIRATE: Final = re.compile("[pt]h(?=[aeiouy])")
"""Only before a vowel, so that codes (THC, α-PHP) keep their letters: no key meets another substance's."""
_KEPT: Final = re.compile(r"[^\w]|_")

SALTS: Final = tuple(
    f"{number}{acid}"
    for acid in (
        *("hydrochloride", "hydrobromide", "hydriodide", "hydrogen sulfate", "sulfate", "nitrate", "citrate"),
        *("bitartrate", "tartrate", "fumarate", "maleate", "oxalate", "succinate", "mesylate", "mesilate"),
        *("tosylate", "besylate", "phosphate", "hydrogen chloride", "hcl", "hbr", "hydrate", "lactate"),
        *(
            "malonate",
            "chlorhydrate",
            "bromhydrate",
            "salicylate",
            "sodium",
            "potassium",
            "lithium",
            "calcium",
        ),
        *(
            "saccharate",
            "aspartate",
            "gluconate",
            "pamoate",
            "terephthalate",
            "napsylate",
            "camsylate",
            "adipate",
            "edisylate",
        ),
        *("hydrogen maleate", "hydrogen tartrate", "hydrogen fumarate", "ascorbate", "picrate", "iodide"),
        *("sodique", "potassique", "salt", "free base", "freebase", "base"),
    )
    for number in ("", "mono", "di", "tri", "tetra", "penta", "hexa", "hepta", "hemi", "sesqui")
)
_SALT: Final = "|".join(
    sorted((re.escape(salt).replace(r"\ ", r"[\s-]*") for salt in SALTS), key=len, reverse=True)
)
_AFTER: Final = re.compile(rf"^(.{{3,}}?)[\s,(·.-]+((?:(?:{_SALT})[\s,)·-]*)+)$", re.IGNORECASE)
_BEFORE: Final = re.compile(
    rf"^((?:{_SALT}))\s+(?:de\s+la\s+|de\s+l['’]|de\s+|d['’]|of\s+)(.{{3,}})$", re.IGNORECASE
)
_ION_BEFORE: Final = re.compile(
    r"^((?:di)?(?:sodium|potassium|lithium|calcium|magnesium|ammonium))\s+(.{3,})$", re.IGNORECASE
)
_LABEL_BEFORE: Final = re.compile(
    r"^(?:\[?(d\d{1,2})\]?|\[(\d{1,2}[hcno]\d{0,2}(?:[,\s-]+\d{1,2}[hcno]\d{0,2})*)\])[-\s]*(.{3,})$",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"^(.{3,}?)[\s\-(\[]+((?:d|2h|3h|13c|14c|15n|18o)\d{0,2}(?:[,\s-]+(?:d|2h|13c|15n)\d{0,2})*)[)\]]?$",
    re.IGNORECASE,
)
_SIGNS: Final = (
    *(("±", word) for word in ("(±)-", "(+/-)-", "(+-)-", "±-", "dl-", "d,l-", "(rs)-", "rac-", "racemic ")),
    *(("+", word) for word in ("(+)-", "+-", "d-", "dextro-", "dextro")),
    *(("-", word) for word in ("(-)-", "l-", "levo-", "laevo-", "levo")),
)
_CONFIGURED: Final = re.compile(
    r"^(?:\((?:\d*[rsez]\*?(?:[,\s]*\d*[a-z]?[rsez]\*?)*)\)|cis|trans|threo|erythro|[rs](?=-)|meso|endo|exo|racemic|"
    r"\((?:±|\+/-|\+-|\+|-)\)|±|dl|d,l|d|l|rac|dextro|levo|laevo)[\s-]+|^(?:dextro|levo|laevo)",
    re.IGNORECASE,
)


class Read(msgspec.Struct, frozen=True):
    """A name taken apart.

    Attributes:
        bare: what is left of it.
        salt: the words of a salt or solvate, as written; empty where there are none.
        label: of isotopes, such as `d5`.
        stereo: of configuration, such as `(S)` or `cis`.
        sign: `+`, `-` or `±` where it gives a rotation.
    """

    bare: str
    salt: str = ""
    label: str = ""
    stereo: str = ""
    sign: str = ""


def plain(text: str) -> str:
    """A text in one kind of dash, prime and blank, in small letters."""
    text = unicodedata.normalize("NFKC", text.replace("ß", "β").replace("\u00ad", ""))
    text = re.sub("[‐‑‒–—―−﹘﹣－]", "-", text)
    text = re.sub("[′’‘`´]", "'", text)
    return " ".join(text.lower().split())


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """The key of a name: letters and digits of any script, nothing else."""
    if text.isascii():
        return _spelled(_KEPT.sub("", text.lower()))
    text = plain(text).translate(_GREEK)
    text = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    if re.search("[a-z]", text) and re.search("[а-я]", text):
        text = text.translate(_LOOK_ALIKE)
    return _spelled(_KEPT.sub("", unicodedata.normalize("NFC", text)))


def _spelled(key: str) -> str:
    return _ASPIRATE.sub(lambda found: "f" if found[0] == "ph" else "t", key.replace("oestr", "estr"))


def read(name: str) -> Read:
    """Split a name from its words for salt, labels and configuration."""
    bare, salt, label, stereo = plain(name).replace("sulph", "sulf"), "", "", ""
    if found := _BEFORE.match(bare):
        salt, bare = found[1], found[2]
    if not salt and (found := _ION_BEFORE.match(bare)):
        salt, bare = found[1], found[2]
    if found := _AFTER.match(bare):
        bare, salt = found[1], " ".join(filter(None, (salt, found[2].strip(" ,)·-"))))
    if found := _LABEL.match(bare):
        bare, label = found[1], found[2]
    if not label and (found := _LABEL_BEFORE.match(bare)):
        label, bare = found[1] or found[2], found[3]
    sign = sign_of(bare)
    while found := _CONFIGURED.match(bare):
        stereo, bare = f"{stereo} {found[0].strip(' -')}".strip(), bare[found.end() :]
    return Read(bare, salt, label, stereo, sign)


def sign_of(name: str) -> str:
    """The rotation that a name begins with: `+`, `-`, `±` or nothing."""
    text = plain(name)
    return next((sign for sign, word in _SIGNS if text.startswith(word)), "")
