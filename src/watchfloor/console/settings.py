"""How a console is run: `console.toml` in the floor's folder, and what the command line says.

passwords = true           # false: people sign in at the provider of [oidc] alone, without it by passkeys

[sessions]
hours = 13                 # a watch and its handover; then one signs in again
idle_hours = 4

[uploads]
most_mib = 8192            # of one file that is dropped on the page of feeds

[diagnostics]
timing = false             # whether each answer tells everybody how long it took (Server-Timing)
metrics_env = ""           # variable of the environment with the token for /metrics

[map]
region = ""                # PMTiles file of the regional base map, by its path from the floor's folder

[oidc]                     # signing in at an institution's own provider; see docs/console-access.md
issuer = "https://login.example"
client_id = "watchfloor"

[notices]                  # what leaves the console, see docs/console-notices.md; each is off if not here
link = "https://watchfloor.example"
[notices.email]
host = "mail.example"
sender = "watchfloor@example"
ceiling = "PA//TLP:GREEN"  # what may be said; of the rest, that there is something new
[notices.email.to]
okafor = "okafor@example"
"""

from pathlib import Path
from typing import Final, Literal

import msgspec

from watchfloor.casework.notices.channels import Channels
from watchfloor.formats.settings import Settings, read_text

NAME: Final = "console.toml"


class SessionsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long somebody stays signed in, in hours."""

    hours: float = 13
    idle_hours: float = 4


class Uploads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of uploads on the page of feeds."""

    most_mib: int = 8192


class Diagnostics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Diagnostics of the console itself.

    Attributes:
        timing: whether each answer says how long it took: that tells everybody what is held, to who measures.
        metrics_env: variable of the environment with the token for `/metrics`; none: administrators alone.
    """

    timing: bool = False
    metrics_env: str = ""


class MapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of maps; `region`: the PMTiles file of the regional base map, by its path; empty: none."""

    region: str = ""


class Oidc(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An OpenID provider.

    Attributes:
        issuer: its address, under which its discovery document lies.
        client_id: as the provider knows this console.
        secret_env: variable of the environment that holds the client's secret; none: a public client with
            PKCE.
        name: claim that names the person as this floor's policy does.
        acr: values of `acr`, any of which says that a second factor was used.
        amr: methods of `amr` that are a second factor: `mfa` alone, any other beside one more.
        called: what the button says.
        by_name: whether an account for which no id of a person was given is opened to the first who comes
            under its name; only where nobody can choose that name at the provider.
    """

    issuer: str
    client_id: str
    secret_env: str = ""
    name: str = "preferred_username"
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ("mfa", "otp", "hwk", "swk", "fido")
    called: str = "OpenID"
    by_name: bool = False


class ConsoleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as a whole; `passwords`: whether people may sign in by one, beside a provider or passkeys."""

    sessions: SessionsSettings = SessionsSettings()
    uploads: Uploads = Uploads()
    diagnostics: Diagnostics = Diagnostics()
    map: MapSettings = MapSettings()
    oidc: Oidc | None = None
    language: Literal["en", "fr"] = "en"
    passwords: bool = True
    notices: Channels = Channels()

    @property
    def links(self) -> bool:
        """Whether a link opens an account, and its passkeys do: not where a provider alone may."""
        return self.passwords or self.oidc is None

    def region(self, floor: Path) -> Path | None:
        """Return the file of the regional base map; None: there is none."""
        return floor / self.map.region if self.map.region else None


def load(floor: Path) -> ConsoleSettings:
    """The floor's own, or the ones above where it has none. Raises `SettingsError`, which names the line."""
    path = floor / NAME
    if not path.exists():
        return ConsoleSettings()
    file = Settings(read_text(path), str(path))
    return file.convert(file.values, ConsoleSettings)
