"""The policy of a floor, whose words its markings may use, and marking a record anew."""

from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

import msgspec

from watchfloor.actions.base import (
    FILE,
    Answer,
    Context,
    Request,
    action,
    argument,
    new_file,
    option,
    screen,
)
from watchfloor.casework import policies
from watchfloor.casework.remarking import remark
from watchfloor.cell.acts import Unusable
from watchfloor.cell.rerun import rerun
from watchfloor.core.marking import TLP, parse
from watchfloor.core.messages import Language, reason
from watchfloor.exchange.bundles.origins import node_of
from watchfloor.feeds.original import find
from watchfloor.formats.settings import read_text
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader, level
from watchfloor.policy.remarking import why_not_higher, why_not_lower
from watchfloor.policy.terms import Terms

TABLES: Final = ("compartments", "coalitions", "caveats", "owners", "purposes", "authorities")
"""Tables of a policy that define words."""
PolicyFile = Annotated[Path, argument("FILE", "The policy.", exists=FILE)]


class FileView(Answer, frozen=True):
    """A file that was written."""

    file: str


class PolicyCheck(Answer, frozen=True):
    """A policy that can be used: how many readers and words it names, and who may change it on a floor."""

    file: str
    readers: int
    words: int
    supervisors: list[str]

    def done(self, key: str) -> str:
        """Return the key of the text that says who may change it."""
        return key if self.supervisors else f"{key}_by_nobody"


class PolicyChange(Answer, frozen=True, kw_only=True):
    """A policy that was put in force, or proposed.

    Attributes:
        proposed: whether another supervisor must approve it first.
        proposed_by: who proposed what another has put in force; null if nobody else did.
        digest: by which a proposed policy is approved.
    """

    readers: int
    position: int | None
    proposed: bool
    digest: str
    proposed_by: str | None
    marking: str = ""

    def done(self, key: str) -> str:
        """Return the key of the text that says whether it is in force."""
        return key + ("proposed" if self.proposed else "in_force")


class ProposedPolicy(Answer, frozen=True):
    """A policy that waits for a second supervisor, by the start of its digest, and what it changes."""

    texts: ClassVar = "policy.list"
    columns: ClassVar = ("digest", "by", "differs")

    digest: str
    by: str = msgspec.field(name="proposed by")
    differs: str


class ProposedPolicies(Answer, frozen=True):
    """Policies that wait for a second supervisor."""

    proposed: list[ProposedPolicy]


class SettingsChange(Answer, frozen=True, kw_only=True):
    """Settings that were confirmed, or wait for another supervisor to confirm them too."""

    confirmed: bool
    proposed_by: str | None
    position: int | None
    marking: str = ""

    def done(self, key: str) -> str:
        """Return the key of the text that says whether one more must confirm them."""
        return key if self.confirmed else f"{key}_first"


class Restored(Answer, frozen=True):
    """The act by which the approved policy came back."""

    position: int | None


class PolicyWord(Answer, frozen=True):
    """A word that a marking may use, with what it says; or a reader with their clearance."""

    texts: ClassVar = "policy.list"
    columns: ClassVar = ("what", "word", "says")

    what: str
    word: str
    says: str


class PolicyWords(Answer, frozen=True):
    """The words and readers of a policy; `policy`: whether the floor has one."""

    words: list[PolicyWord]
    policy: bool

    def done(self, key: str) -> str:
        """Return the key of the text for a floor without a policy, or for an empty one."""
        return key if self.policy else f"{key}_without"


class MarkingChange(Answer, frozen=True, kw_only=True):
    """A record that was marked anew: its id before, its old and its new marking."""

    record: str
    old: str = msgspec.field(name="from")
    to: str
    act: Literal["downgraded", "upgraded"]

    def done(self, key: str) -> str:
        """Return the key of the text that says what was done."""
        return key + self.act


class NewPolicy(Request, frozen=True):
    """Where the policy goes."""

    file: Annotated[Path, argument("[FILE]", "The new file.")] = Path("policy.toml")


