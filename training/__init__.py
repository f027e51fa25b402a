"""From data to weights; README.md beside this file says in which order."""

import importlib.util
import sys

if importlib.util.find_spec("torch") is None:
    print(
        "training: ultralytics and torch are not installed (a slim installation): training and "
        "exporting need them; run ./install.sh without --slim",
        file=sys.stderr,
    )
