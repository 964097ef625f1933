"""The program under test, and the environment it is started in."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FUZE = Path(os.environ.get("FUZE_BINARY", ROOT / ".build" / "release" / "fuze")).resolve()


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without settings of its own, and with those given, such as `workers="2"`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FUZE_")}
    return inherited | {f"FUZE_{name.upper()}": value for name, value in settings.items()}


def run(*arguments: str, folder: Path, stdin: bytes = b"", timeout: float = 60, **settings: str):
    """Runs a command to its end in a folder, which also takes its data unless `--data-dir` is given."""
    settings = {"data_dir": str(folder / "data")} | settings
    return subprocess.run(
        [FUZE, *arguments], input=stdin, capture_output=True, cwd=folder, timeout=timeout,
        env=environment(**settings))
