"""The workflow for n8n: its own code takes what hooks send and nothing else, and its parts fit together."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sendtrail.domain import signatures
from sendtrail.domain.flat import FIELDS, flat
from sendtrail.domain.notice_bodies import NATIVE
from sendtrail.domain.vocabularies import postalytics
from tests.conftest import require

FILE = Path(__file__).parents[2] / "integrations" / "n8n" / "sendtrail.json"
WORKFLOW: dict[str, Any] = json.loads(FILE.read_text())
NODES = {node["name"]: node for node in WORKFLOW["nodes"]}
SECRET = signatures.new_secret()
NODE = """
const { code, body, headers } = JSON.parse(require('fs').readFileSync(0));
const run = Object.getPrototypeOf(async () => {}).constructor;
const helpers = { getBinaryDataBuffer: async () => Buffer.from(body) };
new run('require', '$input', '$env', code)
  .call({ helpers }, require, { first: () => ({ json: { headers } }) }, process.env)
  .then((items) => console.log(JSON.stringify(items)), (error) => { console.log(error.message); process.exit(3); });
"""


def taken(body: str, headers: dict[str, str]) -> tuple[int, str]:
    """How the node that proves a request ends, and what it says."""
    node = shutil.which("node")
    require("node", node is not None, "not installed")
    assert node
    code = NODES["Is it genuine?"]["parameters"]["jsCode"]
    done = subprocess.run(
        [node, "-e", NODE],
        input=json.dumps({"code": code, "body": body, "headers": headers}),
        env={"SENDTRAIL_HOOK_SECRET": SECRET},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_workflow_takes_what_a_hook_sends_and_nothing_else() -> None:
    body, now = json.dumps(flat(NATIVE), ensure_ascii=False), datetime.now(UTC)
    old, other = signatures.new_secret(), signatures.new_secret()
    headers = signatures.standard([old, SECRET], NATIVE["id"], now, body)

    status, said = taken(body, headers)
    assert (status, json.loads(said)) == (0, [{"json": flat(NATIVE)}])
    for refused in (
        (body.replace("Ann", "Bo"), headers),
        (body, signatures.standard([other], NATIVE["id"], now, body)),
        (body, signatures.standard([SECRET], NATIVE["id"], now - timedelta(minutes=6), body)),
        (body, {}),
    ):
        status, said = taken(*refused)
        assert (status, "not signed by your Sendtrail" in said) == (3, True)


def test_the_workflows_parts_lead_to_each_other_and_speak_of_what_is_told() -> None:
    for name, connected in WORKFLOW["connections"].items():
        assert name in NODES
        assert all(end["node"] in NODES for ends in connected["main"] for end in ends)
    rules = NODES["What happened?"]["parameters"]["rules"]["values"]
    events = {each["rightValue"] for rule in rules for each in rule["conditions"]["conditions"]}
    assert events <= set(postalytics.CODES)
    assert len(WORKFLOW["connections"]["What happened?"]["main"]) == len(rules) + 1
    fields = set(re.findall(r"\$json\.(\w+)", FILE.read_text()))
    assert {field for field in fields if not field.startswith("metadata_")} <= set(FIELDS)
