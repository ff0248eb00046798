"""Screeners under one interface: ours, nomenklatura's two matchers and rapidfuzz over all names.

A peer is `build(listings) -> ask`, and `ask(questions)` yields for each the five best hits, best first.
nomenklatura compares two entities and leaves the choice of pairs to an index; its own (`blocker.index`)
works on whole files, yente uses Elasticsearch. Beside its own index we give it a shortlist by character
trigrams, weighted by inverse frequency: the entities of the 40 most similar names, found with scikit-learn.
"""

import logging
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from benchmarks.listings.questions import Question, distinct_entities
from benchmarks.listings.romanise import plain

TOP = 5
"""Hits an officer gets to see."""

NOMENKLATURA_MATCH = 0.7
"""The score from which nomenklatura's own commands and yente call a result a match."""

SHORTLIST = 40
"""Names that the trigram index hands to a matcher, and the right entity: a miss is the matcher's own."""

FTM_SCHEMATA = {"Aircraft": "Airplane"}
"""Our names of schemata that FollowTheMoney calls otherwise."""


class Answer(NamedTuple):
    """A hit: whose, how sure (0 to 1), and the tier where the screener has tiers."""

    entity_id: str
    score: float
    tier: str = ""


Ask = Callable[[Iterable[Question]], Iterator[list[Answer]]]
Build = Callable[[pa.Table], Ask]


def watchfloor(listings: pa.Table) -> Ask:
    from watchfloor.desks.listings.screener import Query, Screener, warm_up

    warm_up()
    screener = Screener.build(listings)

    def ask(questions: Iterable[Question]) -> Iterator[list[Answer]]:
        for question in questions:
            query = Query("q", question.name, birth_date=question.birth_date, schema=question.schema)
            yield [Answer(hit.entity_id, hit.score, hit.tier) for hit in screener.screen(query, TOP)]

    return ask


def names_of(listings: pa.Table) -> tuple[list[str], list[str]]:
    """Every name and, beside it, whose it is."""
    pairs = [
        (n["text"], row["entity_id"]) for row in distinct_entities(listings.to_pylist()) for n in row["names"]
    ]
    return [name for name, _ in pairs], [owner for _, owner in pairs]


def best_by_entity(scored: Iterable[tuple[str, float]], matching: float = 2.0) -> list[Answer]:
    """The best score of each entity; from `matching` on it is a match."""
    best: dict[str, float] = {}
    for owner, score in scored:
        best[owner] = max(score, best.get(owner, 0.0))
    ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Answer(owner, score, "match" if score >= matching else "") for owner, score in ranked[:TOP]]


def rapidfuzz_all(scorer_name: str) -> Build:
    """rapidfuzz over every name, in ASCII and lower case."""

    def build(listings: pa.Table) -> Ask:
        from rapidfuzz import fuzz, process

        scorer = getattr(fuzz, scorer_name)
        names, owners = names_of(listings)
        choices = [plain(name) for name in names]

        def ask(questions: Iterable[Question]) -> Iterator[list[Answer]]:
            for question in questions:
                found = process.extract(plain(question.name), choices, scorer=scorer, limit=4 * TOP)
                yield best_by_entity((owners[at], score / 100) for _, score, at in found)

        return ask

    return build


def ftm_entity(key: str, schema: str | None) -> Any:
    from followthemoney import ValueEntity, model

    named = FTM_SCHEMATA.get(schema or "", schema or "LegalEntity")
    return ValueEntity(model.get(named) or model["LegalEntity"], {"id": key})


def ftm_listing(row: dict[str, Any]) -> Any:
    entity = ftm_entity(row["entity_id"], row["schema"])
    fill(entity, row)
    return entity


def fill(entity: Any, row: dict[str, Any]) -> None:
    for name in row["names"]:
        prop = "weakAlias" if name["strength"] == "weak" else "name" if name["role"] == "primary" else "alias"
        entity.add(prop, name["text"])
    if entity.schema.is_a("Person"):
        entity.add("birthDate", row["birth_dates"])


ASKED = count()


def ftm_question(question: Question) -> Any:
    """The question as an entity with an id of its own: nomenklatura caches what it derives by id."""
    entity = ftm_entity(f"q{next(ASKED)}", question.schema)
    entity.add("name", question.name)
    if question.birth_date and entity.schema.is_a("Person"):
        entity.add("birthDate", question.birth_date)
    return entity


