"""Checkpoint file to ONNX file, whole processes, side by side: `ocrdet export --no-verify` against torch.onnx.export.

Rounds are paired (one of each in turn), and every ratio is the median of the rounds' ratios; peak memory is the operating
system's own figure for the finished process. With --verified the same against `ocrdet export` with its verification, which
the Python process has not.
"""
import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PYTHON = os.environ.get("OCRDET_BENCH_PYTHON", "/usr/bin/python3")


def run(command):
    """Wall seconds, processor seconds, peak resident MB of one finished process."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", default="800x800")
    parser.add_argument("--verified", action="store_true", help="let ocrdet verify, too")
    options = parser.parse_args()
    height, width = options.size.split("x")

    versions = subprocess.run([PYTHON, "-c", "import sys, torch; print(sys.version.split()[0], torch.__version__)"],
                              capture_output=True, text=True)
    if versions.returncode != 0:
        sys.exit(f"{PYTHON} has no torch: install python3-torch, or name another interpreter in OCRDET_BENCH_PYTHON.")
    python_version, torch_version = versions.stdout.split()
    program = os.path.join(ROOT, "build/bin/ocrdet")
    ocrdet_version = subprocess.run([program, "version"], capture_output=True, text=True).stdout.splitlines()[0]
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}")
    print(f"{ocrdet_version}; Python {python_version}, PyTorch {torch_version}; {options.size}, opset 12, float32")

    with tempfile.TemporaryDirectory() as folder:
        checkpoint = os.path.join(folder, "formula.pt")
        with open(checkpoint, "wb") as file:
            subprocess.run(["xz", "-dkc", os.path.join(ROOT, "tests/golden/weights/formula.pt.xz")], stdout=file, check=True)
        ours = [program, "export", checkpoint, "--size", options.size, "--force", "-o", os.path.join(folder, "ours.onnx")]
        if not options.verified:
            ours.append("--no-verify")
        theirs = [PYTHON, os.path.join(ROOT, "bench/torch_export.py"), checkpoint, os.path.join(folder, "theirs.onnx"),
                  height, width]
        run(ours), run(theirs)
        rounds = [(run(ours), run(theirs)) for _ in range(options.rounds)]

    print(f"\nmedian of {options.rounds} paired rounds       ocrdet   torch.onnx.export   ratio (range)")
    for index, (label, unit, larger_is_theirs) in enumerate(
            [("wall time", "s", True), ("processor time", "s", True), ("peak memory", "MB", False)]):
        mine = statistics.median(r[0][index] for r in rounds)
        other = statistics.median(r[1][index] for r in rounds)
        ratios = [r[1][index] / r[0][index] if larger_is_theirs else r[0][index] / r[1][index] for r in rounds]
        digits = 0 if unit == "MB" else 3
        words = "times faster" if larger_is_theirs else "of theirs"
        print(f"{label:<28} {mine:9.{digits}f} {unit:<2} {other:14.{digits}f} {unit:<2}   {statistics.median(ratios):6.2f} "
              f"{words} ({min(ratios):.2f}-{max(ratios):.2f})")


if __name__ == "__main__":
    main()
