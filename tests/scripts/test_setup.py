import ast
import hashlib
import platform
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import get_uv
import pytest

ROOT = Path(__file__).parents[2]


def test_any_python_from_3_6_on_can_read_the_script_that_looks_for_a_newer_one() -> None:
    ast.parse((ROOT / "scripts" / "setup.py").read_text(), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("system", "machine", "tag"),
    [
        ("Linux", "x86_64", "musllinux_1_1_x86_64"),
        ("Linux", "aarch64", "musllinux_1_1_aarch64"),
        ("Linux", "arm64", "musllinux_1_1_aarch64"),
        ("Darwin", "x86_64", "macosx_10_12_x86_64"),
        ("Darwin", "arm64", "macosx_11_0_arm64"),
    ],
)
def test_the_lock_names_a_uv_for_every_common_machine(system: str, machine: str, tag: str) -> None:
    _, wheels, _ = get_uv.locked(ROOT / "uv.lock")
    assert tag in get_uv.wheel_for(system, machine, list(wheels))


def test_a_machine_without_a_wheel_is_told_what_would_help() -> None:
    with pytest.raises(SystemExit, match="no uv for Plan9 on vax: install Python's venv and pip"):
        get_uv.wheel_for("Plan9", "vax", ["uv-1-py3-none-win32.whl"])


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package index on this machine that has one wheel; its folder."""
    (tmp_path / "uv").mkdir()
    wheel = tmp_path / "uv" / "uv-1-py3-none-musllinux_1_1_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr("uv-1.data/scripts/uv", "#!/bin/sh\necho uv 1\n")
    (tmp_path / "uv" / "index.html").write_text(f'<a href="../uv/{wheel.name}#sha256=00">{wheel.name}</a>')
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield wheel
        server.shutdown()


def test_without_venv_and_pip_the_wheel_comes_from_the_configured_index(index: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(index.read_bytes()).hexdigest()
    get_uv.by_hand({index.name: digest}, tmp_path / "fetched", get_uv.configured_index())
    program = tmp_path / "fetched" / "bin" / "uv"
    assert program.read_text().endswith("echo uv 1\n")
    assert program.stat().st_mode & 0o111 == 0o111


def test_a_wheel_with_another_hash_is_refused(index: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"is not the one that uv\.lock names"):
        get_uv.by_hand({index.name: "00"}, tmp_path / "fetched", get_uv.configured_index())
    assert not (tmp_path / "fetched").exists()
