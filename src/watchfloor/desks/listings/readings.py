"""The ways to read a query's name: as it stands, with words joined that were split, and split that were joined."""

from typing import Final

from watchfloor.desks.listings.index import Index
from watchfloor.desks.listings.normalise import MAX_TOKENS, Tokens, tokenise

MAX_READINGS: Final = 6
_KNOWN: Final = 0.9  # a token that is as much like a listed one needs no splitting


def readings(index: Index, name: str, schema: str | None) -> list[Tokens]:
    """Token rows to search for, the plain one first, at most `MAX_READINGS`; none when the name holds no letter."""
    (plain,) = tokenise([name], organisations=schema != "Person")
    found = [plain]
    if schema is None or not schema:
        found += tokenise([name], organisations=False)
    found += _joined(index, plain)
    found += _split(index, plain)
    return [tokens for tokens in dict.fromkeys(found) if tokens][:MAX_READINGS]


def _joined(index: Index, tokens: Tokens) -> list[Tokens]:
    """Neighbours written together, where the list knows the word; single letters written together."""
    rows = []
    for i in range(len(tokens) - 1):
        word = tokens[i] + tokens[i + 1]
        if _listed(index, word) or tokens[i + 1] == "الله":
            rows.append((*tokens[:i], word, *tokens[i + 2 :]))
    return rows


def _split(index: Index, tokens: Tokens) -> list[Tokens]:
    """Each word that the list does not know, as words that it does."""
    pieces = [_pieces(index, token) if not _listed(index, token) else (token,) for token in tokens]
    split = tuple(piece for row in pieces for piece in row)[:MAX_TOKENS]
    return [split] if split != tokens else []


def _pieces(index: Index, token: str) -> Tokens:
    """The fewest listed words that make up a token, three letters or more each; the token itself if none do."""
    length = len(token)
    if not 6 <= length <= 40:
        return (token,)
    best: list[Tokens | None] = [()] + [None] * length
    for end in range(2, length + 1):
        for begin in range(max(0, end - 16), end - 1):
            before, word = best[begin], token[begin:end]
            shorter = before is not None and (best[end] is None or len(before) + 1 < len(best[end] or ()))
            if before is not None and shorter and (len(word) > 2 or word == "al") and _listed(index, word):
                best[end] = (*before, word)
    return best[length] or (token,)


def _listed(index: Index, word: str) -> bool:
    row = index.rows.get(word, -1)
    return row >= 0 and index.frequency[row] > 0
