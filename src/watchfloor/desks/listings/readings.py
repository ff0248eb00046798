"""The ways to read a query's name: as it stands, with words joined, and with words split."""

import re
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from watchfloor.desks.listings.index import Index
from watchfloor.desks.listings.normalise import LEGAL_WORDS, MAX_TOKENS, Tokens, is_legal_form, tokenise

MAX_READINGS: Final = 6
ACRONYM: Final = 5
"""Letters or digits of an acronym or a number at most."""
KINDS: Final = frozenset(
    "network group gang organization organisation movement cartel clan reseau groupe".split()
)
"""Words for a kind of body that people add to the name of one."""
_LONGEST_PIECE: Final = 16
_PHRASES: Final = frozenset(
    """
    aktiengesellschaft aktsionernoe anonima capital federal gesellschaft haftung joint liability limitada
    obmezhenoyu obshchestvo ogranichennoi open otkrytoe otvetstvennostyu private public publichnoe
    responsabilidad responsabilite state stock tovarystvo unitary variable vidpovidalnistyu zakrytoe
    """.split()
)
"""Words of legal forms that are written out."""

_FORMS: Final = sorted(word for word in LEGAL_WORDS | _PHRASES if len(word) > 2)
_ARABIC_COMPOUNDS: Final = tuple(
    (re.compile(pattern), into)
    for pattern, into in (
        (r"\bابو(?=\w{3})", "abu "),
        (r"(?<=[ء-ی]) الله\b", "اله"),
        (r"(?<=[ء-ی]) (?:al |ال)?(دين|رحمن|حق|زاده|زي|خيل)\b", r"\1"),
    )
)


def readings(index: Index, name: str, schema: str | None) -> list[Tokens]:
    """Token rows to search for, the plain one first, at most `MAX_READINGS`; none without letters."""
    (written,) = tokenise([name], organisations=False)
    plain = written if schema == "Person" else _organisation(index, name)
    found = [plain, _compound(plain)]
    if not schema:
        found.append(written)
    found += _split(index, plain)
    found += _joined(index, written)
    found += [bare for tokens in tuple(found) for bare in _without_kind(index, tokens)]
    return [tokens for tokens in dict.fromkeys(found) if tokens][:MAX_READINGS]


def _organisation(index: Index, name: str) -> Tokens:
    """The tokens of an organisation's name, its legal form recognised even where it is mistyped."""
    (plain,) = tokenise([name], organisations=True)
    mended = tuple(_legal_form(index, token) for token in plain)
    return plain if mended == plain else tokenise([" ".join(mended)], organisations=True)[0]


def _legal_form(index: Index, token: str) -> str:
    """A legal form for one that is mistyped; any other token as it is."""
    if len(token) < 4 or index.knows(token):
        return token
    found = process.extractOne(token, _FORMS, scorer=OSA.distance, score_cutoff=1 if len(token) < 7 else 2)
    return str(found[0]) if found else token


def _compound(tokens: Tokens) -> Tokens:
    """Arabic and Persian compounds as Latin writes them: Shamsuddin and Akhundzada, but Abu Ghaith."""
    text = " ".join(tokens)
    if text.isascii():
        return tokens
    for pattern, into in _ARABIC_COMPOUNDS:
        text = pattern.sub(into, text)
    return tuple(text.split()[:MAX_TOKENS])


def _joined(index: Index, tokens: Tokens) -> list[Tokens]:
    """Neighbours written together, where the list knows the word; single letters written together."""
    rows = []
    for i in range(len(tokens) - 1):
        word = tokens[i] + tokens[i + 1]
        if index.knows(word) or word in LEGAL_WORDS:
            rows.append((*tokens[:i], word, *tokens[i + 2 :]))
    return rows


def _split(index: Index, tokens: Tokens) -> list[Tokens]:
    """Each word that the list does not know, as words that it does."""
    pieces = [(token,) if index.knows(token) else _pieces(index, token) for token in tokens]
    split = tuple(piece for row in pieces for piece in row)[:MAX_TOKENS]
    return [split] if split != tokens else []


def _without_kind(index: Index, tokens: Tokens) -> list[Tokens]:
    """An acronym or a number without the word for what kind of body it is: 764 network, Network 764.

    Such a name is weak and reaches no `match`; a longer one is left as it is, for a word less would make it
    another's.
    """
    bare = tuple(token for token in tokens if token not in KINDS)
    short = 0 < len(bare) < len(tokens) and all(
        len(token) <= ACRONYM and index.knows(token) for token in bare
    )
    return [bare] if short else []


def _pieces(index: Index, token: str) -> Tokens:
    """The fewest listed words that make up a token; the token itself if none do.

    Words of two letters count in a token that is two words, as Korean and Chinese given names are. Letters
    and a number written together are two words: MS13.
    """
    apart = tuple(re.findall(r"[^\W\d]+|\d+", token))
    if len(apart) > 1 and all(index.knows(part) for part in apart):
        return apart
    length = len(token)
    if not 5 <= length <= 40:
        return (token,)
    for cut in range(2, length - 1):
        if (
            min(cut, length - cut) > (1 if length in (6, 7) else 2)
            and index.knows(token[:cut])
            and index.knows(token[cut:])
        ):
            return token[:cut], token[cut:]
    best: list[Tokens | None] = [(), *[None] * length]
    for end in range(3, length + 1):
        for begin in range(max(0, end - _LONGEST_PIECE), end - 2):
            before, word = best[begin], token[begin:end]
            held = best[end]
            if (
                before is not None
                and (held is None or len(before) + 1 < len(held))
                and (index.knows(word) or is_legal_form(word))
            ):
                best[end] = (*before, word)
    return best[length] or (token,)
