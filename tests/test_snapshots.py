"""What people and programs rely on is as recorded; `--json` is compared in `cli/`, answers in `desks/`."""

import sqlite3
from contextlib import closing
from pkgutil import resolve_name
from unittest import mock

import msgspec
import pytest
import typer
from tests import snapshots
from tests.store.rows import ingest

from watchfloor.cli import app
from watchfloor.console.access.file import AccessFile
from watchfloor.console.endpoints.openapi import document
from watchfloor.console.registry import ENDPOINTS
from watchfloor.core.kinds import KINDS
from watchfloor.desks import registry
from watchfloor.run import run
from watchfloor.store import Actor, Floor, catalogue
from watchfloor.store.index import file as index
from watchfloor.store.server import postgres

pytestmark = pytest.mark.group("commands")  # in a process that has loaded all rooms already

SETTINGS = """
floor store.settings.Settings, feeds feeds.config.Feed, policy policy.terms.Terms,
gateways policy.gateway_rows.GatewayRow, console console.settings.ConsoleSettings,
powers casework.referrals.powers.Powers, units casework.tasking.units.Units,
assets casework.tasking.assets.Assets, watch casework.watch.orders.Watch,
inspection planning.inspections.means.Table, coverage planning.coverage.schedule.Schedule,
patrols planning.patrols.operations.Operations,
fintrac exchange.fintrac.entity.Entity
"""


def test_commands_and_their_parameters_are_as_recorded():
    found = dict(snapshots.commands(typer.main.get_command(app)))
    snapshots.check("commands.txt", found)
    snapshots.check_keys("json.txt", found.keys() - {"watchfloor"})


def test_the_api_is_as_recorded():
    snapshots.check("openapi.txt", dict(snapshots.api(document(ENDPOINTS, "a floor"))))


def test_kinds_and_settings_are_as_recorded():
    desks = registry.desks().values()
    snapshots.check_keys("desks.txt", [f"{desk.name} {kind}" for desk in desks for kind in desk.yields])
    schemas = {f"kind {name}": kind.schema for name, kind in KINDS.items()}
    schemas |= {f"derived {name}": schema for desk in desks for name, schema in desk.yields.items()}
    schemas |= {f"live {name}": schema for desk in desks for name, schema in desk.live.items()}
    found = {name: snapshots.columns(schema) for name, schema in schemas.items()}
    for file, place in map(str.split, SETTINGS.split(",")):
        _, structs = msgspec.json.schema_components([resolve_name(f"watchfloor.{place}")])
        found |= {f"settings {file} {name}": list(snapshots.fields(one)) for name, one in structs.items()}
    snapshots.check("layout.txt", found, ("kind ", "derived ", "live ", "settings "))


def test_tables_and_files_of_a_floor_are_as_recorded(tmp_path, monkeypatch):
    for module in ("segments.draft", "intake", "blobs"):
        monkeypatch.setattr(
            f"watchfloor.store.{module}.SMALL", 4
        )  # so that a few rows have files of their own
    actor, desk = Actor("tester", "testing", "none"), registry.desks()["reports"]
    floor = Floor.create(tmp_path / "floor", actor)
    with floor.writer(actor) as writer:
        ingest(writer, range(90))
        writer.keep_run(desk.name, desk.version, 1, {}, run(desk, *registry.sample(desk, 0)))
    index.open_(floor.root).close()
    AccessFile(floor.root).close()
    found = {f"floor {folder}": names for folder, names in snapshots.folders([floor.root]).items()}
    for path in floor.root.glob("*.sqlite"):
        with closing(sqlite3.connect(path)) as database:
            rows = database.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
        virtual = [f"{name}_" for name, sql in rows if sql.startswith("CREATE VIRTUAL")]
        made = snapshots.definitions(sql for name, sql in rows if not name.startswith((*virtual, "sqlite_")))
        found |= {f"floor {path.name} {name}": lines for name, lines in made.items()}
    snapshots.check("layout.txt", found, "floor ")


def test_tables_on_a_server_are_as_recorded():
    database = mock.Mock(**{"server.schema": "a_floor"})
    postgres.create(database, catalogue.TABLES, catalogue.LAYOUT)
    made = snapshots.definitions(call.args[0] for call in database.execute.call_args_list)
    snapshots.check("layout.txt", {f"server {name}": lines for name, lines in made.items()}, "server ")
