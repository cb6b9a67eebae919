"""The tasks over one flow: each file says what its task keeps, who paints, and how the two meet."""

from pipeline.tasks.background import Background
from pipeline.tasks.generate import Generate
from pipeline.tasks.ghost import Ghost
from pipeline.tasks.inpaint import Inpaint
from pipeline.tasks.outpaint import Outpaint
from pipeline.tasks.task import Task

_TASKS: dict[str, Task] = {
    "generate": Generate(),
    "background": Background(),
    "inpaint": Inpaint(),
    "outpaint": Outpaint(),
    "ghost": Ghost(),
}


def of(name: str) -> Task:
    """Returns the task that `Config.task` names."""
    return _TASKS[name]
