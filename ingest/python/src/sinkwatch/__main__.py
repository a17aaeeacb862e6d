"""``python -m sinkwatch``: publishes safetensors files, for people without a script."""

from __future__ import annotations

import argparse
import sys
from typing import Any, Dict, List, Optional

from . import __version__
from .connection import left_out
from .document import Origin, run_name, whole_number
from .endpoint import DEFAULT_URL, SettingError, endpoint
from .files import FileError, TensorFile
from .publishing import PublishError, add, send, step_path
from .rules import PROFILES, profile_name


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> "NoReturn":  # type: ignore[name-defined]  # noqa: F821
        self.exit(1, f"{self.prog}: {message}\n")


def _arguments() -> argparse.ArgumentParser:
    cli = _Parser(prog="python -m sinkwatch", description="Publishes weights to a sinkwatch monitor.")
    cli.add_argument("--version", action="version", version=f"sinkwatch {__version__}")
    commands = cli.add_subparsers(dest="command", metavar="COMMAND", required=True)
    one = commands.add_parser(
        "publish",
        help="sends safetensors files",
        description="Sends the mixers in safetensors files, read while they are sent. User, password, "
        "CA and URL may stand in SINKWATCH_USER, _PASSWORD, _CA and _URL.",
    )
    one.add_argument("files", nargs="+", metavar="FILE", help="a .safetensors file")
    one.add_argument("--run", required=True, help="the run that they belong to")
    one.add_argument(
        "--step", type=int, help="the step (default: metadata, directory's or file's name, else 0)"
    )
    one.add_argument("--attempt", type=int, default=0, help="restart of the run (default: 0)")
    one.add_argument("--url", help=f"http://, https:// or unix:/PATH (default: {DEFAULT_URL})")
    one.add_argument("--ca", help="PEM file of the authority that signed the monitor's certificate")
    one.add_argument("--profile", help=f"model family: auto, {', '.join(PROFILES)}")
    one.add_argument("--all", action="store_true", help="every tensor, not the mixers alone")
    one.add_argument(
        "--timeout", type=float, default=60.0, help="seconds to try for (default: %(default)s)"
    )
    return cli


def main(arguments: Optional[List[str]] = None) -> int:
    """Exit code 0 when files are published, 1 with one line on stderr otherwise.

    Tensors that the monitor leaves out are a line each on stderr, and 1 when it takes none of a file.
    """
    given = _arguments().parse_args(arguments)
    try:
        profile = profile_name(given.profile)
        run_name(given.run)
        origin = Origin(whole_number(given.attempt, "--attempt", 0, 2**31 - 1))
        door = endpoint(given.url, ca=given.ca)
        files = [TensorFile(path) for path in given.files]
        for file in files:
            entries = file.entries if given.all else file.used(profile)
            if not entries:
                raise FileError(f"{file.path}: no tensor that profile {profile} uses: say --all")
            step = file.step() if given.step is None else given.step
            path = step_path(given.run, step)
            answer: Dict[str, Any] = {}
            for document in file.documents(entries, origin):
                add(answer, send(door, path, [document], given.timeout))
            lines = left_out(answer)
            for line in lines:
                print(f"sinkwatch: {file.path}: left out: {line}", file=sys.stderr)
            count = int(answer.get("tensors", len(entries) - len(lines)))
            if count == 0:
                raise FileError(f"{file.path}: the monitor takes none of its tensors")
            what = f"{count} of {len(entries)} tensors" if lines else f"{count} tensors"
            print(f"{file.path}: {what} published as step {step} of {given.run}")
    except (FileError, SettingError, PublishError, ValueError, OSError) as e:
        print(f"sinkwatch: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
