"""The schema says every option that may be set, from the option classes, and the server does as it says."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.result import Ok
from starlette.testclient import TestClient

from pipeline.collection import keys
from pipeline.service import request_options
from stages.options import GenerateOptions
from tests.pipeline.service.asking import ask, ended
from tests.pipeline.service.conftest import HERE

Served = Callable[..., TestClient]


def test_each_option_is_described_as_its_class_says_it(served: Served) -> None:
    schema = served().get("/openapi.json").json()
    content = schema["paths"]["/v1/pictures"]["post"]["requestBody"]["content"]
    assert set(content) == {"multipart/form-data", "application/json"}
    parts = schema["components"]["schemas"]
    for name in ("PictureOptions", "PictureForm"):
        seed = parts[name]["properties"]["seed"]
        assert seed["description"] == GenerateOptions.model_fields["seed"].description
        assert (seed["minimum"], seed["exclusiveMaximum"]) == (0, 2**32)
    assert "age" in parts["CastingOptions"]["properties"]
    assert "references" not in parts["CastingOptions"]["properties"]


def test_every_refusal_is_described_as_the_problem_that_it_is(served: Served) -> None:
    client = served()
    schema = client.get("/openapi.json").json()
    answers = [(path, code, answer) for path, methods in schema["paths"].items() for route in methods.values()
               for code, answer in route["responses"].items()]  # fmt: skip
    refused = [(path, code, answer["content"]) for path, code, answer in answers if code >= "400"]
    assert {code for _, code, _ in refused} >= {"401", "404", "422", "429"}
    assert [each for each in refused if set(each[2]) != {"application/problem+json"}] == []
    assert "HTTPValidationError" not in json.dumps(schema)
    assert client.get("/v1/pictures?limit=0").headers["content-type"] == "application/problem+json"


def test_every_option_is_offered_or_the_owners_or_in_files_alone() -> None:
    offered = set(request_options.model().model_fields)
    for section in request_options.SECTIONS:
        for name, field in keys.sections()[section].model_fields.items():
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            closed = bool(extra.get("local_only") or extra.get("file_only"))
            # `aspect` is one name for two options, of which the task takes its own.
            assert (name in offered or name in request_options.FILES) != closed or name == "aspect", name


def test_what_the_schema_allows_never_ends_in_a_fault_of_the_server(served: Served) -> None:
    """Requests drawn from the schema, sound and unsound ones, by schemathesis."""
    client = served(waiting=100_000, rate="1000000/second")
    tried: set[str] = set()
    for found in schemathesis.openapi.from_dict(client.get("/openapi.json").json()).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        for mode in schemathesis.GenerationMode:
            _fuzz(operation.as_strategy(generation_mode=mode), client, tried)
    assert {"POST /v1/pictures", "GET /v1/pictures", "DELETE /v1/pictures/{name}", "GET /healthz"} <= tried


@pytest.mark.thorough
def test_what_the_schema_allows_of_a_picture_that_there_is_never_ends_in_a_fault(served: Served) -> None:
    """A drawn name is nobody's: here every route of a picture, its events too, is asked for one that was made."""
    client = served(waiting=100_000, rate="1000000/second")
    tried: set[str] = set()
    answered: set[tuple[str, int]] = set()
    names: list[str] = []

    def made(case: Any) -> str:
        if case.method == "DELETE" or not names:
            names.append(str(ask(client, level=len(names)).json()["id"]))
            assert ended(client, names[-1])["state"] == "done"
        return names[-1] if case.method == "DELETE" else names[0]

    for found in schemathesis.openapi.from_dict(client.get("/openapi.json").json()).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path.startswith("/v1/pictures/{name}"):
            _fuzz(operation.as_strategy(), client, tried, made, answered)
    assert ("GET /v1/pictures/{name}/events", 200) in answered
    assert ("GET /v1/pictures/{name}/{result}", 200) in answered
    assert ("DELETE /v1/pictures/{name}", 204) in answered


def test_a_form_offers_no_null_and_takes_objects_as_json(served: Served) -> None:
    client = served()
    fields = client.get("/openapi.json").json()["components"]["schemas"]["PictureForm"]["properties"]
    assert [name for name, each in fields.items() if {"type": "null"} in each.get("anyOf", [])] == []
    assert [name for name, each in fields.items() if each.get("default", "") is None] == []
    assert fields["photo"]["anyOf"][0] == {"type": "string", "format": "binary"}
    answer = ask(client, casting='{"age": 40}', measured='{"chest_cm": 52}')
    assert answer.status_code == 202, answer.text
    assert client.app.state.service.queue.get(answer.json()["id"]).options["outfit"]["measured"] == {"chest_cm": 52}  # type: ignore[attr-defined]


def _fuzz(
    cases: Any,
    client: TestClient,
    tried: set[str],
    made: Callable[[Any], str] | None = None,
    answered: set[tuple[str, int]] | None = None,
) -> None:
    @settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def fuzz(case: Any) -> None:
        if made is not None:
            case.path_parameters = {**case.path_parameters, "name": made(case)}
        sent = requests.Request(**case.as_transport_kwargs(base_url=HERE)).prepare()
        headers: Any = {name: value for name, value in sent.headers.items() if name.lower() != "host"}
        content: Any = sent.body
        response = client.request(str(sent.method), str(sent.url), headers=headers, content=content)
        assert response.status_code < 500, response.text
        tried.add(f"{case.method} {case.path}")
        if answered is not None:
            answered.add((f"{case.method} {case.path}", response.status_code))

    with suppress(Unsatisfiable):  # a route without anything to get wrong
        fuzz()
