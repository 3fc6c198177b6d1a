"""The tests that PostGrid's client comes with, against a real server: 2,785 of them look at the types of answers.

They come with the client's source distribution and need what it names for its development, so they run where
SENDTRAIL_POSTGRID_TESTS names its folder, by the Python that SENDTRAIL_POSTGRID_PYTHON names, else by this one.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import httpx

from tests.conformance.installation import installed
from tests.conformance.postgrid_stand_in import Stand, standing
from tests.conftest import require

FOLDER = os.environ.get("SENDTRAIL_POSTGRID_TESTS", "")
PYTHON = os.environ.get("SENDTRAIL_POSTGRID_PYTHON", sys.executable)
PLUGIN = """
import json, os
from urllib.parse import quote
from urllib.request import urlopen

def pytest_collection_modifyitems(items):
    for item in items:
        item.own_markers[:] = [mark for mark in item.own_markers if mark.name != "skip"]

def pytest_runtest_logstart(nodeid, location):
    urlopen(os.environ["TEST_API_BASE_URL"] + "/test?" + quote(nodeid)).close()

def pytest_runtest_logreport(report):
    if report.when == "call" or report.failed:
        with open(os.environ["REPORT"], "a") as file:
            print(json.dumps([report.nodeid, report.passed, str(report.longrepr)[-400:]]), file=file)
"""
AS_IT_IS = "passes as it is"
HELPED = "passes with values that can be, such as US for countryCode"
LOCAL = "asks no server"
LACKING = "Sendtrail does not have it (501, 422)"
REFUSED = "the client itself does not send what its test gives it"
FAILS = "fails"


def test_the_tests_of_postgrids_client_pass_or_are_about_what_sendtrail_has_not(
    server: str, template: str, tmp_path: Path
) -> None:
    require("postgrid_tests", bool(FOLDER), "SENDTRAIL_POSTGRID_TESTS names no folder with the client's tests")
    (tmp_path / "stand_in.py").write_text(PLUGIN)
    report = tmp_path / "report"
    with (
        installed(server, template, f"{template}_postgrid_types", tmp_path / "data") as running,
        standing(running.address, running.key("Acme", False)) as stand,
    ):
        live = {"Authorization": f"Bearer {running.key('Acme', True)}"}
        host = {"host": "postgrid.com"}  # where the client's trackers lead, which a test key cannot allow
        httpx.post(f"{running.address}/api/v1/destinations", json=host, headers=live).raise_for_status()
        subprocess.run(
            [PYTHON, "-m", "pytest", "-q", "-n0", "-p", "stand_in", "-p", "no:cacheprovider", "--tb=line",
             "tests/api_resources/print_mail"],
            cwd=FOLDER,
            env={**os.environ, "TEST_API_BASE_URL": stand.here, "REPORT": str(report), "PYTHONPATH": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip
    counts: Counter[str] = Counter()
    failed: list[str] = []
    for line in report.read_text().splitlines():
        test, passed, why = json.loads(line)
        sort = _sort(stand, test, passed, why)
        counts[sort] += 1
        if sort == FAILS:
            failed.append(f"{test}: {stand.told(test) or why}")
    sys.stdout.write("\n".join([json.dumps(counts, indent=1), *failed]))
    assert not failed
    assert counts.total() > 2_500


def _sort(stand: Stand, test: str, passed: bool, why: str) -> str:
    answers = stand.answers.get(test, [])
    if any(status in (501, 422) for _, status, _ in answers):
        return LACKING
    if not passed:
        return REFUSED if "Expected entry at `" in why else FAILS
    return HELPED if test in stand.helped else AS_IT_IS if answers else LOCAL
