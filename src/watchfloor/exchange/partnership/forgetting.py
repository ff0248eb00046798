"""Erasure of a subject in sealed files: sets that were offered or asked about, and what sessions found of it.

A set that names it goes whole, with its offer, so that nothing more can be matched against it; who wants one
without the subject offers anew. Of a result the subject goes alone. What a partner has is out of reach.
"""

from collections.abc import Collection, Iterator
from typing import Any

from watchfloor.exchange.partnership.vault import Vault
from watchfloor.store.floor import Floor

SESSION = ("set", "said", "pair", "out")
"""What is sealed of a session that is under way."""


def forget(floor: Floor, subjects: Collection[str]) -> int:
    """Erase subjects from the sealed files; gives how many files went or were changed."""
    vault, wanted = Vault(floor), frozenset(subjects)
    sets = {one.partition("/")[2].partition(".")[0] for one in _naming(vault, "sets", wanted)}
    offers = [one for one in vault.names("offers") if (vault.get_json(one) or {}).get("id") in sets]
    asked = {one.partition("/")[2].partition(".")[0] for one in _naming(vault, "sessions", wanted)}
    gone = [f"sets/{id_}{end}" for id_ in sets for end in ("", ".fields")]
    gone += [*offers, *(f"sessions/{id_}.{part}" for id_ in asked for part in SESSION)]
    return sum(map(vault.drop, gone)) + sum(_without(vault, one, wanted) for one in vault.names("results"))


def _naming(vault: Vault, folder: str, wanted: frozenset[str]) -> Iterator[str]:
    """Files whose subjects, or the subjects that are told of them, are among these."""
    for name in vault.names(folder):
        if name.endswith((".fields", ".said")):
            kept = vault.get_json(name) or {}
            fields: dict[str, dict[str, Any]] = kept.get("fields", {}) if name.endswith(".said") else kept
            lists = (value for of in fields.values() for value in of.values() if isinstance(value, list))
            found = wanted & {*fields, *(one for links in lists for one in links)}
        elif folder == "sets" or name.endswith(".set"):
            found = wanted.intersection((vault.get(name) or b"").decode().split("\n"))
        else:
            found = frozenset()
        if found:
            yield name


def _without(vault: Vault, name: str, wanted: frozenset[str]) -> bool:
    """A result without the tokens of some subjects; whether it had any."""
    result: dict[str, Any] = vault.get_json(name) or {}
    tokens = {token for token, subject in result.get("tokens", {}).items() if subject in wanted}
    if not tokens:
        return False
    left = {
        part: {token: one for token, one in result[part].items() if token not in tokens}
        for part in ("tokens", "fields", "own")
        if part in result
    }
    vault.put_json(name, result | left)
    return True
