"""Training step for step, side by side: `ocrdet train` against bench/torch_train.py, a PyTorch loop in Python.

The same network, batch, size, threads, workers, memory format, optimizer and precision. Rounds are paired (one of each in
turn); the ratio is the median of the rounds' ratios of images per second. The first epoch of ours and the first step of
theirs are warm-up. DATASET is any folder with ground truth; without it the page of examples/images with made-up lines.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PYTHON = os.environ.get("OCRDET_BENCH_PYTHON", "/usr/bin/python3")


def made_up(folder, count):
    """The page `count` times, with a line every 40 pixels; how long a step takes does not depend on what is true."""
    os.makedirs(os.path.join(folder, "images"))
    os.makedirs(os.path.join(folder, "gts"))
    for number in range(count):
        shutil.copy(os.path.join(ROOT, "examples/images/book-page.jpg"), os.path.join(folder, "images", f"{number}.jpg"))
        with open(os.path.join(folder, "gts", f"{number}.txt"), "w") as file:
            for top in range(60, 1500, 40):
                file.write(f"60,{top},760,{top},760,{top + 26},60,{top + 26},line\n")
    return folder


def ours(program, dataset, options, folder):
    command = [program, dataset, "--out", folder, "--batch", options.batch, "--size", options.size, "--epochs", 2,
               "--threads", options.threads, "--workers", options.workers, "--precision", options.precision, "--average", 0,
               "--device", "cpu", "--no-export", "--quiet", "--json"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"ocrdet-train failed:\n{done.stderr}")
    run = json.loads(done.stdout)["run"]
    with open(os.path.join(run, "log.jsonl")) as file:
        last = [line for line in map(json.loads, file) if line["kind"] == "epoch"][-1]
    return last["images_per_second"], last["waiting_share"]


def theirs(options, steps):
    command = [PYTHON, os.path.join(ROOT, "bench/torch_train.py"), "--batch", options.batch, "--size", options.size,
               "--steps", steps, "--threads", options.threads, "--workers", options.workers]
    if options.precision == "bf16":
        command.append("--bfloat16")
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"The PyTorch loop failed:\n{done.stderr}")
    result = json.loads(done.stdout.splitlines()[-1])
    return options.batch * len(result["seconds"]) / sum(result["seconds"]), result["waiting_share"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?")
    parser.add_argument("--program", default=os.path.join(ROOT, "build/bin/ocrdet-train"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4, help="in an epoch of the made-up set, and of PyTorch's loop")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    options = parser.parse_args()

    version = subprocess.run([PYTHON, "-c", "import torch; print(torch.__version__)"], capture_output=True, text=True)
    if version.returncode != 0:
        sys.exit(f"{PYTHON} has no torch: install python3-torch, or name another interpreter in OCRDET_BENCH_PYTHON.")
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}; "
          f"load {os.getloadavg()[0]:.1f} before the start")
    print(f"PyTorch {version.stdout.strip()}; batch {options.batch}, {options.size}×{options.size}, {options.threads} threads, "
          f"{options.workers} workers, channels last, {options.precision}, {options.rounds} rounds")
    with tempfile.TemporaryDirectory() as folder:
        dataset = options.dataset or made_up(os.path.join(folder, "set"), options.batch * options.steps)
        rows = []
        for _ in range(options.rounds):
            rows.append((ours(options.program, dataset, options, os.path.join(folder, "runs")), theirs(options, options.steps)))
    for name, side in (("ocrdet train", 0), ("PyTorch", 1)):
        print(f"{name:14} {statistics.median(row[side][0] for row in rows):7.3f} images/s, "
              f"{100 * statistics.median(row[side][1] for row in rows):5.2f} % of the time waiting for data")
    ratios = [row[0][0] / row[1][0] for row in rows]
    print(f"{'ratio':14} {statistics.median(ratios):7.2f} ({min(ratios):.2f} … {max(ratios):.2f})")


if __name__ == "__main__":
    main()
