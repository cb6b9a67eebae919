"""A command whose extra is missing says in one sentence how it is installed."""

import sys
from pathlib import Path

import pytest

import pipeline
from pipeline.cli import main


@pytest.mark.parametrize(
    ("words", "module", "extra"),
    [
        (["mcp"], "mcp", "mcp"),
        (["serve"], "fastapi", "serve"),
        (["studio"], "sse_starlette", "serve"),
        (["collection", "run", "rows.parquet", "-o", "out"], "pyarrow", "parquet"),
        (["segment", "photo.heic", "-o", "out.png"], "pillow_heif", "heic"),
    ],
)
def test_a_missing_extra_is_named_with_its_command(
    words: list[str],
    module: str,
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.parquet").write_bytes(b"PAR1")
    Path("photo.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64))
    for name in [each for each in sys.modules if each.partition(".")[0] == module or each == "pipeline.mcp_server"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(pipeline, "mcp_server", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("sys.argv", ["onmodel", *words])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr().err
    assert end.value.code in (2, 3)
    assert f"[{extra}]" in said
    assert "install" in said
    assert len(said.splitlines()) == 1
    assert "fault of onmodel" not in said
    assert not Path("out").exists()
