"""`make bench`: every speed figure that the documentation names, from one run. `make bench ARGS='pipeline'` chooses."""

import platform
import sys

from bench import announcing, duties, exports, feeds, hooks, imb, kills, links, pipeline, postgrid, reports, tracker

SECTIONS = {
    "imb": imb,
    "feeds": feeds,
    "pipeline": pipeline,
    "reports": reports,
    "tracker": tracker,
    "exports": exports,
    "duties": duties,
    "links": links,
    "announcing": announcing,
    "hooks": hooks,
    "postgrid": postgrid,
    "kills": kills,
}


def main() -> None:
    chosen = sys.argv[1:] or list(SECTIONS)
    if unknown := set(chosen) - SECTIONS.keys():
        sys.exit(f"bench: no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    for name in chosen:
        print(f"\n{name}")
        SECTIONS[name].main()


if __name__ == "__main__":  # processes that a section starts import this module too
    main()
