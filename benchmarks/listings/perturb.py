"""Twelve ways in which a listed name arrives changed, each a function of (random source, name, schema).

A function returns None where the change does not apply to the name. Latin script only; other scripts are
asked with the spellings that the lists themselves publish.
"""

import random
import re
import string
from collections.abc import Callable
from itertools import pairwise

Change = Callable[[random.Random, str, str], str | None]

LONG = 4
"""Letters a word needs before a typing error is put into it."""

HONORIFICS = ("Mr.", "Mrs", "Dr", "Sheikh", "Haji", "Capt.", "Eng.")
MIDDLES = ("Karim", "James", "Maria", "Yusuf", "Ivan", "Lee", "Josef", "Amina", "Paulo", "Hassan")
TRADE_WORDS = ("International", "Group", "Trading", "Canada", "Services", "Global", "Branch", "Office")

LEGAL_FORMS = (
    ("limited liability company", "llc", "l.l.c."),
    ("limited", "ltd", "ltd."),
    ("incorporated", "inc", "inc."),
    ("corporation", "corp", "corp."),
    ("company", "co", "co."),
    ("gmbh", "gesellschaft mit beschränkter haftung"),
    ("s.a.", "sociedad anonima", "sa"),
    ("s.a. de c.v.", "sa de cv"),
    ("ooo", "limited liability company"),
    ("ojsc", "open joint stock company", "oao"),
    ("jsc", "joint stock company", "ao"),
)
ADDED_FORMS = ("Ltd", "LLC", "Inc.", "Co.", "GmbH", "S.A.", "Limited", "Corp")

SPELLINGS = (
    *((r"moham+[ae]d", new) for new in ("muhammad", "mohamed", "mohammad", "mohammed", "muhammed")),
    (r"muham+[ae]d", "mohamed"),
    (r"ahm[ae]d", "ahmad"),
    (r"ahmad", "ahmed"),
    (r"huss?[ae][iy]n", "hossein"),
    (r"husayn", "hussein"),
    (r"y[uo]+s+[uei]f", "youssef"),
    (r"youssef", "yusuf"),
    (r"\babd (al|el)-", "abdul "),
    (r"\babdul ", "abd al-"),
    (r"\bal-", "el-"),
    (r"\bal-", "al "),
    (r"\bbin\b", "ben"),
    (r"\bben\b", "ibn"),
    (r"ou", "u"),
    (r"oo", "u"),
    (r"ee", "i"),
    (r"iy", "i"),
    (r"kh", "h"),
    (r"q", "k"),
    (r"q", "g"),
    (r"gh", "g"),
    (r"dh", "d"),
    (r"zh", "j"),
    (r"sh", "sch"),
    (r"ts", "tz"),
    (r"aye", "ae"),
    (r"ov\b", "off"),
    (r"ov\b", "ow"),
    (r"sk(i|y|iy|ii)\b", "skij"),
    (r"yev", "ev"),
    (r"\bev", "yev"),
    (r"ks", "x"),
    (r"\bv", "w"),
    (r"w", "v"),
    (r"(?<!f)f(?!f)", "ph"),
    (r"y\b", "i"),
    (r"i\b", "y"),
    (r"([bdflmnrst])\1", r"\1"),
)
"""Pattern and replacement: spellings of one sound as names cross from Arabic, Persian or Cyrillic."""

NICKNAMES = (
    ("robert", "bob", "rob"),
    ("william", "bill", "will"),
    ("richard", "rick", "dick"),
    ("james", "jim", "jimmy"),
    ("john", "jack", "johnny"),
    ("joseph", "joe"),
    ("charles", "charlie", "chuck"),
    ("michael", "mike"),
    ("thomas", "tom"),
    ("edward", "ed", "ted"),
    ("daniel", "dan", "danny"),
    ("david", "dave"),
    ("anthony", "tony"),
    ("christopher", "chris"),
    ("nicholas", "nick"),
    ("samuel", "sam"),
    ("benjamin", "ben"),
    ("peter", "pete"),
    ("stephen", "steve"),
    ("elizabeth", "liz", "betty"),
    ("catherine", "kate", "cathy"),
    ("margaret", "peggy", "maggie"),
    ("jose", "pepe"),
    ("francisco", "paco", "pancho"),
    ("jesus", "chuy"),
    ("ignacio", "nacho"),
    ("alberto", "beto"),
    ("roberto", "beto"),
    ("eduardo", "lalo"),
    ("guillermo", "memo"),
    ("manuel", "manolo"),
    ("luis", "lucho"),
    ("antonio", "tony", "tonio"),
    ("aleksandr", "alexander", "sasha"),
    ("aleksandar", "sasha"),
    ("alexander", "alex", "sasha"),
    ("aleksei", "alexey", "alyosha"),
    ("vladimir", "vova", "volodya"),
    ("mikhail", "misha"),
    ("dmitri", "dmitry", "dima"),
    ("dmitriy", "dima"),
    ("ivan", "vanya"),
    ("sergei", "sergey", "seryozha"),
    ("nikolai", "nikolay", "kolya"),
    ("yevgeny", "zhenya"),
    ("konstantin", "kostya"),
    ("yuri", "yura"),
    ("viktor", "vitya"),
    ("pavel", "pasha"),
)


def words(name: str) -> list[str]:
    """The words of a name; a comma between family and given names is dropped."""
    return name.replace(",", " ").split()


