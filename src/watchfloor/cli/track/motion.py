"""`watchfloor track motion`: what moves in a clip of a fixed camera, as a log of SAPIENT messages."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.common import PARTLY, JsonOption, busy, counted, err, fail, print_json
from watchfloor.cli.moments import moment
from watchfloor.cli.writing import refuse_to_replace

if TYPE_CHECKING:
    from watchfloor.formats.sensors.video.camera import Camera


def motion(
    clip: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="MP4, QuickTime, AVI, Matroska or WebM.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="LOG", help="Where to write: .jsonl in the JSON form, else binary."
        ),
    ],
    camera: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="TOML",
            help="The camera: the settings of [feeds.NAME.camera], without that line.",
        ),
    ],
    began: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="When the clip began; else as its name says."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write what moves in a clip of a fixed camera as SAPIENT messages, with box and bearing.

    The messages are DetectionReports, one for each look at each thing that moves, and a status that says
    where and when the camera looked. `watchfloor ingest` reads the log. It says that something moved, not
    what; how often it is right is not known. Needs the extra `video`.

    Example: watchfloor track motion T07_20261124T101500Z.mp4 --camera T07.toml -o T07.sapient
    """
    from watchfloor.formats.base import Batch, FormatError
    from watchfloor.formats.sensors.sapient import file as sapient
    from watchfloor.formats.sensors.video import file as video

    refuse_to_replace([output])
    start = moment(began, "--began", first=True) if began else None
    batches, faults = list[Batch](), list[str]()
    try:
        with busy(f"looking at {clip.name}"), clip.open("rb") as stream:
            for piece in video.read(stream, clip.name, _camera(camera), start):
                if isinstance(piece, Batch):
                    batches.append(piece)
                else:
                    faults.append(piece.reason)
    except FormatError as error:
        fail(str(error))
    with output.open("xb") as log:
        (sapient.write_lines if output.suffix == ".jsonl" else sapient.write)(batches, log)
    rows = {
        kind: sum(one.rows.num_rows for one in batches if one.kind.name == kind)
        for kind in ("detection", "coverage")
    }
    if as_json:
        print_json({"detections": rows["detection"], "looks": rows["coverage"], "faults": faults})
    else:
        typer.echo(f"{counted(rows['detection'], 'detection')} in {output}")
    for reason in faults:
        err.print(reason, markup=False)
    if faults:
        raise typer.Exit(PARTLY)


def _camera(path: Path) -> "Camera":
    """Read the settings of a camera. Raises `SettingsError` where they cannot be so."""
    from watchfloor.formats.sensors.video.camera import Camera, problems
    from watchfloor.formats.settings import Settings, SettingsError, read_text

    settings = Settings(read_text(path), path.name)
    found = settings.convert(settings.values, Camera)
    for key, problem in problems(found):
        raise SettingsError(f"{path.name}: {key} {problem}")
    return found
