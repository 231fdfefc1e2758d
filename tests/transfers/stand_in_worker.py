"""A worker that does nothing: the job's source says how it behaves. Torch-free, and quick to start."""

import json
import os
import sys
import time
from pathlib import Path


def say(**step: object) -> None:
    print(json.dumps(step), flush=True)


def main(store: str, text: str) -> int:
    source = json.loads(text)["source"].removeprefix("package:")
    Path(store).mkdir(parents=True, exist_ok=True)
    (Path(store) / f"{source}.pid").write_text(str(os.getpid()))
    say(phase="opening")
    say(phase="copying", done=10, total=100)
    if source == "hangs":
        while os.read(0, 100):
            pass
        return 1
    if source == "hangs_deaf":
        time.sleep(3600)
    if source == "fails":
        say(failure={"message": "The disk is full: free 5 GB.", "type": "store", "code": "disk_full"})
        return 1
    if source == "dies":
        print("out of memory", file=sys.stderr)
        return 9
    if source == "babbles":
        print("no JSON", flush=True)
    say(phase="copying", done=100, total=100)
    say(outcome=f"{source} is in the layer store.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
