"""Services of a console: one of each a process, made at its start and closed at its end."""

import multiprocessing
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from watchfloor.actions.base import Context
from watchfloor.casework.notices import channels
from watchfloor.console import settings
from watchfloor.console.access.accounts import Accounts
from watchfloor.console.access.administering import Administration
from watchfloor.console.access.door import Door
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.oidc import Provider
from watchfloor.console.access.sessions import Session, Sessions
from watchfloor.console.assets import Assets
from watchfloor.console.audit_writer import Scribe
from watchfloor.console.endpoints.bodies import Bodies
from watchfloor.console.graphs import Graphs
from watchfloor.console.jobs import children, deliveries, work
from watchfloor.console.jobs.job_file import JobFile, forget
from watchfloor.console.jobs.jobs import JobRecord, Jobs
from watchfloor.console.jobs.uploads import Uploads
from watchfloor.console.live.events import Events
from watchfloor.console.live.news import News
from watchfloor.console.live.notices import Notices
from watchfloor.console.live.sending import Sender
from watchfloor.console.map.region import Region
from watchfloor.console.memory import Memory
from watchfloor.console.operations import Metrics
from watchfloor.console.pictures.picture import Picture
from watchfloor.console.pictures.picture_cache import Pictures
from watchfloor.console.plans import Plans
from watchfloor.console.tables import Tables
from watchfloor.console.upkeep.scheduler import Scheduler
from watchfloor.desks.registry import declare_messages
from watchfloor.exchange.deliveries import Deliveries
from watchfloor.exchange.log.identity_cache import Roll
from watchfloor.exchange.partners import publication
from watchfloor.exchange.partners.door import Door as PartnerDoor
from watchfloor.exchange.shelf import Shelves
from watchfloor.feeds.live import status
from watchfloor.messages.catalogue import Catalogue
from watchfloor.store.floor import Floor
from watchfloor.store.standby import gate

SILENCE: Final = 1.0
"""Seconds for which a page may wait without a word; then it says what is prepared, and goes on by itself."""
LOOKS: Final = 0.25
"""Seconds between two looks at whether the floor has moved."""
SHIPS: Final = 10.0
"""Seconds in which what was committed last is shipped when the console stops."""
WORKS: Final[dict[str, Callable[..., Any]]] = {
    "ingest": deliveries.ingest,
    "retry": deliveries.again,
    "rerun": work.rerun,
    "publish": work.publish,
}
"""Jobs that another console can do."""
SENDS: Final = 1.0
"""Seconds between two looks at what is to be sent."""


@dataclass(frozen=True)
class Listening:
    """Where the console is reached.

    Attributes:
        hosts: its own names.
        tls: whether by TLS.
        proxied: whether only through a proxy.
        origin: of links that are sent to somebody, from the name that was configured; empty: as it was asked.
        local: whether only this machine reaches it.
    """

    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})
    tls: bool = False
    proxied: bool = False
    origin: str = ""
    local: bool = True


ENROLLING: Final = frozenset(
    """purpose purpose.state session session.end profile profile.prove profile.password profile.second
    profile.enrol profile.passkey profile.passkey-options profile.passkey-proof profile.end""".split()
)
"""Endpoints by which a person adds a second factor."""


@dataclass
class Entrance:
    """The way by which whoever starts an exercise's demo is in, once, with account and purpose as stated.

    Attributes:
        account, purpose, authority: of the session.
        to: the page that it leads to.
        ready: waits until there is something to see; entered: called when somebody came.
        token: what its address says; empty once it was used.
    """

    account: str
    purpose: str
    authority: str
    to: str
    ready: Callable[[], object]
    entered: Callable[[], object]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def use(self, token: str) -> bool:
        """Return whether this is its token, which then is used up."""
        if not (self.token and secrets.compare_digest(self.token.encode(), token.encode())):
            return False
        self.token = ""
        return True


