"""Fetch uv for a machine that has none: by pip in a throw-away environment, else its wheel itself from the configured
package index, for a Python that came without venv or pip. Either way by the hash in uv.lock."""

import base64
import configparser
import hashlib
import html
import io
import os
import platform
import re
import ssl
import subprocess
import sys
import tempfile
import tomllib
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

_PIP_FILES = (
    "~/.config/pip/pip.conf",
    "~/.pip/pip.conf",
    "~/Library/Application Support/pip/pip.conf",
    "/etc/pip.conf",
)


def get_uv(folder: str, lock: str) -> str:
    """The path of a working uv in `folder`; ends the program in one line where neither way works."""
    version, wheels, index = locked(Path(lock))
    target = Path(folder)
    if not by_pip(version, wheels, target):
        by_hand(wheels, target, configured_index() or index)
    uv = target / "bin" / "uv"
    subprocess.run([uv, "--version"], check=True, stdout=subprocess.DEVNULL)
    return str(uv)


def locked(lock: Path) -> tuple[str, dict[str, str], str]:
    """uv's version in the lock file, the SHA-256 of each of its wheels by file name, and the index it was found in."""
    packages = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    uv = next(package for package in packages if package["name"] == "uv")
    wheels = {wheel["url"].rpartition("/")[2]: wheel["hash"].removeprefix("sha256:") for wheel in uv["wheels"]}
    return uv["version"], wheels, uv["source"]["registry"]


def by_pip(version: str, wheels: dict[str, str], target: Path) -> bool:
    """Whether a virtual environment with pip could be made and brought uv: pip knows the machine's settings best."""
    with tempfile.TemporaryDirectory() as scratch:
        made = subprocess.run([sys.executable, "-m", "venv", scratch], capture_output=True, check=False)
        if made.returncode != 0:
            return False
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text(f"uv=={version}" + "".join(f" --hash=sha256:{digest}" for digest in wheels.values()))
        pip = [f"{scratch}/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        brought = subprocess.run([*pip, "--only-binary=:all:", "--require-hashes", "-r", wanted], check=False)
        if brought.returncode != 0:
            return False
        put(target, Path(scratch, "bin", "uv").read_bytes())
    return True


def by_hand(wheels: dict[str, str], target: Path, index: str) -> None:
    """uv's program out of its wheel."""
    name = wheel_for(platform.system(), platform.machine(), list(wheels))
    page, index = fetch(index.rstrip("/") + "/uv/")
    links = (html.unescape(link) for link in re.findall(r"""href=["']([^"']+)""", page.decode()))
    link = next((link for link in links if urllib.parse.urlsplit(link).path.endswith(name)), None)
    if link is None:
        sys.exit(f"error: the package index has no {name}: install uv by hand (https://docs.astral.sh/uv)")
    wheel, _ = fetch(urllib.parse.urljoin(index, link))
    if hashlib.sha256(wheel).hexdigest() != wheels[name]:
        sys.exit(f"error: {name} from the package index is not the one that uv.lock names")
    with zipfile.ZipFile(io.BytesIO(wheel)) as opened:
        program = next(entry for entry in opened.namelist() if entry.endswith(".data/scripts/uv"))
        put(target, opened.read(program))


def wheel_for(system: str, machine: str, names: list[str]) -> str:
    """The wheel that runs here. On Linux the one for musl: it brings all it needs and runs on any libc."""
    tag = {"Linux": "musllinux", "Darwin": "macosx"}.get(system, system)
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "Darwin" else "aarch64"}.get(machine, machine)
    fitting = [name for name in names if re.search(rf"\b{tag}_\d+_\d+_{machine}\b", name.replace("-", " "))]
    if not fitting:
        sys.exit(f"error: there is no uv for {system} on {machine}: install Python's venv and pip")
    return fitting[0]


def configured_index() -> str:
    """The index that uv or pip would use: environment first, then pip's files; empty where neither names one."""
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if url := os.environ.get(variable):
            return url
    for file in (os.environ.get("PIP_CONFIG_FILE", ""), *_PIP_FILES):
        parser = configparser.RawConfigParser()
        parser.read(os.path.expanduser(file))
        for section in ("install", "global"):
            if url := parser.get(section, "index-url", fallback=""):
                return url
    return ""


def fetch(url: str) -> tuple[bytes, str]:
    """What lies there, and where that was in the end. A name and password in the address are sent as such."""
    parts = urllib.parse.urlsplit(url)
    request = urllib.request.Request(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())
    if parts.username:
        login = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    authorities = os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT") or os.environ.get("REQUESTS_CA_BUNDLE")
    try:
        context = ssl.create_default_context(cafile=authorities)
        with urllib.request.urlopen(request, timeout=120, context=context) as answer:
            return answer.read(), answer.geturl()
    except OSError as error:
        sys.exit(f"error: {request.full_url} cannot be fetched: {error}")


def put(target: Path, program: bytes) -> None:
    """Place the program at once, so that nobody finds half of it."""
    (target / "bin").mkdir(parents=True, exist_ok=True)
    fresh = target / "bin" / f"uv.{os.getpid()}"
    fresh.write_bytes(program)
    fresh.chmod(0o755)
    fresh.rename(target / "bin" / "uv")
