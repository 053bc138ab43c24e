"""`make fuzz`: coverage-guided fuzzing of one reader, or of each in turn, for a bounded time.

    python -m tests.fuzz.fuzz --seconds 60 [TARGET …]

What breaks is written to var/fuzz/crashes; put it into tests/fuzz/corpus/TARGET once it is mended.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

VAR = Path("var/fuzz")
INPUT_BYTES_MAX = 20_000
INPUT_SECONDS_MAX = 20
MEMORY_MB_MAX = 2000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--alone", action="store_true", help="in this process: libFuzzer ends it")
    asked = parser.parse_args()
    if asked.alone:
        _fuzz(asked.targets[0], asked.seconds)
    from tests.fuzz.target import targets

    broken = [each for each in asked.targets or targets() if _run_apart(each, asked.seconds)]
    sys.stdout.write(f"broken: {', '.join(broken) or 'none'}\n")
    return 1 if broken else 0


def _run_apart(target: str, seconds: int) -> int:
    sys.stdout.write(f"{target}: ")
    sys.stdout.flush()
    command = [sys.executable, "-m", "tests.fuzz.fuzz", "--alone", target, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    log = VAR / f"{target.replace(':', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(done.stdout + done.stderr)
    last = [line for line in done.stderr.splitlines() if line.startswith(("#", "Done"))][-1:]
    sys.stdout.write(f"{'broken, see ' + str(log) if done.returncode else 'sound'} {' '.join(last)}\n")
    return done.returncode


def _fuzz(target: str, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["tocsin"]):
        from tests.fuzz.target import run, seeds
        from tocsin.engine import Engine
    name = target.replace(":", "-")
    corpus, crashes = VAR / "corpus" / name, VAR / "crashes"
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(content)
    engine = Engine(Path(tempfile.mkdtemp(prefix="tocsin-fuzz-")), threads=1)
    limits = [f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", f"-timeout={INPUT_SECONDS_MAX}"]
    limits += [f"-rss_limit_mb={MEMORY_MB_MAX}", f"-artifact_prefix={crashes}/{name}-"]
    atheris.Setup([sys.argv[0], str(corpus), *limits], lambda content: run(engine, target, content))
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