class Services:
    """Services of a console.

    Args:
        floor: which.
        listening: where it is reached.
        executor: where pictures are made; None: in processes of their own.
        jobs: where long work is done; None: in a process of its own.

    Attributes:
        floor, listening: as given.
        settings: of `console.toml`.
        words, assets: of the interface; `region`: the regional base map.
        file, accounts, sessions: who may come in.
        provider: that vouches for people; None without one.
        door: checks who somebody is; administration: changes accounts.
        scribe: logs what is looked at.
        partner_door: checks whose machine asks; shelves: what partners may pull; deliveries: what they did.
        pictures: queues of views; `graphs`: who is named with whom in them.
        roll: whose each act of the log is.
        notices: makes those of who follows something; `bells`: by session, how many were not read.
        addressee: gives the context of a person who is not here, to whom something is sent.
        events: the stream; `news` tells it what may be told to whom.
        jobs: long work.
        trials: reads files that are tried and change nothing, beside the jobs.
        plans: plans of patrols, made beside both.
        bodies: forms and JSON that are read into memory.
        metrics: what operators count.
        uploads: files that were dropped and are worked on.
        tables: those of them that are being mapped.
        scores: by session, the last score of an exercise.
        placements: by session, the last two placements of detectors.
        enrolling: by session, the secret of a second factor that is being set up.
        heard: by session, what to say on the next page.
        sent: by token of a form, where it led: sent twice, it writes once.
        entrance: of a demo; None: people sign in.
        silence: seconds for which a page may wait for its first queue, graph or scorecard without a word.
    """

    def __init__(
        self,
        floor: Floor,
        listening: Listening | None = None,
        executor: Executor | None = None,
        jobs: Executor | None = None,
    ) -> None:
        declare_messages()
        self.floor, self.listening = floor, listening or Listening()
        self.settings = settings.load(floor.root)
        self.words, self.assets = Catalogue(), Assets()
        self.region = Region(self.settings.region(floor.root))
        self.provider = Provider(self.settings.oidc) if self.settings.oidc else None
        self.file = AccessFile(floor.root)
        self.accounts = Accounts(self.file)
        hours = self.settings.sessions
        self.sessions = Sessions(self.file, hours.hours, hours.idle_hours)
        self.scribe = Scribe(floor)
        issuer = self.settings.oidc.issuer if self.settings.oidc else ""
        passwords, links = self.settings.passwords, self.settings.links
        self.door = Door(self.accounts, self.scribe.log, passwords=passwords, passkeys=links)
        self.administration = Administration(
            *(self.file, self.accounts, self.sessions, self.scribe.log, issuer, links),
            by_name=bool(self.settings.oidc and self.settings.oidc.by_name),
        )
        self.partner_door, self.shelves = PartnerDoor(floor, self.scribe.log), Shelves(floor)
        self.deliveries = Deliveries.open(floor)
        self.events = Events()
        self.news = News(floor, self.events)
        self._executor = executor or ProcessPoolExecutor(
            2, multiprocessing.get_context("spawn"), children.begin
        )
        self.pictures = Pictures(floor, self._executor, self._changed)
        self.notices = Notices(floor, self.pictures, self._people, lambda: tuple(self.settings.notices.all))
        self.addressee: Callable[[Session], Context] | None = None
        self._sender = Sender(
            floor, self.settings, self.words, lambda one: self.addressee(one) if self.addressee else None
        )
        self.graphs = Graphs(floor, self._executor)
        self.roll = Roll(floor)
        self.plans = Plans(floor, Jobs(jobs))
        self.silence = SILENCE
        self.tables, self.scores = Tables(), Memory[Any]()
        self.placements = Memory[Any]()
        self.bodies, self.metrics = Bodies(), Metrics()
        self.metrics.gauges["watchfloor_log_acts"] = lambda: floor.position
        console = secrets.token_hex(8)
        self._job_file = JobFile(floor.root, console)
        needed, most = self._job_file.files(), self.settings.uploads.most_mib << 20
        self.uploads = Uploads(floor.root, most, needed, console)
        record = JobRecord(self._job_file, floor.root, self.uploads.folder, WORKS, frozenset({"rerun"}))
        self.jobs, self.trials = Jobs(jobs, record), Jobs(jobs)
        self.heard: Memory[list[str]] = Memory()
        self.enrolling: Memory[str] = Memory()
        self.sent: Memory[str] = Memory()
        self.drafts: Memory[Any] = Memory()
        self.bells: Memory[tuple[tuple[object, ...], int]] = Memory()
        self.entrance: Entrance | None = None
        self._publisher = children.Child(children.publish, str(floor.root))
        self.scheduler = Scheduler(floor)
        self.metrics.more.append(lambda: self.scheduler.metrics)
        self._shipper = children.Child(children.ship, str(floor.root))
        self.metrics.more.append(self._standby_metrics)
        self.metrics.more.append(self._partner_metrics)
        self.metrics.more.append(self._live_metrics)
        self._stop = threading.Event()
        self._resume_jobs()
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._watcher.start()
        self._noticing = threading.Thread(target=self._notice, name="notices", daemon=True)
        self._noticing.start()
        self._sending = [
            threading.Thread(target=self._send, args=(name,), name=f"sending {name}", daemon=True)
            for name in self.settings.notices.all
        ]
        for each in self._sending:
            each.start()
        self._upkeep = threading.Thread(
            target=self.scheduler.watch, args=(self._stop,), name="upkeep", daemon=True
        )
        self._upkeep.start()

    def _partner_metrics(self) -> list[str]:
        """Lines about publications to partners; of which it is, pages tell."""
        if not self.floor.newest_act("partner"):
            return []
        return [f"watchfloor_publications_failing {publication.failing(self.floor)}"]

    def _standby_metrics(self) -> list[str]:
        """Lines about the standby of the floor: whether it is shipped to, and how far it is behind."""
        if not (self.floor.root / gate.SETTINGS).exists():
            return []
        shipped = gate.shipped(self.floor.root)
        lines = [f"watchfloor_standby_shipping {int(shipped is not None)}"]
        if shipped is not None:
            lines.append(f"watchfloor_standby_lag_acts {max(0, self.floor.position - shipped)}")
        return lines

    def _live_metrics(self) -> list[str]:
        """Lines about live sources: whether anything is taken in, and how many stand how."""
        if not (self.floor.root / status.FOLDER).exists():
            return []
        found = status.read(self.floor.root).sources
        taking = int(found is not None and not found.problem)
        states = Counter(one.state for one in found.sources) if found else Counter[str]()
        counts = [f'watchfloor_live_sources{{state="{one}"}} {states[one]}' for one in status.STATES]
        return [f"watchfloor_live_taking {taking}", *counts]

    def _resume_jobs(self) -> None:
        """Have the jobs of consoles that are no more."""
        lives = {one.name for one in self.uploads.folder.parent.iterdir()}
        people = set(self._people())
        self.jobs.resume([one for one in self._job_file.consoles() if one not in lives], people.__contains__)

    def admits(self, session: Session, endpoint: str = "") -> bool:
        """Whether a session shows enough of who it is: two factors where other machines reach the console.

        With one it may add a second, and end.
        """
        return session.strong or self.listening.local or endpoint in ENROLLING

    def check(self) -> None:
        """Raise what is wrong where floor or accounts cannot be read, or nobody looks whether it moved."""
        if not self._watcher.is_alive():
            raise RuntimeError("the watcher of the floor has ended")
        self.floor.position  # noqa: B018 - read, not used
        self.file.database.execute("SELECT count(*) FROM accounts").fetchone()

    def close(self) -> None:
        """Stop what runs, and let go of everything."""
        self.events.close()
        self._stop.set()
        self._watcher.join()
        self._upkeep.join()
        self.scheduler.close()
        self.jobs.close()
        self.trials.close()
        self.plans.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._noticing.join()
        self._publisher.close()
        self._shipper.close(SHIPS)
        for each in self._sending:
            each.join(channels.PATIENCE)  # a server that answers a byte at a time ends no line
        self.uploads.close(self._job_file.files())
        self._job_file.close()
        self.shelves.close()
        self.deliveries.close()
        self.scribe.close()
        self.file.close()

    def _watch(self) -> None:
        """Have pictures made anew when the floor moved, and tell the news.

        What cannot be read now is looked at again: whoever asks for a page is told what is wrong.
        """
        last = -1
        while not self._stop.wait(LOOKS):
            now = self.floor.now()
            with suppress(Exception):
                position = self.floor.position
                if position != last:
                    self.pictures.look(now)
                    self.roll.grow()
                    last = position
            with suppress(Exception):
                self.news.look(now)
            with suppress(Exception):
                self.deliveries.sum_up(self.floor, now)

    def _notice(self) -> None:
        """Make notices in a thread of its own, and have a process publish to partners where there are any."""
        while not self._stop.wait(LOOKS):
            with suppress(Exception):
                self.notices.look(self.floor.now())
            with suppress(Exception):
                if self.floor.newest_act("partner"):
                    self._publisher.keep()
            if (self.floor.root / gate.SETTINGS).exists():
                with suppress(Exception):
                    self._shipper.keep()
            with suppress(Exception):
                if forget(self.floor.root, self.floor.newest_act("erasure")):
                    self.jobs.forget()

    def _send(self, channel: str) -> None:
        """Send notices by a channel, in a thread of its own: who is slow to take one delays nothing else."""
        while not self._stop.wait(SENDS):
            with suppress(Exception):
                self._sender.look(channel)

    def _people(self) -> list[str]:
        return [one.name for one in self.accounts.all() if not one.disabled]

    def _changed(self, view: str, before: Picture | None, now: Picture, number: int) -> None:
        """Tell who has a view that its queue changed."""
        self.news.queue(self.pictures, view, before, now, number)
