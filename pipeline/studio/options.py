"""How the studio is run. Imports pydantic and the standard library alone, so that `onmodel --help` stays quick."""

from typing import Annotated

from pydantic import Field

from stages.options import Options


class StudioOptions(Options):
    """Where the page is."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8766
    """Port of the page, on this machine only; 0 picks a free one."""
    open_page: bool = False
    """Open the page in the browser."""
