"""The floor on which every command has something to do is made once a session."""

from tests.cli.commanded import made as made
from tests.cli.commanded import places as places
from tests.cli.commanded import restored as restored
