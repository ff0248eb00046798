"""Certificates as commands are given them."""

from pathlib import Path
from typing import Annotated

import typer

CertOption = Annotated[
    Path,
    typer.Option("--tls-cert", exists=True, dir_okay=False, help="This node's certificate, PEM."),
]
KeyOption = Annotated[
    Path, typer.Option("--tls-key", exists=True, dir_okay=False, help="Its private key, PEM.")
]