@action("marking init", "marking init policy.toml", writes=True, files_only=True, done="policy.written")
def init(_: Context, ask: NewPolicy) -> FileView:
    """Write a policy to begin with: each word explained, to be filled in."""
    with new_file(ask.file, terms.template().encode()):
        pass
    return FileView(str(ask.file))


class OnePolicy(Request, frozen=True):
    """Which policy."""

    file: PolicyFile


@action("marking check", "marking check policy.toml", files_only=True, done="policy.usable")
def check(_: Context, ask: OnePolicy) -> PolicyCheck:
    """Check a policy without setting it: what is wrong is named with its line."""
    made = terms.read(read_text(ask.file), str(ask.file))
    terms.check_usable(made, str(ask.file))
    words = sum(len(getattr(made, table)) for table in TABLES)
    change = sorted(name for name, one in made.readers.items() if one.role == "supervisor")
    return PolicyCheck(str(ask.file), len(made.readers), words, change)


@action("marking set", "marking set policy.toml --floor floor", writes=True, done="policy.done_")
def set_(context: Context, ask: OnePolicy) -> PolicyChange:
    """Give a floor its policy.

    Where it has one, a supervisor proposes another, and a second one approves it.
    """
    floor, text = context.floor, read_text(ask.file)
    terms.check_usable(terms.read(text, str(ask.file)), str(ask.file), context.actor.name)
    context.reader  # noqa: B018 - also where somebody took the policy away
    if terms.load(floor.root) is not None:
        return propose(context, text)
    return _changed(context, policies.Change(policies.install(floor, context.actor, text), True), text)


def propose(context: Context, text: str) -> PolicyChange:
    """Propose another policy, which a second supervisor puts in force; the only one does so alone."""
    return _changed(context, policies.propose(context.floor, context.actor, text), text)


def _changed(context: Context, done: policies.Change, text: str) -> PolicyChange:
    return PolicyChange(
        readers=len(terms.read(text, terms.NAME).readers),
        position=context.known_position(done.position),
        proposed=not done.in_force,
        digest=done.digest,
        proposed_by=done.proposed_by or None,
    )


@action("marking proposed", "marking proposed --floor floor", rows="proposed", empty="policy.none")
def proposed(context: Context, _: Request) -> ProposedPolicies:
    """List the policies that are proposed, with what each changes; for supervisors."""
    context.reader  # noqa: B018 - who may not read here is refused
    present = policies.supervised(context.floor, context.actor.name)
    found = {policies.digest_of(act): act for act in context.floor.proposed_policies()}
    context.log_query("policies", shown=list(found))
    rows = []
    for key, act in found.items():
        other = terms.read(str((act.detail or {})["text"]), terms.NAME)
        by = act.actor.name if act.actor else ""
        rows.append(ProposedPolicy(key[:12], by, "; ".join(terms.differences(present, other))))
    return ProposedPolicies(rows)


class ApprovePolicy(Request, frozen=True):
    """Which proposed policy."""

    digest: Annotated[
        str, argument("[DIGEST]", "The proposed policy, by the start of its digest; without it, list.")
    ] = ""


@action(
    "marking approve",
    "marking approve 5f0c77ab --floor floor",
    writes=True,
    listing=proposed,
    done="policy.done_",
)
def approve(context: Context, ask: ApprovePolicy) -> PolicyChange:
    """Put a policy in force that another supervisor has proposed; without a digest, list what is proposed."""
    context.reader  # noqa: B018 - who may not read here is refused
    done = policies.approve(context.floor, context.actor, ask.digest)
    return _changed(context, done, read_text(context.floor.root / terms.NAME))


@action("marking restore", "marking restore --floor floor", writes=True, done="policy.restored")
def restore(context: Context, _: Request) -> Restored:
    """Put the policy back that was approved last, where the file is another one. Anybody may."""
    text = context.floor.approved_policy()
    if text is None:
        raise Unusable(reason(policies.NO_POLICY))
    policies.put(context.floor, text)
    return Restored(context.known_position(context.floor.act(context.actor, "policy-restored", {})))