def slip(rng: random.Random, name: str) -> str | None:
    """One typing error (change, drop, double, swap) inside a word of at least `LONG` letters."""
    runs = [m.span() for m in re.finditer(rf"[A-Za-z]{{{LONG},}}", name)]
    if not runs:
        return None
    start, end = rng.choice(runs)
    at = rng.randrange(start + 1, end - 1)
    letter = rng.choice(string.ascii_lowercase)
    kind = rng.randrange(4)
    if kind == 0:
        return name[:at] + letter + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at + 1 :]
    if kind == 2:
        return name[:at] + letter + name[at:]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def typo1(rng: random.Random, name: str, _schema: str) -> str | None:
    return slip(rng, name)


def typo2(rng: random.Random, name: str, _schema: str) -> str | None:
    if sum(map(str.isalpha, name)) < 2 * LONG + 2:
        return None
    once = slip(rng, name)
    return once and slip(rng, once)


def transliteration(rng: random.Random, name: str, schema: str) -> str | None:
    """Up to two spellings in a person's name changed for others of the same sound."""
    if schema != "Person":
        return None
    changed = name.lower()
    for _ in range(2):
        fits = [(old, new) for old, new in SPELLINGS if re.sub(old, new, changed, count=1) != changed]
        if fits:
            old, new = rng.choice(fits)
            changed = re.sub(old, new, changed, count=1)
    return None if changed == name.lower() else changed


def reorder(rng: random.Random, name: str, schema: str) -> str | None:
    parts = words(name)
    if len(parts) < 2:
        return None
    turn = rng.randrange(1, len(parts))
    turned = parts[turn:] + parts[:turn]
    comma = "," if schema == "Person" and rng.random() < 0.3 else ""
    return f"{turned[0]}{comma} {' '.join(turned[1:])}"


def initial(rng: random.Random, name: str, schema: str) -> str | None:
    """One word cut to its initial, in a person's name that keeps two others whole."""
    parts = words(name)
    whole = [i for i, word in enumerate(parts) if len(word) >= LONG and word[0].isalpha()]
    if schema != "Person" or len(parts) < 3 or len(whole) < 3:
        return None
    at = rng.choice(whole)
    parts[at] = parts[at][0] + rng.choice(("", "."))
    return " ".join(parts)


def joined(rng: random.Random, name: str, _schema: str) -> str | None:
    parts = words(name)
    fits = [i for i, pair in enumerate(pairwise(parts)) if all(map(str.isalpha, pair))]
    if not fits:
        return None
    at = rng.choice(fits)
    return " ".join([*parts[:at], parts[at] + parts[at + 1].lower(), *parts[at + 2 :]])


def split(rng: random.Random, name: str, _schema: str) -> str | None:
    parts = words(name)
    long = [i for i, word in enumerate(parts) if len(word) >= 6 and word.isalpha()]
    if not long:
        return None
    at = rng.choice(long)
    cut = rng.randrange(2, len(parts[at]) - 1)
    return " ".join([*parts[:at], parts[at][:cut], parts[at][cut:], *parts[at + 1 :]])


def extra(rng: random.Random, name: str, schema: str) -> str | None:
    """A title or a middle name more for a person, a trade word more for anybody else."""
    parts = words(name)
    if not parts:
        return None
    if schema != "Person":
        return " ".join([*parts, rng.choice(TRADE_WORDS)])
    if rng.random() < 0.5:
        return " ".join([rng.choice(HONORIFICS), *parts])
    return " ".join([parts[0], rng.choice(MIDDLES), *parts[1:]])


def missing(rng: random.Random, name: str, _schema: str) -> str | None:
    """One word fewer, where at least two long ones stay."""
    parts = words(name)
    long = [i for i, word in enumerate(parts) if len(word) >= LONG]
    if len(parts) < 3 or len(long) < 3:
        return None
    del parts[rng.choice(long)]
    return " ".join(parts)


def legal_form(rng: random.Random, name: str, schema: str) -> str | None:
    """A legal form written otherwise, or one more where the name has none."""
    if schema not in {"Organization", "Company", "LegalEntity"}:
        return None
    lower = name.lower()
    for forms in LEGAL_FORMS:
        for form in forms:
            if re.search(rf"(?:^|[\s,]){re.escape(form)}$", lower):
                return name[: -len(form)] + rng.choice([f for f in forms if f != form]).upper()
    return f"{name} {rng.choice(ADDED_FORMS)}"


ACCENTS = str.maketrans("aeiouncsz", "áéíöüñçšž")


def case_diacritics(rng: random.Random, name: str, _schema: str) -> str | None:
    kind = rng.randrange(4)
    if kind == 0:
        return name.upper() if name != name.upper() else name.lower()
    if kind == 1:
        return name.swapcase()
    letters = list(name.lower() if kind == 2 else name.title())
    for at in rng.sample(range(len(letters)), k=len(letters) // 5):
        letters[at] = letters[at].translate(ACCENTS)
    return "".join(letters)


def nickname(rng: random.Random, name: str, schema: str) -> str | None:
    parts = words(name)
    if schema != "Person" or len(parts) < 2:
        return None
    fits = [(i, group) for i, word in enumerate(parts) for group in NICKNAMES if word.lower() == group[0]]
    if not fits:
        return None
    at, group = rng.choice(fits)
    parts[at] = rng.choice(group[1:]).title()
    return " ".join(parts)


CHANGES: dict[str, Change] = {
    change.__name__: change
    for change in (
        typo1,
        typo2,
        transliteration,
        reorder,
        initial,
        joined,
        split,
        extra,
        missing,
        legal_form,
        case_diacritics,
        nickname,
    )
}
