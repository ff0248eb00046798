"""The command line: one module a command, all sharing `watchfloor.cli.common`.

A command's module is imported when the command is called, and modules of the other rooms inside the commands:
nothing waits for what it does not use.
"""

import gc
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from importlib import import_module
from importlib.abc import MetaPathFinder
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from watchfloor.cli import command_log
from watchfloor.cli.common import BROKEN, MISSING, USAGE, err, of_error, system_account

TABLE: Final = """
[Every day]
demo demo.floor:demo Make an exercise, ingest it with a list, run every desk, print the queue.
init init:init Make a new floor.
serve serve:serve Open the console: queue, leads, map, watch, feeds, audit.
ingest ingest:ingest Take files in; ends with received = accepted + duplicate + quarantined + withheld.
run run:run Run the desks over all evidence and keep what they make of it.
leads @leads:list_ The queue of leads: life at risk from 5 % on, then the likeliest; last what a
  take @triage:take_lead Take a lead: it is yours until you put it back, close it, or another takes it.
  watch @triage:watch Watch a lead: it stays in sight, and nobody need act on it now.
  close @triage:close Close a lead, with the ground: unfounded, acted-on, passed-on, duplicate or not-ours.
  reopen @triage:reopen Open a closed lead again, or put one back that you took; it is new, and nobody's.
  comment @triage:comment Comment on a lead; @name tells whom it is for.
  decide @decisions:decide Record what you decided about a lead.
  merge @decisions:merge Join two leads: their subjects are one matter.
  apart @decisions:apart Hold two subjects apart, whatever any rule says: they are two matters.
  unmerge @decisions:unmerge Take back a merge, or what holds two subjects apart.
  link @linking:link Subjects of different feeds that are likely one, and why.
  compare @linking:compare Tell whether two records agree in what may only confirm or clear
  mentions @mentions:list_ List the subjects that reports seem to name; of one report all, else
  confirm @mentions:confirm Say that a report means the subject it seems to name, or that it does not
  outcome @outcomes:report Report what came of a lead.
  audit @audits A random sample of the leads that nobody acted on, which keeps `refit` honest.
  refit @learning:refit Fit the weight table to what came of leads; prints old and new, and changes no table
  fits @learning:fits The fits that were kept, each with the records it was made from.
  follow @notices:follow Follow a lead, a subject, a place, a stretch of the line or a saved view.
  unfollow @notices:unfollow Follow something no longer; its notices go too.
  export @leads:export Write the first leads of the queue as CSV, GeoJSON or KML, each with its marking.
  calibration @learning:calibration Compare the probabilities that were shown with what came of the leads.
notices @notices What is new about what you follow, and comments that are for you.
views @views Saved views: queries of the list of leads under names of your own.
lead @lead:show One lead: what speaks for and against it, to the record, what would change it, and who
coverage @coverage:show Say by kilometre and hour how likely a crossing is seen, by what, and whether
  compare @coverage_plans:compare Compare two plans: kilometre-hours by kind of crosser, cost, which stretches
  flown @flown_tracks:keep Keep the track of a patrol as coverage: where nothing was found, risk falls.
  score @coverage:score Hold stated probabilities against traces found afterwards, by kind of crosser
  sections @sections:list_ List the sections of the line: impact level, confidence, quality of data and
  impact @sections:impact Set the impact level of a section of the line, with the reason.
  restore @sections:restore Put the impact level of a section back to the one before the last act.
  request @sections:request Ask a unit for information about a section, by a deadline.
passes @satellites:passes Say when each satellite passes over each point, and under what angle; or for how
search @search:search Find records, reports and signals that hold all the words, name a subject, lie in a box
record @record:show Show a record, where it came from, and its original.
screen screen:screen Screen names against official lists; a hit is an invitation to look, never an identity.
listed listed:listed What stood on official lists on a day, by any set of their consolidations.
track track.track:track Follow what sensors saw: one row a track and output time, each with its uncertainty.
  motion motion:motion Write what moves in a clip of a fixed camera as SAPIENT messages, with box and bearing.
  score score:score Score tracks against a truth: GOSPA with its parts, IDF1, switches.
sight sight:sight Say which cells each site sees: one row a pair, with site, cell and visible.
identify identify:identify Which substances of a library a sample holds, by its spectra, and what of it stays
controlled controlled:controlled Is it controlled? A name, a CAS number, a SMILES or InChI, an InChIKey, or an
weigh weigh:weigh Link signals into leads and weigh them: an origin once, echoes for what they are, sums that
[By subject]
feeds - Bring feeds in: map tables, read quarantined pieces again, keep live sources.
  map map:map_ Propose how a table is read, show what comes of it, and write the mapping down.
  taxii taxii:taxii Pull a TAXII 2.1 collection from where the last pull of the feed ended; what has come is
  quarantine quarantine What could not be read, why, and reading it again.
  live live Sources that deliver by themselves: sockets, brokers, files that grow.
cases - Tasks, the watch, products, referrals, exhibits, seizures, disclosure to the Crown.
  task @ Give units tasks, lookouts and targets, and follow what becomes of them.
  watch @watch Keep the watch: log, alerts and who must answer them, handovers, the situation report.
  product @ Intelligence reports with portion markings and a tear-line: who received what, and recalls.
  referral @ Refer parcels and consignments for inspection, and follow each to its end.
  custody custody Exhibits from the seizure to the end: seals, analysts, transfers, clocks, mass balance,
  seizure @ Seizures of operations: records and totals.
  crown @crown Disclosure to the Crown: what is relevant to a case, with proofs; what is withheld, and why.
  deadlines @deadlines:list_ List the days by which something is due, overdue ones first: by law, by a
lists - Official lists, and assertions about exporters of concern.
  fetch fetch:lists Fetch current lists over HTTP from their official addresses.
  concern concern Exporters of concern: assertions with their source, their end and their reason.
lab - Libraries of spectra, and what instruments and their readings are worth.
  library library Libraries of spectra that `watchfloor identify` looks in.
  reading reading What a reading of an instrument is worth.
  devices devices:devices How often each device's alarms were confirmed, whether it drifts, what is overdue.
cargo cargo.group Models, rates and rehearsals of cargo inspection; `target` says what to inspect.
  target target:target Choose which parcels and consignments to examine, under a budget, with reasons
  waybill waybill Air waybills against the rules of pre-load guidance, each with its clause.
finance finance.group Payments of a bank: fit a model on labelled ones, score others, find patterns, without a
  fintrac @fintrac Reports to the financial intelligence unit: drafted here with the source of each field,
plan - Plan towers, patrols, satellites and detectors: where each goes, how far another plan could be better.
  adopt @plans:adopt Adopt a plan of patrols for its days: it is made by its seed and terms, and kept in
  adopted @plans:list_ List the plans of patrols that were adopted; the seed of each once its days are over.
  compare @plans:compare Compare two plans of patrols, or two placements of detectors: figures, stretches, who
  detectors @detectors:place Place detectors for the next season, with a reason for each port, and say what is
  game game:game Cover targets with the probabilities that are best against somebody who watches.
  cancel @satellite_orders:cancel Cancel orders that were placed together, so that coverage counts them no
  issue @joint_tasks:issue Issue a joint task to its units as one task, where `plan joint` finds nothing
  joint @joint_tasks:plan Check a joint task of air and marine units: range, fuel, landing, weather,
  order @satellite_orders:order Place orders of satellites: they are kept in the log, and coverage counts them
  orders @satellite_orders:list_ List the orders of satellites that were placed.
  patrols @patrols:plan Plan tours of crews and aircraft against somebody who watches, with files for
  satellites @satellite_orders:plan Choose which passes of satellites to order, for which stretch, so that
  search @search_plans:plan Plan the search for one object that drifts: probability of each area, and who
  tours tours:tours Plan tours that collect prizes: one that collects most, or several that cost least.
  towers towers:towers Choose the sites that together see most, with a bound on what any choice could reach.
  withdraw @plans:withdraw Withdraw a plan that was adopted, so that another may be adopted for its days.
roster - Rosters: who works when, under rules that name their clause, with a bound on what any could cost.
  answer @roster_calls:answer Write down who was asked to work what, and whether they agreed; who said no is
  answers @roster_calls:answers List who was asked to work more, by whom and when, and what they answered.
  calendar @roster_weeks:calendar Give the shifts of an officer as a calendar, from a week ago on, by the
  call-in @roster_calls:call_in Say who is asked first when somebody is ill, and what that changes and
  change @rosters:change Publish the next edition of a roster, with changes; `roster what-if` says before what
  check rosters:check Check a roster against every rule: what it costs, and each breach with its clause.
  explain conflicts:explain Explain what is short: the clauses and demands that cannot be met together.
  fairness fairness:fairness Count nights, weekends, holidays, overtime and kept wishes of everybody.
  list @rosters:list_ List the rosters that were published, by pool and period.
  make rosters:make Make a roster by an agreement: which clauses it keeps, what is short, and how good another
  publish @rosters:publish Publish a roster: it feeds coverage and who is on call, and is for whoever may
  repair repairs:repair Repair a roster with the fewest changes: who is asked first, and what stays short.
  show @roster_weeks:show Show who works when, with whom, and what is short.
  solve rosters:solve Make a roster, and say how much less any other could cost.
  template rosters:template Write rules of a kind of employer, from public texts, with made-up people to try
  what-if @rosters:what_if Say what a change of a roster would break and mend, each with its clause; nothing
change - Changes on the ground: a series of pixels, a pair of scenes.
  monitor @change_monitor:watch Find when a pixel's series broke from its years: dates and sizes, and its
  pair @change_pairs:compare Compare two scenes of one place: a map of what changed, by a threshold that
  scan @changes:scan Compare stored scenes of a part of the line, and keep what changed on the ground
travel - Travel documents, organised fraud in applications, and the register of removals.
  link link:link Link persons of any tables without labels: pairs of rows that are one person, with
  mrz mrz:mrz Verify machine-readable zones: each check digit in words, what is wrong and where, what may
  rings rings:rings Find organised fraud in linked applications: who holds them together, and why; never an
  removals @removals The register of removals: orders, clocks, due process that is open, inventories, tables.
surveillance - Where sensors should look next.
  cue cue:cue Say which camera, drone, aircraft or boat should look where now, so that the most is learned in
share - Exchange with other nodes, agencies, states and banks, each way of the law.
  node node This node, the nodes it exchanges bundles with, and their keys.
  bundle @ Signed bundles between nodes, each through a gateway of the law.
  letter @letter Letters to a state that is no partner: one person drafts, another approves; none goes alone.
  partnership partnership What banks of a partnership may learn from each other, tier by tier.
  stix @files:stix Write leads, signals and evidence as a bundle of STIX 2.1, each object with its marking.
  ftm @files:ftm Write leads, signals and evidence as entities of FollowTheMoney, one JSON object a line.
  misp @files:misp Write leads, signals and evidence as an event of MISP; into a .zip as a feed of it.
  case @files:case Write leads, signals, evidence and exhibits as a graph of CASE/UCO in JSON-LD.
  niem @files:niem Write leads, persons, seizures, exhibits and arrests as a message of NIEM 6 (XML).
  geojson @files:geojson Write what has a place as GeoJSON (RFC 7946), each thing with its marking.
  kml @files:kml Write what has a place as KML 2.2, each thing with its marking.
  gpkg @files:gpkg Write what has a place as a GeoPackage, a layer a kind, each thing with its marking.
  geoparquet @files:geoparquet Write what has a place as GeoParquet 1.1, each thing with its marking.
  gpx @files:gpx Write what has a place as GPX 1.1: waypoints, tracks and outlines, each with its marking.
  tak tak:tak Send tracks to a TAK server as they move, each with its marking. Stops with Ctrl+C.
  pmtiles @files:pmtiles Write what has a place as vector tiles (PMTiles), each thing with its marking.
  prov @files:prov Write where leads come from, signals and records, as PROV-O in JSON-LD.
  deconflict @deconfliction Keep two agencies from working one target blind: hits, answers, and tasks
partner @ Partners who pull what is disclosed to them: a key, a gateway and a purpose for each.
gateway @ The lawful ways to disclose between nodes, by the day. No legal advice.
law @law What the law says on a day, and what a new consolidation of it changes.
scorecard @scorecard:make Make the weekly page: what was said and promised, each computed from
  register @register Lines and claims of the scorecard, and each department's agreement to its figures.
  statistics @statistics Series of published numbers, their vintages and revisions.
  aia aia The Algorithmic Impact Assessment of the Directive on Automated Decision-Making.
claims @claims Claims of public figures, computed from published numbers.
floor - Verify, keep, erase, back up and move a floor; its log and its markings.
  verify verify:verify Check every file, row, delivery and act; name the first broken byte.
  replay replay:replay Do each desk's last run again from the evidence it had, and compare it with what was
  log log The log: what happened, proofs of it, and partners who witness that it only grows.
  marking @ What markings may say on a floor and who its readers are; marking a record anew.
  clearance @clearances Clearances of readers: one supervisor proposes, another gives or refuses.
  erase erase:erase Erase records, all that was derived from them, and their original bytes.
  expire erase:expire Erase every record whose marking lets it be kept no longer.
  retention @holds:show_retention How long records are kept: what their marking allows, what the law wants
  hold @ Keep records from being erased while a court or a request needs them.
  certificate certificate Certificates of what was erased.
  compact erase:compact Join small files into larger ones.
  index index The index that search reads: derived from the evidence, and made anew whenever it is missing.
  backup backup:backup Copy a floor into one file, while others read it and write to it.
  backup-key backup:backup_key Make a key that backups are encrypted to, and print its recipient.
  restore backup:restore Make a floor from a backup, checked whole before it takes its place; never over
  schedule schedule What serve does by itself: expiry, runs, refits, backups with restore drills.
  standby standby A copy that follows a floor from a shared folder, and takes its place.
  upgrade upgrade:upgrade Bring a floor that an older version made to this version's layout; an act of its log
  migrate migrate:migrate Move a floor to a PostgreSQL server, where several machines write to it, or into
admin - Accounts, exercises, and this machine.
  account @console.access.actions Who may sign in to the console.
  exercise exercise Exercises: generated feeds with an answer key.
  doctor doctor:doctor Say what is missing on this machine and how to get it, one line each.
  warm warm:warm Compile everything that is compiled at its first use, so that nobody waits for it later.
"""
"""Commands below the headings of the help: name, module, function if it is one command, and how its help
begins. Indented rows are commands of the group above them and lie in the folder of its name; the module of a
group without others is `-`."""


