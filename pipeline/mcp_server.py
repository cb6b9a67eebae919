"""The tasks, proof and names as tools of the Model Context Protocol, for an assistant on the user's machine.

It reads and writes what the user can; what no call of onmodel does (to write over a file that it reads, or that no
receipt names) no tool does either.
"""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field, create_model

from pipeline import config as configs
from pipeline import engine, proof
from pipeline.collection import keys
from pipeline.models import Models
from pipeline.receipt import Receipt
from pipeline.service import request_options
from pipeline.unexpected import explained
from stages.options import Options, Task

WORDS = {
    "generate": "Generate a person and a scene around the garment in a photo; the garment's pixels stay exact.",
    "background": "Swap what stands behind people or products, which stay exact: a scene, a colour or a picture.",
    "inpaint": "Paint a marked region of a photo anew (remove a clip or stain, repair, swap); all else stays exact.",
    "outpaint": "Grow the frame around a photo by sides or to a format; the whole photo stays exact.",
    "ghost": "Put a garment on plain paper as if on an unseen mannequin, the inside of its neck kept; no person.",
}
#: Options that hold a file, beside those of the classes: here they are paths of the user's.
_FILES = {
    "matte": "Your own matte: white is garment.",
    "mask": "What is white is generated anew.",
    "back": "The inside of the garment's back, shown in the neck.",
}

Photo = Annotated[str, Field(description="Path of the photo.")]
Output = Annotated[str, Field(description="Path of the picture to write, ending in .png.")]
Overwrite = Annotated[bool, Field(description="Replace what an earlier run wrote there.")]


def options(task: Task) -> type[Options]:
    """Returns the class of a task's options."""
    fields = {name: each for section in keys.OF_TASK[task] for name, each in request_options.offered(section).items()}
    heads = request_options.heads()
    if "pose" not in keys.OF_TASK[task]:
        heads.pop("pose")
    if task in ("background", "ghost"):
        heads["background"] = (str, Field("", description="white, #rrggbb, or a picture's path; else the scene."))
    if task == "outpaint":
        aspect = request_options.offered("place")["aspect"][0]
        heads["aspect"] = (aspect | None, Field(None, description="Width to height to grow to, such as 4:5."))
    if "outfit" in keys.OF_TASK[task]:
        about = 'A further garment or accessory: its path, and what is told of it, as "trousers.jpg scale=1.12".'
        heads[request_options.FURTHER] = (tuple[str, ...], Field((), description=about, max_length=12))
    for name, (section, _) in request_options.FILES.items():
        if name in _FILES and section in keys.OF_TASK[task]:
            heads[name] = (str | None, Field(None, description=f"Path of a picture. {_FILES[name]}"))
    made: type[Options] = create_model(f"{task.capitalize()}Options", __base__=Options, **{**fields, **heads})
    return made


def server(models: type[Models] | Any = Models) -> MCPServer[Any]:
    """Returns the server; its models are loaded once, and one picture is made at a time."""
    mcp: MCPServer[Any] = MCPServer("onmodel", instructions="On-model pictures whose garment pixels stay exact.")
    held, turn = models(), anyio.Lock()
    for task in keys.OF_TASK:
        _add(mcp, task, held, turn)

    @mcp.tool()
    async def verify(
        picture: Annotated[str, Field(description="A picture that onmodel wrote, beside its receipt and mask.")],
        photo: Photo,
        further: Annotated[tuple[str, ...], Field(description="Of an outfit, the paths of its further photos.")] = (),
    ) -> dict[str, Any]:
        """Prove that a picture holds its photo's garment bit for bit, from the files alone."""
        found = await _tried(partial(proof.prove, Path(picture), [Path(each) for each in (photo, *further)]))
        return {"proven": not found.failures, **asdict(found)}

    @mcp.tool()
    def names(kind: Literal["castings", "scenes", "poses", "presets"]) -> dict[str, dict[str, Any]]:
        """List the castings, scenes, poses or presets that have a name, with what they say."""
        return {name: configs.read(configs.find(kind, name)) for name in configs.names(kind)}

    return mcp


def _add(mcp: MCPServer[Any], task: Task, models: Models, turn: anyio.Lock) -> None:
    kind = options(task)

    async def tool(
        photo: str, output: str, ctx: Context[Any], options: Any = None, overwrite: bool = False
    ) -> dict[str, Any]:
        given = {} if options is None else options.model_dump(mode="json", exclude_unset=True)

        def report(stage: str, done: int, total: int) -> None:
            anyio.from_thread.run(ctx.report_progress, done, total, stage)

        def make() -> Receipt:
            if Path(output).suffix.lower() != ".png":
                raise ToolError(f"{output} must end in .png (the lossless master)")
            config = configs.resolve(given.pop("preset", None), flags=keys.nested({**given, "task": task}))
            return engine.run(Path(photo), Path(output), config, models, report=report, overwrite=overwrite)

        async with turn:
            receipt = await _tried(make)
        if receipt.failures:
            raise ToolError("no picture was written: " + "; ".join(receipt.failures))
        return {
            "picture": output,
            "receipt": str(Path(output).with_suffix(".json")),
            "kept_pixels": receipt.kept.core_pixels,
            "seed": receipt.seed,
            "warnings": list(receipt.warnings),
        }

    tool.__name__, tool.__doc__ = task, WORDS[task]
    tool.__annotations__ |= {"photo": Photo, "output": Output, "options": kind | None, "overwrite": Overwrite}
    mcp.tool()(tool)


async def _tried(work: Any) -> Any:
    """Runs work in a thread, and explains whatever goes wrong in one sentence."""
    try:
        return await anyio.to_thread.run_sync(work)
    except ToolError:
        raise
    except Exception as error:
        raise ToolError(str(explained(error))) from error
