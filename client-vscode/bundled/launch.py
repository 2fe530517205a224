"""Starts the server that the extension contains: its libraries override those of the interpreter.

The server's own processes, which read files for it, import this as well; they are told by its name that they are not to serve.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "libs"))

if __name__ == "__main__":
    from planmark.cli.main import entry

    entry()
