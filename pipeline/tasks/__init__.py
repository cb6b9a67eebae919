"""The tasks over one flow: each file says what its task keeps, who paints, and how the two meet."""

from pipeline.tasks import background, generate, ghost, inpaint, outpaint
from pipeline.tasks.task import Task

_TASKS: dict[str, Task] = {
    "generate": generate.TASK,
    "background": background.TASK,
    "inpaint": inpaint.TASK,
    "outpaint": outpaint.TASK,
    "ghost": ghost.TASK,
}


def of(name: str) -> Task:
    """Returns the task that `Config.task` names."""
    return _TASKS[name]
