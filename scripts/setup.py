"""Make `.venv` with everything that Sendtrail needs, by the lock file, and what its pages load; only the standard
library is used.

Any Python from 3.6 on may start this file: it looks for a Python that is new enough and goes on with that one.
uv does the work; where the machine has none, `get_uv.py` fetches it into `.uv`.
"""

import glob
import os
import shutil
import ssl
import subprocess
import sys

import build_assets

NEEDED = (3, 11)
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PLACES = (
    "~/.pyenv/versions/*/bin/python3",
    "~/.local/share/uv/python/*/bin/python3",
    "/usr/bin/python3.[0-9]*",
    "/usr/local/bin/python3*",
    "/opt/homebrew/bin/python3*",
    "/opt/python/*/bin/python3",
    "/Library/Frameworks/Python.framework/Versions/*/bin/python3",
)


def version(python):  # type: (str) -> tuple[int, ...]
    """Of an interpreter; (0,) for what is none."""
    ask = "import sys; print(*sys.version_info[:2])"
    try:
        said = subprocess.check_output([python, "-c", ask], stderr=subprocess.DEVNULL, timeout=20)
        return tuple(int(part) for part in said.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return (0,)


def newer_python():  # type: () -> str | None
    """A Python that is new enough, on the PATH or in the usual places."""
    names = ["python3"] + ["python3.{}".format(minor) for minor in range(11, 20)]
    found = [path for path in map(shutil.which, names) if path]
    for place in PLACES:
        found += sorted(path for path in glob.glob(os.path.expanduser(place)) if not path.endswith("-config"))
    for path in found:
        if version(path) >= NEEDED:
            return path
    return None


def uv_of_the_machine():  # type: () -> str | None
    """uv on the PATH or where its installers put it."""
    for path in ("uv", "~/.local/bin/uv", "~/.cargo/bin/uv", os.path.join(ROOT, ".uv", "bin", "uv")):
        found = shutil.which(os.path.expanduser(path))
        if found and subprocess.call([found, "--version"], stdout=subprocess.DEVNULL) == 0:
            return found
    return None


def find_uv():  # type: () -> str
    """uv, fetched into `.uv` where the machine has none."""
    found = uv_of_the_machine()
    if found is None:
        import get_uv

        found = get_uv.get_uv(os.path.join(ROOT, ".uv"), os.path.join(ROOT, "uv.lock"))
    return found


def main():  # type: () -> None
    if sys.version_info < NEEDED:
        newer = newer_python()
        if newer:
            os.execv(newer, [newer, os.path.abspath(__file__)])
        if uv_of_the_machine() is None:  # uv finds or fetches a Python by itself
            sys.exit(
                "error: Sendtrail needs Python 3.11 or newer and this machine has {}.{} only: install a newer one "
                "(Debian, Ubuntu: apt install python3.11; macOS: brew install python)".format(*sys.version_info[:2])
            )
    uv = find_uv()
    environment = dict(os.environ, UV_PROJECT_ENVIRONMENT=os.path.join(ROOT, ".venv"))
    environment.pop("VIRTUAL_ENV", None)
    command = [uv, "sync", "--frozen", "--quiet", "--project", ROOT]
    if sys.version_info >= NEEDED:
        command += ["--python", sys.executable]
        environment["UV_PYTHON_DOWNLOADS"] = "never"
    if ssl.get_default_verify_paths().cafile:  # a company's own authorities are in the machine's list, not in uv's
        environment.setdefault("UV_SYSTEM_CERTS", "true")
        environment.setdefault("UV_NATIVE_TLS", "true")  # its name before uv 0.11
    if not os.access(os.path.expanduser("~"), os.W_OK):
        environment.setdefault("UV_CACHE_DIR", os.path.join(ROOT, ".uv", "cache"))
    print("Setting up .venv with {} …".format(" ".join(command[:3])), flush=True)
    if subprocess.call(command, env=environment, cwd=ROOT) != 0:
        sys.exit("error: uv could not set up .venv; its words are above")
    if not os.path.exists(os.path.join(ROOT, ".venv", "bin", "sendtrail")):
        sys.exit("error: .venv/bin/sendtrail is missing after the set-up")
    build_assets.main()


if __name__ == "__main__":
    main()
