"""The flags are the option fields, once each; the list below changes only on purpose."""

import inspect

from pipeline.cli import flags
from pipeline.cli.background import background
from pipeline.cli.generate import generate
from pipeline.cli.inpaint import inpaint
from pipeline.cli.outpaint import outpaint
from pipeline.cli.shared import Shown
from pipeline.config import Config

FROZEN = {
    "segment": "segmenter garment sam_model sam_weights sam_folder onnx_weights fetch_sam allow_unknown_weights "
    "matting sheer vitmatte_folder matte alpha garment_box garment_text garment_point not_point landmark strict "
    "keep_collar",
    "place": "framing size aspect margin",
    "outfit": "with order measured",
    "pose": "pose view pose_detector pose_weights",
    "figure": "figure figure_start likeness size_of_model",
    "generate": "detail prompt negative_prompt seed candidates reseed steps guidance strength "
    "control_scale device dtype batch",
    "background": "background",
    "ghost": "back",
    "inpaint": "mask mask_white box point",
    "outpaint": "left right top bottom",
    "fill": "fill",
    "upscale": "upscaler upscale_weights",
    "blend": "match_light match_colour shadow grain",
    "provenance": "c2pa sign_cert sign_key timestamp watermark label disclosure",
    "write": "format quality digital_source_type channel caption layers",
    "photo": "",
    "verify": "",
}


def test_option_list_is_frozen() -> None:
    found = {name: " ".join(flags.flagged(section)) for name, section in flags.sections(*FROZEN).items()}
    assert found == FROZEN


def test_every_section_is_listed() -> None:
    sections = {
        name
        for name, field in Config.model_fields.items()
        if name not in {"preset", "chosen", "task", "casting", "scene", "stance"}
    }
    assert sections == set(FROZEN)


def test_flags_are_globally_unique() -> None:
    every = [name for section in flags.sections(*FROZEN).values() for name in flags.flagged(section)]
    assert len(every) == len(set(every))


def test_every_flag_has_a_help_text() -> None:
    for section in flags.sections(*FROZEN).values():
        for name, field in section.model_fields.items():
            if name in flags.flagged(section):
                assert field.description, name


def test_flags_that_were_not_given_do_not_reach_the_command() -> None:
    seen = {}

    @flags.with_options("pose", "generate")
    def command(*, options: dict[str, dict[str, object]]) -> None:
        seen.update(options)

    given = dict.fromkeys(inspect.signature(command).parameters)
    command(**{**given, "steps": 3})
    assert seen == {"generate": {"steps": 3}}


def test_generate_takes_each_flag_once() -> None:
    names = list(inspect.signature(generate).parameters)
    assert len(names) == len(set(names))
    assert {"photos", "output", "preset", "casting", "scene", "seed", "framing", "format"} <= set(names)


def test_a_group_is_given_built_and_its_fields_are_flags() -> None:
    seen = []

    @flags.with_options("pose")
    def command(shown: Shown, *, options: dict[str, dict[str, object]]) -> None:
        seen.append((shown, options))

    assert list(inspect.signature(command).parameters)[:3] == ["quiet", "verbose", "as_json"]
    command(quiet=True, verbose=False, as_json=True, pose=None, view="back", pose_detector=None, pose_weights=None)
    assert seen == [(Shown(quiet=True, as_json=True), {"pose": {"view": "back"}})]


def test_what_a_task_has_no_use_for_has_no_flag_there() -> None:
    unused = {
        background: {"casting", "garment", "keep_collar", "detail", "reseed", "match_light", "match_colour"},
        inpaint: {"detail", "reseed", "match_light", "match_colour", "shadow"},
        outpaint: {"detail", "reseed", "match_light", "match_colour", "shadow"},
    }
    for command, names in unused.items():
        assert not names & set(inspect.signature(command).parameters)
        assert names <= set(inspect.signature(generate).parameters)


def test_a_group_without_one_of_its_fields_keeps_that_fields_default() -> None:
    seen = []

    @flags.with_options("pose", without="view quiet")
    def command(shown: Shown, *, options: dict[str, dict[str, object]]) -> None:
        seen.append((shown, options))

    assert not {"view", "quiet"} & set(inspect.signature(command).parameters)
    command(verbose=True, as_json=False, pose="open", pose_detector=None, pose_weights=None)
    assert seen == [(Shown(verbose=True), {"pose": {"pose": "open"}})]
