"""Training step for step, side by side: `ocrdet train` against bench/torch_train.py, a PyTorch loop in Python.

The same LibTorch (others are not compared), pictures, network, losses, optimizer, batch, size, threads, workers, memory format and
precision. Rounds are paired (one of each in turn); the ratio is the median of the rounds' ratios of images per second. The first
epoch of ours and the first step of theirs are warm-up. DATASET is a folder with images/ and gts/, or train_images/ and train_gts/;
without it the page of examples/images with made-up lines. Ends with status 1 when ours is slower, or waits for data 5 % of the
time or more. Packages of theirs are those of bench/requirements.txt; OCRDET_BENCH_PYTHON names another interpreter.
"""
import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading

from detect import peers_python

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
MOST_WAITING = 0.05


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


class CardWatch:
    """The mean share of time in which the graphics card worked, as nvidia-smi says, while a program ran."""

    def __init__(self, device):
        self.shares, self.ended = [], threading.Event()
        self.thread = threading.Thread(target=self.watch) if device == "cuda" else None

    def watch(self):
        command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        while not self.ended.wait(0.5):
            self.shares.append(float(subprocess.run(command, capture_output=True, text=True).stdout.split()[0]))

    def __enter__(self):
        if self.thread:
            self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        if self.thread:
            self.thread.join()

    def share(self):
        return statistics.mean(self.shares) if self.shares else None


def result_of(command, name, device):
    with CardWatch(device) as card:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stderr or done.stdout}")
    return json.loads(done.stdout[done.stdout.index("{"):]), card.share()


def ours(dataset, options, folder):
    command = [options.program, dataset, "--out", folder, "--batch", options.batch, "--size", options.size, "--epochs", 2,
               "--threads", options.threads, "--workers", options.workers, "--precision", options.precision, "--average", 0,
               "--device", options.device, "--no-export", "--quiet", "--json"]
    result, card = result_of(command, "ocrdet-train", options.device)
    with open(os.path.join(result["run"], "log.jsonl")) as file:
        last = [line for line in map(json.loads, file) if line["kind"] == "epoch"][-1]
    return {"torch": result["libtorch"], "speed": last["images_per_second"], "waiting": last["waiting_share"], "card": card}


def theirs(python, dataset, options):
    command = [python, os.path.join(ROOT, "bench/torch_train.py"), dataset, "--batch", options.batch, "--size", options.size,
               "--steps", options.steps, "--threads", options.threads, "--workers", options.workers, "--device", options.device]
    if options.precision == "bf16":
        command.append("--bfloat16")
    result, card = result_of(command, "The PyTorch loop", options.device)
    return {"torch": result["torch"], "speed": options.batch * len(result["seconds"]) / sum(result["seconds"]),
            "waiting": result["waiting_share"], "card": card}


def release(version):
    """"2.6.0" of "2.6.0+cu124", "1.13.0" of Debian's "1.13.0a0"."""
    return re.match(r"[0-9.]*[0-9]", version).group()


def require_same_torch(one, other):
    if release(one) != release(other):
        sys.exit(f"ocrdet-train was built with LibTorch {one}, Python has PyTorch {other}: a comparison would measure the "
                 "difference between these. Build ocrdet-train with that PyTorch (docs/training.md), or name an interpreter that "
                 "has the same release in OCRDET_BENCH_PYTHON.")


def report(rows):
    """Prints the comparison; returns what does not hold."""
    for name, side in (("ocrdet train", 0), ("PyTorch", 1)):
        cards = [row[side]["card"] for row in rows if row[side]["card"] is not None]
        print(f"{name:14} {statistics.median(row[side]['speed'] for row in rows):7.3f} images/s, "
              f"{100 * statistics.median(row[side]['waiting'] for row in rows):5.2f} % of the time waiting for data"
              + (f", card at work {statistics.median(cards):.0f} % of the whole run" if cards else ""))
    ratios = [row[0]["speed"] / row[1]["speed"] for row in rows]
    ratio, waiting = statistics.median(ratios), statistics.median(row[0]["waiting"] for row in rows)
    print(f"{'ratio':14} {ratio:7.2f} ({min(ratios):.2f} … {max(ratios):.2f})")
    broken = []
    if ratio < 1:
        broken.append(f"ocrdet train is slower: {ratio:.3f} times PyTorch's images per second")
    if waiting >= MOST_WAITING:
        broken.append(f"ocrdet train waits for data {100 * waiting:.1f} % of the time; {100 * MOST_WAITING:.0f} % is too much")
    return broken


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
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()

    python = os.environ.get("OCRDET_BENCH_PYTHON") or peers_python()
    version = subprocess.run([python, "-c", "import torch; print(torch.__version__)"], capture_output=True, text=True)
    if version.returncode != 0:
        sys.exit(f"{python} has no torch: install python3-torch, or name another interpreter in OCRDET_BENCH_PYTHON.")
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}; "
          f"load {os.getloadavg()[0]:.1f} before the start")
    print(f"PyTorch {version.stdout.strip()}; batch {options.batch}, {options.size}×{options.size}, {options.threads} threads, "
          f"{options.workers} workers, channels last, {options.precision}, {options.device}, {options.rounds} rounds")
    with tempfile.TemporaryDirectory() as folder:
        dataset = options.dataset or made_up(os.path.join(folder, "set"), options.batch * options.steps)
        rows = []
        for _ in range(options.rounds):
            own = ours(dataset, options, os.path.join(folder, "runs"))
            require_same_torch(own["torch"], version.stdout.strip())
            rows.append((own, theirs(python, dataset, options)))
    broken = report(rows)
    if broken:
        sys.exit("\n".join(broken))


if __name__ == "__main__":
    main()
