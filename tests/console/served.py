"""A console that is really served, for tests: on a free port, in a thread, on a floor of its own."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from watchfloor.cell.rerun import rerun
from watchfloor.console.services import Services
from watchfloor.console.serving import Where, address, listening, server, sockets
from watchfloor.exercise.make import make
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

PASSWORD = "a long enough sentence"
PURPOSE, AUTHORITY = "tests", "an Act, s. 1"
KEEPER = Actor("keeper", PURPOSE, AUTHORITY)


def exercise(home, scale=0.2, seed=1):
    """A floor with a small exercise in it, without sensors, its desks run."""
    made = make(home / "exercise", seed=seed, scale=scale, sensors=False)
    floor = Floor.create(home / "floor", KEEPER, name="exercise", ceiling="PB//TLP:RED", exercise=True)
    config.install(floor.root, made.settings)
    with floor.writer(KEEPER) as writer:
        list(ingest_all(writer, [made.lists, made.feeds], config.load(floor.root), Orders()))
        rerun(floor, writer, floor.reader("keeper", PURPOSE))
    return floor


@dataclass
class Console:
    """What a test talks to."""

    services: Services
    home: str
    tokens: dict = field(default_factory=dict)
    port: int = 0

    @property
    def floor(self):
        return self.services.floor

    def account(self, name="okafor", *, administrator=False):
        """An account with the password `PASSWORD`, made by its one-time link."""
        if all(one.name != name for one in self.services.accounts.all()):
            self.services.accounts.add(name, administrator=administrator)
            self.services.accounts.redeem(self.services.accounts.link(name), PASSWORD)
        return name

    def token(self, name="okafor", purpose=PURPOSE, authority=AUTHORITY, language="en"):
        """The token of a session that has stated its purpose."""
        self.account(name)
        token = self.services.sessions.begin(name, language)
        if purpose:
            self.services.sessions.state(self.services.sessions.find(token).key, purpose, authority)
        return token

    def session(self, token):
        return self.services.sessions.find(token)


@contextmanager
def served(floor, where=None, entrance=None):
    """Serve a floor. Pictures and jobs are made in threads: a process costs seconds and changes nothing."""
    where = where or Where(port=0)
    with sockets(where) as bound, ThreadPoolExecutor(2) as makers, ThreadPoolExecutor(1) as jobs:
        services = Services(floor, listening(where), makers, jobs)
        services.entrance = entrance
        services.silence = 120.0  # a test of a page waits for the page
        one = server(services, where)
        thread = threading.Thread(target=one.run, args=([bound],))
        thread.start()
        try:
            until = time.monotonic() + 20
            while not one.started:
                assert time.monotonic() < until
                time.sleep(0.02)
            yield Console(services, address(where, bound), port=bound.getsockname()[1])
        finally:
            one.should_exit = True
            thread.join()
            services.close()
