"""`./dev build`: compiles the functions as they are deployed, for arm64, and packs them into zips."""

import os
import re
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

from dev import deploy_tools, functions, machine, rust, settings, tools
from dev.deploy import sam, start
from dev.processes import run
from dev.report import UserError, duration, say, tail

TARGET = "aarch64-unknown-linux-gnu"
# The file with the sizes that zips should have at most.
SIZES = settings.ROOT / "bench" / "src" / "size.rs"
LIMIT = re.compile(r'^\s*("[\w-]+"|_) => ([\d.]+),', re.MULTILINE)
MB = 1e6


def build() -> int:
    """Compiles all functions, has SAM CLI take them, makes the zips, and starts each one once."""
    began = time.monotonic()
    machine.check()
    add_target()
    env = rust.environment({"PATH": os.pathsep.join(map(str, search_path()))})
    say("Programs for arm64, optimized (the first build compiles all dependencies: about 25 minutes on two cores)")
    names = [argument for name in functions.names() for argument in ("--bin", name)]
    if run([tools.cargo_lambda(), "lambda", "build", "--release", "--arm64", *names], env, settings.ROOT):
        raise UserError("The functions do not build for arm64. See cargo's output above.")
    folder = rust.target() / "lambda"
    let_sam_build(folder / "sam-build.log", env)
    say(f"Zips in {folder}")
    for name in functions.names():
        program, archive = folder / name / "bootstrap", folder / name / "bootstrap.zip"
        pack(program, archive)
        say(f"  {name:<12}{describe(program.stat().st_size, archive.stat().st_size, find_limit(name))}")
    start.start_all(folder)
    say(f"built in {duration(time.monotonic() - began)}; `sam deploy --config-env dev` deploys .aws-sam/build (docs/DEPLOY.md)")
    return 0


def search_path() -> list[object]:
    """Returns the folders in which cargo finds Zig, the linker, and SAM CLI finds cargo-lambda."""
    return [deploy_tools.zig(), tools.cargo_lambda().parent, os.environ["PATH"]]


def add_target() -> None:
    """Installs Rust's standard library for arm64, unless the toolchain has it."""
    folder = subprocess.run(["rustc", "--print", "sysroot"], cwd=settings.ROOT, capture_output=True, text=True).stdout.strip()
    if (Path(folder) / "lib" / "rustlib" / TARGET).exists():
        return
    if not shutil.which("rustup"):
        raise UserError(f"Missing: Rust's standard library for {TARGET}. Install it beside the compiler in {folder}, or install Rust "
                        "with https://rustup.rs.")
    if run(["rustup", "target", "add", TARGET], cwd=settings.ROOT):
        raise UserError(f"Cannot install Rust's standard library for arm64. See the output of `rustup target add {TARGET}` above.")


def let_sam_build(log: Path, env: dict) -> None:
    """Runs `sam build`, which writes what `sam deploy` reads.

    By itself it would compile all dependencies again, because it does not know this checkout's build folder.
    """
    log.unlink(missing_ok=True)
    env = {**env, "PATH": f"{sam.CARGO}{os.pathsep}{env['PATH']}", "DOCUVAULT_CARGO": shutil.which("cargo") or "cargo",
           "DOCUVAULT_PROGRAMS": "", "SAM_CLI_TELEMETRY": "0"}
    if sam.build(settings.ROOT / ".aws-sam" / "build", log, env):
        raise UserError(f"sam build failed.{tail(log, 40)}")


def pack(program: Path, archive: Path) -> None:
    """Writes a zip with the program as `bootstrap`. The same program always gives the same zip."""
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr, entry.compress_type = 0o755 << 16, zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(entry, program.read_bytes())


def find_limit(function: str) -> float:
    """Returns the size in MB that a function's zip should have at most."""
    limits = dict(LIMIT.findall(SIZES.read_text()))
    return float(limits.get(f'"{function}"', limits["_"]))


def describe(program: int, archive: int, limit: float) -> str:
    """Describes sizes, given in bytes, beside their limit in MB."""
    verdict = "met" if archive <= limit * MB else "missed"
    return f"{program / MB:6.2f} MB, zip {archive / MB:5.2f} MB (target <= {limit} MB: {verdict})"
