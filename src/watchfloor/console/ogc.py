"""OGC API Features in the console's process: an officer asks by session or token, a partner by key."""

from collections.abc import Mapping
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import Scope

from watchfloor.cell.acts import Refusal
from watchfloor.console.access.sessions import Session
from watchfloor.console.endpoints.api import Api
from watchfloor.console.endpoints.browser import SESSION_BURST, SESSION_PER_SECOND
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.console.operations import incident
from watchfloor.console.services import Services
from watchfloor.core.limits import Rate
from watchfloor.core.messages import Language, declare, reason
from watchfloor.exchange.ogc.routes import Ogc, View
from watchfloor.exchange.ogc.sources import OfficerView, PartnerView, Snapshots
from watchfloor.exchange.partners import publisher
from watchfloor.exchange.partners.door import Shut, shown
from watchfloor.exchange.partners.partner import Partner
from watchfloor.exchange.shelf import Shelf
from watchfloor.exchange.taxii.queries import Wrong
from watchfloor.exchange.taxii.routes import BEHIND
from watchfloor.policy.gateways import Refusal as Unlawful
from watchfloor.store.errors import StoreError
from watchfloor.store.readers import NotPermitted

NO_KEY: Final = declare("ogc.no-key")
NO_PURPOSE: Final = declare("ogc.no-purpose")
WAIT: Final = declare("ogc.wait", "seconds")


def ogc(services: Services, api: Api) -> Ogc:
    """Return the application."""
    snapshots, rate = Snapshots(), Rate(SESSION_BURST, SESSION_BURST / SESSION_PER_SECOND)
    floor, door = services.floor, services.partner_door

    async def admit(scope: Scope, headers: Mapping[str, str]) -> View:
        session, _ = await run_sync(api.session_of, Request(scope))
        if session is not None:
            return await run_sync(officer, session)
        brought, client = headers.get("authorization", ""), scope.get("client")
        try:
            partner = door.remembered(brought, door.state(), shown(scope))
            if partner is None:
                address = client[0] if client else ""
                partner = await run_sync(door.admit, brought, address, shown(scope))
        except Shut as error:
            if error.status == 429:
                raise _waiting(error.wait) from None
            raise _no_key() from None
        language: Language = "fr" if headers.get("accept-language", "")[:2].lower() == "fr" else "en"
        shelf = services.shelves.shelf(partner.shelf)
        return PartnerView(floor, partner, shelf, services.deliveries, snapshots, settle, language)

    def settle(partner: Partner, shelf: Shelf) -> None:
        try:
            if not publisher.seen(floor, partner, door.state()):
                publisher.settle(floor, partner, shelf)
        except publisher.Behind as error:
            told = {"Retry-After": str(error.seconds)}
            raise Wrong(503, reason(BEHIND, seconds=error.seconds), told) from None
        except (Refusal, Unlawful, NotPermitted):  # access ended, theirs or of the person who added them
            raise _no_key() from None

    def officer(session: Session) -> View:
        if wait := rate.spend(session.key.hex()):
            raise _waiting(int(wait) + 1)
        if not session.stated or not services.admits(session):
            raise Wrong(403, reason(NO_PURPOSE))
        asker = Asker(services, session)
        try:
            reader = asker.reader
        except (NotPermitted, StoreError):
            raise Wrong(403, reason(NO_PURPOSE)) from None

        def log(collection: str, names: list[str]) -> None:
            asker.log_query("map", collection=collection, shown=names)

        who = f"officer {session.account}\x1f{session.purpose}"
        return OfficerView(floor, reader, who, session.language, snapshots, log)

    return Ogc(floor, admit, told=lambda error: incident(error, "ours"))


def _no_key() -> Wrong:
    return Wrong(401, reason(NO_KEY), {"WWW-Authenticate": 'Basic realm="OGC"'})


def _waiting(seconds: int) -> Wrong:
    return Wrong(429, reason(WAIT, seconds=seconds), {"Retry-After": str(seconds)})
