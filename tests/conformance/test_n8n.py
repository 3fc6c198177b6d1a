"""The workflows for n8n: their own code takes what hooks send and nothing else, and their parts fit together."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sendtrail.domain import signatures
from sendtrail.domain.flat import FIELDS, flat
from sendtrail.domain.notice_bodies import NATIVE
from sendtrail.domain.vocabularies import postalytics
from tests.conftest import require

FOLDER = Path(__file__).parents[2] / "integrations" / "n8n"
SECRETS = {"sendtrail": "SENDTRAIL_HOOK_SECRET", "sendtrail-day-of-delivery": "SENDTRAIL_DAY_HOOK_SECRET"}
TEXTS = {name: (FOLDER / f"{name}.json").read_text() for name in SECRETS}
WORKFLOWS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in TEXTS.items()}
SECRET = signatures.new_secret()
workflows = pytest.mark.parametrize("name", SECRETS)
GENUINE = """
const { code, body, headers } = JSON.parse(require('fs').readFileSync(0));
const run = Object.getPrototypeOf(async () => {}).constructor;
const helpers = { getBinaryDataBuffer: async () => Buffer.from(body) };
new run('require', '$input', '$env', code)
  .call({ helpers }, require, { first: () => ({ json: { headers } }) }, process.env)
  .then((items) => console.log(JSON.stringify(items)), (error) => { console.log(error.message); process.exit(3); });
"""
ONCE = """
const { check, note, told } = JSON.parse(require('fs').readFileSync(0));
const kept = {};
const item = (id) => ({ json: { id } });
const run = (code, id) =>
  new Function('$input', '$getWorkflowStaticData', '$', code)(
    { all: () => [item(id)] }, () => kept, () => ({ first: () => item(id) }));
console.log(JSON.stringify(told.map(([id, works]) => {
  const passed = run(check, id).length;
  if (passed && works) run(note, id);
  return passed;
})));
"""


def nodes(name: str) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in WORKFLOWS[name]["nodes"]}


def run(program: str, given: dict[str, Any], environment: dict[str, str]) -> tuple[int, str]:
    """How a program of Node ends that reads JSON, and what it says."""
    node = shutil.which("node")
    require("node", node is not None, "not installed")
    assert node
    done = subprocess.run(
        [node, "-e", program],
        input=json.dumps(given),
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stdout


def taken(name: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
    """How the node that proves a request ends, and what it says."""
    code = nodes(name)["Is it genuine?"]["parameters"]["jsCode"]
    return run(GENUINE, {"code": code, "body": body, "headers": headers}, {SECRETS[name]: SECRET})


@workflows
def test_a_workflow_takes_what_its_hook_sends_and_nothing_else(name: str) -> None:
    body, now = json.dumps(flat(NATIVE), ensure_ascii=False), datetime.now(UTC)
    old, other = signatures.new_secret(), signatures.new_secret()
    headers = signatures.standard([old, SECRET], NATIVE["id"], now, body)

    status, said = taken(name, body, headers)
    assert (status, json.loads(said)) == (0, [{"json": flat(NATIVE)}])
    for refused in (
        (body.replace("Ann", "Bo"), headers),
        (body, signatures.standard([other], NATIVE["id"], now, body)),
        (body, signatures.standard([SECRET], NATIVE["id"], now - timedelta(minutes=6), body)),
        (body, {}),
    ):
        status, said = taken(name, *refused)
        assert (status, "not signed by your Sendtrail" in said) == (3, True)


@workflows
def test_a_workflows_parts_lead_to_each_other_and_speak_of_what_is_told(name: str) -> None:
    workflow, parts = WORKFLOWS[name], nodes(name)
    for begin, connected in workflow["connections"].items():
        assert begin in parts
        assert all(end["node"] in parts for ends in connected["main"] for end in ends)
    fields = set(re.findall(r"\$json\.(\w+)", TEXTS[name]))
    assert {field for field in fields if not field.startswith("metadata_")} <= set(FIELDS)
    if "What happened?" in parts:
        rules = parts["What happened?"]["parameters"]["rules"]["values"]
        asked = [each for rule in rules for each in rule["conditions"]["conditions"]]
        assert {each["rightValue"] for each in asked if "$json.event" in each["leftValue"]} <= set(postalytics.CODES)
        assert len(workflow["connections"]["What happened?"]["main"]) == len(rules) + 1


@workflows
def test_a_workflow_answers_after_its_work_on_every_way(name: str) -> None:
    links = {
        begin: [end["node"] for ends in each["main"] for end in ends]
        for begin, each in WORKFLOWS[name]["connections"].items()
    }

    def ways(begin: str) -> list[list[str]]:
        return [[begin, *way] for after in links.get(begin, []) for way in ways(after)] or [[begin]]

    found = ways("Sendtrail")
    assert all(way[-1] == "Taken" and way.count("Taken") == 1 for way in found)
    assert {node for way in found for node in way} == set(nodes(name))


@workflows
def test_what_failed_is_tried_again_and_what_was_done_is_not(name: str) -> None:
    parts = nodes(name)
    codes = {"check": parts["Not done yet?"]["parameters"]["jsCode"], "note": parts["Done"]["parameters"]["jsCode"]}
    told = [("event_1", False), ("event_1", True), ("event_1", True), ("event_2", True), ("event_1", True)]
    status, said = run(ONCE, {**codes, "told": told}, {})
    assert (status, json.loads(said)) == (0, [1, 1, 0, 1, 0])


def test_each_workflow_has_an_address_and_a_secret_of_its_own() -> None:
    addresses = {nodes(name)["Sendtrail"]["parameters"]["path"] for name in SECRETS}
    assert addresses == set(SECRETS)
    readme = (FOLDER / "README.md").read_text()
    assert all(f"/webhook/{name}" in readme and secret in readme for name, secret in SECRETS.items())