class ConfirmSettings(Request, frozen=True):
    """The settings that were shown, if any were."""

    settings: Annotated[str | None, screen("Digest of the settings that the page showed.")] = None


@action("marking confirm", "marking confirm --floor floor", writes=True, done="policy.confirmed")
def confirm(context: Context, ask: ConfirmSettings) -> SettingsChange:
    """Confirm settings of feeds, gateways and the console, and rights of accounts, as they are now.

    Two supervisors do: the second one's word puts them into the log. Where there is one, that one does.
    """
    context.reader  # noqa: B018 - who may not read here is refused
    done = policies.confirm(context.floor, context.actor, ask.settings)
    position = context.known_position(done.position)
    return SettingsChange(confirmed=done.in_force, proposed_by=done.proposed_by or None, position=position)


@action(
    "marking list",
    "marking list --floor floor --lang fr",
    settings_only=True,
    rows="words",
    empty="policy.no_words",
)
def list_(context: Context, _: Request) -> PolicyWords:
    """List the words that markings may use here, with what they say, and the readers."""
    policy = terms.load(context.floor.root)
    return PolicyWords(_words(policy, context.language) if policy else [], policy is not None)


def _words(policy: Terms, language: Language) -> list[PolicyWord]:
    words = [
        PolicyWord(table, word, says.called(language))
        for table in TABLES
        for word, says in sorted(getattr(policy, table).items())
    ]
    return words + [PolicyWord("readers", name, _cleared(policy, name)) for name in sorted(policy.readers)]


def _cleared(policy: Terms, name: str) -> str:
    one = policy.reader(Reader(name))
    inside = f", in {', '.join(sorted(one.compartments))}" if one.compartments else ""
    return f"{policy.readers[name].role}, {level(one)}//TLP:{TLP[one.tlp]}{inside}"


class Remark(Request, frozen=True):
    """A record and its new marking."""

    record: Annotated[str, argument("RECORD", "The record's id, or the start of it.")]
    to: Annotated[str, option("Its new marking, whole, such as PA//TLP:AMBER.", required=True)] = ""
    why: Annotated[str, option("The reason; it stays in the log.", required=True)] = ""


class Downgrade(Remark, frozen=True):
    """A record, its new marking, and whether its portions go with it."""

    portions: Annotated[bool, option("Mark those of its portions that are above it anew too.")] = False


@action(
    "marking downgrade",
    'marking downgrade 5f0c --to PA//TLP:GREEN --why "published on 3 March"',
    writes=True,
    done="policy.record_",
)
def downgrade(context: Context, ask: Downgrade) -> MarkingChange:
    """Mark a record less strictly: by its originator only, with the reason. A new record takes its place.

    Refused while a portion of its text is marked above the new marking; --portions marks it anew too.
    """
    return _remark(context, ask, lower=True, portions=ask.portions)


@action(
    "marking upgrade",
    'marking upgrade 5f0c --to PB//TLP:RED --why "names a source"',
    writes=True,
    done="policy.record_",
)
def upgrade(context: Context, ask: Remark) -> MarkingChange:
    """Mark a record more strictly; anybody may. Who could see it before keeps what was seen."""
    return _remark(context, ask, lower=False)


def _remark(context: Context, ask: Remark, *, lower: bool, portions: bool = False) -> MarkingChange:
    """Write the record again under its new marking, log why, and run the desks on it."""
    new = parse(ask.to)
    kind, row = find(context.floor, ask.record, context.reader)
    old, sender = parse(row["marking"]), node_of(row["source"])
    mine = context.reader.organisation
    refused = why_not_lower(old, new, mine, sender) if lower else why_not_higher(old, new)
    with context.writer() as writer:
        act = remark(writer, kind, row, new, ask.why, refused, portions=portions)
        with context.busy("acts.running"):
            rerun(context.floor, writer, context.reader)
    return MarkingChange(record=row["record_id"].hex(), old=str(old), to=str(new), act=act)