ACTIONS: Final = "@"
"""In place of a module: the commands of a group are rows of `watchfloor.actions`, of the module named behind
it if that is not the group's name with an s, or of another room if it has a dot; with a function too it is
one command."""


class Row(NamedTuple):
    """Where a command comes from, how its help begins, and the rows of its group."""

    place: str
    help: str
    rows: dict[str, "Row"]


def _rows() -> tuple[dict[str, Row], dict[str, list[str]]]:
    """Return the rows by name, and the names below each heading."""
    rows: dict[str, Row] = {}
    sections: dict[str, list[str]] = {}
    for line in TABLE.strip().splitlines():
        if line.startswith("["):
            names = sections.setdefault(line.strip("[]"), [])
            continue
        name, place, help_text = line.split(maxsplit=2)
        if line.startswith(" "):
            into = rows[names[-1]].rows
        else:
            names.append(name)
            into = rows
        into[name] = Row(place, help_text, {})
    return rows, sections


class _Commands(Mapping[str, Any]):
    """Commands by name, each made when it is asked for; some may be made already."""

    def __init__(self, rows: dict[str, Row], made: Mapping[str, Any], within: str = "") -> None:
        self.rows, self._made, self._within = rows, dict(made), within
        self._names = [*made, *rows]

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _command(f"{self._within} {name}".strip(), self.rows[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _command(words: str, row: Row) -> Any:
    """Import a command's module and return the command as Typer makes it, or a group with its commands."""
    within, _, name = words.rpartition(" ")
    if row.place == "-":
        return _Group(row, name=name, help=row.help, no_args_is_help=True)
    parent = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    if row.place.startswith(ACTIONS):
        from watchfloor.cli import face

        module_name, _, function = row.place.removeprefix(ACTIONS).partition(":")
        if function:
            face.single(parent, name, within, module_name, function)
        else:
            parent.add_typer(face.group(name, within, row.help, module_name or f"{name}s"), name=name)
    else:
        module_name, _, function = row.place.partition(":")
        module = import_module(".".join(filter(None, ("watchfloor.cli", within, module_name))))
        if not function:
            parent.add_typer(module.app, name=name)
        elif hasattr(module, "app"):  # the function is registered there, with settings of its own
            parent.registered_commands += module.app.registered_commands
        else:
            parent.command(name)(getattr(module, function))
    made: Any = _logged(typer.main.get_group(parent).commands[name])
    if not row.rows:
        return made
    if function:
        return _Group(row, own=made, name=name, help=made.help, params=made.params)
    return _Group(row, made=made.commands, name=name, help=made.help, no_args_is_help=True)


def _logged(command: Any) -> Any:
    """Let a command, or each of a group, write that it begins; `main` writes how it ended."""
    for one in getattr(command, "commands", {}).values():
        _logged(one)
    callback = command.callback
    if any(parameter.name == "floor" for parameter in command.params):

        @wraps(callback)
        def begun(**parameters: Any) -> Any:
            command_log.begin(system_account, parameters)
            return callback(**parameters)

        command.callback = begun
    return command


class _Lazy(TyperGroup):
    """A group whose own help imports none of its commands."""

    sections: Mapping[str, Iterable[str]]

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        commands: Any = self.commands
        rows = commands.rows
        widest = max(len(name) for name in self.commands)
        limit = formatter.width - 6 - widest
        for title, names in self.sections.items():
            with formatter.section(title):
                begun = [
                    (name, TyperCommand(name, help=rows[name].help) if name in rows else self.commands[name])
                    for name in names
                ]
                told = [(name.ljust(widest), command.get_short_help_str(limit)) for name, command in begun]
                formatter.write_dl(told)


class _Group(_Lazy):
    """Commands about one subject. The name of some groups is a command itself, such as `leads`: `own`."""

    def __init__(
        self, row: Row, made: Mapping[str, Any] | None = None, own: Any = None, **settings: Any
    ) -> None:
        super().__init__(rich_markup_mode=None, **settings)
        self.commands: Any = _Commands(row.rows, made or {}, settings["name"])
        self.own = own
        self.takes_argument = own is not None and any(one.param_type_name == "argument" for one in own.params)
        if self.takes_argument:  # `track FILE -o TRACKS`: options may stand behind it, as of any command
            self.allow_interspersed_args, self.allow_extra_args = True, False

    @property
    def sections(self) -> Mapping[str, Iterable[str]]:  # type: ignore[override]
        """Return the names of its commands below their heading."""
        return {"Commands": self.commands}

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Show in the usage that a command is optional where the group's name is one itself."""
        pieces = super().collect_usage_pieces(ctx)
        if self.takes_argument:
            return pieces[:-1]
        return [*pieces[:-1], f"[{pieces[-1]}]"] if self.own else pieces

    def get_params(self, ctx: Any) -> list[Any]:
        """Return its parameters; the path of a command of its own does not show the group's arguments."""
        params = super().get_params(ctx)
        if ctx.command is self:
            return params
        return [one for one in params if one.param_type_name != "argument"]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read a command of the group, or the options of the group's own command."""
        # A file whose name is a command's is given with its folder: ./score.
        if self.own and args and args[0] in self.commands:  # the group's own options are not read
            ctx._protected_args, ctx.args = args[:1], args[1:]
            return args[1:]
        if self.takes_argument:
            return self.own.parse_args(ctx, args)  # type: ignore[no-any-return]
        rest = super().parse_args(ctx, args)
        behind = self.own and ctx._protected_args and ctx._protected_args[0] in self.commands
        if behind and not ctx.resilient_parsing:
            ctx.fail(f"give options after the command: {ctx.command_path} {ctx._protected_args[0]} …")
        return rest

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command; one that is not of this group but of none is told without it."""
        root: Any = ctx.find_root().command
        if args[0] not in self.commands and args[0] in root.commands and not ctx.resilient_parsing:
            ctx.fail(f"no such command '{args[0]}'; it is `watchfloor {args[0]}`")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Call a command of the group, or the group's own."""
        if self.own and not ctx._protected_args:
            return self.own.invoke(ctx)
        return super().invoke(ctx)


_ABSENT: Final = "does not exist"
"""What Click says of a path that is not there."""


class _Root(_Lazy):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        rows, self.sections = _rows()
        self.commands: Any = _Commands(rows, {})

    def invoke(self, ctx: Any) -> Any:
        """Call a command; a file that an argument names and that is not there has the code of `MISSING`."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            if (
                error.param is not None
                and getattr(error.param.type, "exists", False)
                and _ABSENT in error.message
            ):
                error.exit_code = MISSING
            raise

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command; one of a group that is named without it is told with it."""
        word, groups = args[0], [name for name, row in self.commands.rows.items() if args[0] in row.rows]
        if groups and word not in self.commands and not ctx.resilient_parsing:  # then a shell completes words
            ctx.fail(f"no such command '{word}'; it is `watchfloor {groups[0]} {word}`")
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_Root,
    help="Feeds in, a short queue of explained leads out. A lead is an invitation to look, not a finding.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
)
app.callback()(lambda: None)  # Typer makes a group of what has a callback


def main(command: Callable[[], object] | None = None) -> None:
    """Run a command; what may go wrong is told in a sentence and an exit code, without a traceback.

    Args:
        command: what runs; None: what the command line says, here or at the service that it names.
    """
    os.umask(0o077)  # what is written here, a child's files included, is its owner's alone
    _start_cheaply()
    _speak_utf8()
    sys.meta_path.insert(0, _PandasRefusal())
    command_log.start()
    try:
        (command or _here_or_at_service)()
    except SystemExit as ended:  # asking for the errors below would load every room
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        err.print("stopped; nothing half-written was kept")
        code = 130
    except Exception as error:
        code = _end(error)
    command_log.end(code)
    raise SystemExit(code)


def _end(error: Exception) -> int:
    """Tell what a command ended with, in a sentence and in the log; returns the exit code."""
    if isinstance(error, OSError) and error.strerror is not None:
        where = f"{error.filename}: " if error.filename is not None else ""
        said = f"{where}{error.strerror}"
    elif isinstance(error, _expected()):
        said = str(error)
    elif isinstance(error, UnicodeEncodeError) and (odd := next(filter(_is_no_utf8, sys.argv), None)):
        said = f"{odd!a} is not UTF-8, as a terminal of Latin-1 writes it: set the terminal to UTF-8"
        err.print(f"[bold red]watchfloor:[/] {_escaped(said)}", highlight=False)
        return USAGE
    elif sys.flags.dev_mode:  # somebody looks for the mistake
        raise error
    else:
        id_ = command_log.fail(error, "ours")
        said = f"the program made a mistake; tell who looks after it of incident {id_}"
        err.print(f"[bold red]watchfloor:[/] {said}", highlight=False)
        return BROKEN
    err.print(f"[bold red]watchfloor:[/] {_escaped(said)}", highlight=False)
    if (code := of_error(error)) == BROKEN:
        command_log.fail(error, "floor", detail=True)
    return code


def _is_no_utf8(word: str) -> bool:
    """Whether a word of the command line has bytes that Python hands on as halves of characters."""
    return any("\udc80" <= one <= "\udcff" for one in word)


def _here_or_at_service() -> None:
    """Run the command line, or relay it to the service whose socket it names."""
    words = sys.argv[1:]
    if "unix:" in os.environ.get("WATCHFLOOR_FLOOR", "") or any("unix:" in word for word in words):
        from watchfloor.cli.socket_client import address, relay

        if path := address(words, os.environ):
            raise SystemExit(relay(path, words))
    app()


SELDOM: Final = 50_000
"""Objects made between two rounds of the cycle collector; Python's 700 cost a tenth of a short command."""


def _start_cheaply() -> None:
    """Spare short commands work that only long ones gain from.

    A thread of OpenBLAS for each core is started when NumPy is imported and waits in a loop for a while.
    Products of matrices are a small part of what commands do, and of one thread they have the same bits on
    every machine.
    """
    gc.set_threshold(SELDOM, *gc.get_threshold()[1:])
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _PandasRefusal(MetaPathFinder):
    """Refuse to load pandas except to the client of Spark, which needs it.

    pyarrow looks for pandas when it makes its first array, and loading pandas takes a second of processor
    time. No command hands pyarrow anything of pandas.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if name == "pandas" and "pyspark" not in sys.modules:
            raise ModuleNotFoundError(name=name)


def _speak_utf8() -> None:
    """Names are of every script; output into a file or pipe has the code page of Windows otherwise."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _expected() -> tuple[type[Exception], ...]:
    from watchfloor.cell.weighing.weights import WeightError
    from watchfloor.core.extras import MissingExtraError
    from watchfloor.core.marking import MarkingError
    from watchfloor.desks.base import DeskError
    from watchfloor.formats.base import FormatError
    from watchfloor.policy.gateway_table import GatewayError
    from watchfloor.store.errors import StoreError
    from watchfloor.store.log.notes import NoteError

    return (
        *(StoreError, DeskError, FormatError, GatewayError, MarkingError, NoteError, WeightError),
        MissingExtraError,
    )


def _escaped(error: object) -> str:
    from rich.markup import escape

    return escape(str(error))