def trigram_index(names: list[str]) -> Callable[[str], np.ndarray]:
    """The positions of the `SHORTLIST` names most similar by TF-IDF over character trigrams."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), dtype=np.float32)
    columns = vectorizer.fit_transform([plain(name) for name in names]).T.tocsr()

    def nearest(name: str) -> np.ndarray:
        row = vectorizer.transform([plain(name)]) @ columns
        if row.nnz <= SHORTLIST:
            return row.indices
        return row.indices[np.argpartition(-row.data, SHORTLIST)[:SHORTLIST]]

    return nearest


def with_long_memory(algorithm: str) -> Any:
    """A nomenklatura matcher whose caches hold every listed entity.

    As shipped they hold 1,000, so that most questions analyse the lists anew: several times slower.
    """
    from nomenklatura.matching import get_algorithm

    matcher = get_algorithm(algorithm)
    longer: dict[int, Any] = {}
    for name, module in list(sys.modules.items()):
        for attribute, cached in (
            list(vars(module).items()) if name.startswith("nomenklatura.matching") else []
        ):
            if hasattr(cached, "cache_parameters"):
                longer.setdefault(id(cached), lru_cache(maxsize=1_000_000)(cached.__wrapped__))
                setattr(module, attribute, longer[id(cached)])
    return matcher


def nomenklatura_trigrams(algorithm: str) -> Build:
    """A nomenklatura matcher over the trigram shortlist."""

    def build(listings: pa.Table) -> Ask:
        matcher = with_long_memory(algorithm)
        config = matcher.default_config()
        entities = {row["entity_id"]: ftm_listing(row) for row in distinct_entities(listings.to_pylist())}
        for entity in entities.values():
            matcher.compare(entity, entity, config)
        names, owners = names_of(listings)
        nearest = trigram_index(names)

        def ask(questions: Iterable[Question]) -> Iterator[list[Answer]]:
            for question in questions:
                asked = ftm_question(question)
                short = {owners[at] for at in nearest(question.name)} | ({question.truth} & entities.keys())
                scored = ((key, matcher.compare(asked, entities[key], config).score) for key in short)
                yield best_by_entity(scored, NOMENKLATURA_MATCH)

        return ask

    return build


def nomenklatura_blocker(listings: pa.Table) -> Ask:
    """LogicV2 over nomenklatura's own index: the first answer waits for the candidates of all questions."""
    from followthemoney import Dataset, StatementEntity
    from nomenklatura.blocker.index import Index
    from nomenklatura.resolver import Linker
    from nomenklatura.store.memory import MemoryStore

    logging.getLogger("nomenklatura").setLevel(logging.ERROR)
    matcher = with_long_memory("logic-v2")
    config = matcher.default_config()
    dataset = Dataset({"name": "lists", "title": "Lists"})
    rows = list(distinct_entities(listings.to_pylist()))
    entities = {row["entity_id"]: ftm_listing(row) for row in rows}

    def statements(entity: Any) -> StatementEntity:
        return StatementEntity.from_data(dataset, entity.to_dict())

    store = MemoryStore(dataset, Linker[StatementEntity]({}))
    with store.writer() as writer:
        for entity in entities.values():
            writer.add_entity(statements(entity))
    folder = Path(tempfile.mkdtemp(prefix="blocker"))
    index = Index(store.view(dataset), folder, {"max_candidates": SHORTLIST})
    index.build()

    def ask(questions: Iterable[Question]) -> Iterator[list[Answer]]:
        asked = [ftm_question(question) for question in questions]
        found = dict(index.match_entities(statements(entity) for entity in asked))
        short = {str(key): [str(candidate) for candidate, _ in pairs] for key, pairs in found.items()}
        for entity in asked:
            keys = short.get(entity.id, [])
            scored = ((key, matcher.compare(entity, entities[key], config).score) for key in keys)
            yield best_by_entity(scored, NOMENKLATURA_MATCH)

    return ask


PEERS: dict[str, tuple[str, Build]] = {
    "watchfloor": ("watchfloor", watchfloor),
    "logic-v2": ("nomenklatura", nomenklatura_trigrams("logic-v2")),
    "logic-v1": ("nomenklatura", nomenklatura_trigrams("logic-v1")),
    "logic-v2, own index": ("nomenklatura", nomenklatura_blocker),
    "token_sort_ratio": ("rapidfuzz", rapidfuzz_all("token_sort_ratio")),
    "WRatio": ("rapidfuzz", rapidfuzz_all("WRatio")),
}
"""Name to the package that it comes from and how it is built."""


def label(peer: str) -> str:
    """The peer with its package and version, as results name it."""
    package = PEERS[peer][0]
    return f"{package} {version(package)}" + ("" if peer == package else f" {peer}")
