"""A cue as a task of the cell, and as messages to who carries it out: SAPIENT for its node, Cursor on Target.

The messages are files, one each, which whoever holds the connections sends: `TASK.sapient` is a message
behind its length, for the node of the asset, and `TASK.cot` an event in XML. Both are written whole or not at
all.
"""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from watchfloor.casework.flags import LIFE
from watchfloor.casework.life_cycle import at_least
from watchfloor.casework.tasking import assets
from watchfloor.casework.tasking.assets import Asset
from watchfloor.casework.tasking.legs import Leg
from watchfloor.casework.tasking.ordering import TaskRequest
from watchfloor.casework.tasking.tasks import Task
from watchfloor.core.kinds import TASK
from watchfloor.core.messages import Language, declare
from watchfloor.feeds.live import outbox
from watchfloor.formats.sensors.cot import columns, xml_out
from watchfloor.formats.sensors.sapient import messages
from watchfloor.formats.sensors.sapient.ids import node_of, ulid_of
from watchfloor.planning.cue_sentences import place, sentences
from watchfloor.planning.sensor_tasking import Cue
from watchfloor.store.floor import Floor

SENT: Final = declare("planning.sent", "task", "unit", "position")

OUTBOX: Final = outbox.FOLDER
"""Folder of a floor where messages wait; a live floor sends those for SAPIENT nodes (`feeds.live.outbox`)."""
WHILE: Final = timedelta(hours=1)
"""How long a task without a deadline may be begun."""


def asked(
    cue: Cue,
    asset: Asset,
    klass: str | None,
    marking: str,
    authority: str,
    now: datetime,
    language: Language,
    legs: Sequence[Leg] = (),
    joins: Sequence[str] = (),
) -> TaskRequest:
    """Return the request to an asset's unit that follows from a cue.

    Args:
        cue: of `sensor_tasking.choose`.
        asset: that is to look.
        klass: of the track; None where it is not known.
        marking: of the track; the task is never below it, nor below the asset's.
        authority: statute and section, which the unit's mandate must name.
        now: when the cue was made.
        language: of the instruction.
        legs, joins: where it is to go across the line, and who supports it.
    """
    return TaskRequest(
        "task",
        asset.unit,
        " ".join(sentences(cue, asset, klass, now, language)),
        authority,
        subjects=(cue.track,),
        marking=at_least(marking, asset.marking),
        deadline=cue.deadline,
        place=place(*cue.stand),
        flags=(LIFE,) if cue.life else (),
        legs=tuple(legs),
        joins=tuple(joins),
        asset=cue.asset,
    )


def write(folder: Path, floor: str, task: Task, cue: Cue, asset: Asset) -> list[Path]:
    """Write the messages of a task that was given; gives their files.

    Args:
        folder: where they wait; made where it is missing.
        floor: id of the floor, which is its node's.
        task: as it was issued.
        cue: that it came from.
        asset: that is to look.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = {f"{task.id}.cot": event(task, cue, asset)}
    if asset.node:
        made[f"{task.id}.sapient"] = message(floor, task, cue, asset)
    return [_replaced(folder / name, data) for name, data in made.items()]


def hand_over(floor: Floor, task: Task) -> Path | None:
    """Hand a task that a person has typed in to the live floor; gives the file of its message.

    None where it is no task, names no asset with a SAPIENT node, or no place to look at or to go to.
    """
    asset = assets.load(floor.root).assets.get(task.order.asset or "")
    if asset is None or not asset.node or task.order.place is None or task.order.form != "task":
        return None
    folder = floor.root / OUTBOX
    folder.mkdir(parents=True, exist_ok=True)
    until = task.order.deadline or task.at + WHILE
    data = _message(floor.settings.id, task, asset, task.order.place[:2], until)
    return _replaced(folder / f"{task.id}.sapient", data)


def message(floor: str, task: Task, cue: Cue, asset: Asset) -> bytes:
    """The SAPIENT message, behind its length: a camera looks there, what moves goes to where it can."""
    where = (cue.latitude, cue.longitude) if asset.kind == "camera" else cue.stand
    return _message(floor, task, asset, where, cue.deadline)


def _message(floor: str, task: Task, asset: Asset, where: tuple[float, float], until: datetime) -> bytes:
    """Its id stands for the task's, so that a task sent twice is one task."""
    if asset.kind == "camera":
        command = messages.look_at(*where)
    else:
        command = messages.move_to([messages.place(*where)])
    content: dict[str, Any] = {
        "task_id": ulid_of(f"{floor}\n{task.id}"),
        "task_name": task.id,
        "task_description": f"{task.order.marking}: {task.order.instruction}",
        "task_start_time": messages.timestamp(task.at),
        "task_end_time": messages.timestamp(until),
        "control": "CONTROL_START",
        "command": command,
    }
    return messages.checked(messages.wrapped(floor, node_of(asset.node), task.at, task=content))


def event(task: Task, cue: Cue, asset: Asset) -> bytes:
    """The Cursor on Target event: where to look, or, for what moves, where to go."""
    latitude, longitude = (cue.latitude, cue.longitude) if asset.kind == "camera" else cue.stand
    row = task.history[-1] | {"latitude": latitude, "longitude": longitude, "radius": None}
    rows = pa.Table.from_pylist([row], TASK.schema)
    return xml_out.stream(columns.of_tasks(rows))


def _replaced(path: Path, data: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    return draft.replace(path)
