"""Picture file to boxes, end to end, side by side: ocrdet against OpenCV, RapidOCR, ONNX Runtime in Python, and PyTorch.

All get the same model file, the same number of threads, the same pictures and the same input sizes (longer side at most --length,
both to the nearest multiple of 32). In every round each contestant goes once over all pictures, in rotating order, alone on the
machine; a ratio is the median over rounds of (its time) / (ocrdet's time). Pictures were seen once before the first round.
Peak memory is the high-water mark of each one's own process after the last round.

PP-OCRv4's file, which has seen text, is the one that counts (OCRDET_PPOCR_MODEL, or scripts/fetch-ppocr.sh); PyTorch joins for
our own network, with formula weights. Peers live in a virtual environment in the user's cache folder (requirements.txt pins
them); one that cannot be had is left out, and said.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(FOLDER, "..")
PROGRAM = os.environ.get("OCRDET_PROGRAM", os.path.join(ROOT, "build", "bin", "ocrdet"))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "ocrdet", "bench-peers")
IMAGE_NAMES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
OURS = "ocrdet"
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
# Formula weights paint noise all over the map: at the usual threshold, finding its contours takes longer than the network.
NO_NOISE = 0.97
DBNET = {"mean": [123.68 / 255, 116.78 / 255, 103.94 / 255], "std": [1.0, 1.0, 1.0]}


def peers_python():
    """The interpreter of the peers' environment, made anew when the pins changed."""
    with open(os.path.join(FOLDER, "requirements.txt")) as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    python, stamp = os.path.join(CACHE, "bin", "python"), os.path.join(CACHE, "pins")
    if os.path.exists(stamp) and open(stamp).read().splitlines() == lines:
        return python
    print("Installing the peers (once) …", file=sys.stderr)
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--clear", "--system-site-packages", CACHE], check=True)
    missing = [line for line in lines if subprocess.run([python, "-m", "pip", "install", "--quiet", *line.split()]).returncode]
    if missing:
        print(f"SKIPPED: what needs {', '.join(missing)}, which could not be installed.")
        return python
    with open(stamp, "w") as file:
        file.write("\n".join(lines))
    return python


class Unavailable(Exception):
    """A peer that cannot be compared with, and why."""


class Peer:
    """A contestant in a process of its own, which waits between its turns."""

    def __init__(self, python, name, spec):
        self.name = name
        self.process = subprocess.Popen([python, os.path.join(FOLDER, "detect_peer.py"), json.dumps({"peer": name, **spec})],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.versions = self.answer()["versions"]

    def answer(self):
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"unavailable": f"its process ended with status {self.process.wait()}"}
        if "unavailable" in answer:
            raise Unavailable(answer["unavailable"])
        return answer

    def go(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Ocrdet:
    """The same in processes of `ocrdet bench`, one a round, which sees every picture once before it measures."""

    name = OURS

    def __init__(self, spec):
        self.command = [PROGRAM, "bench", spec["model"], "--resize", f"long:{spec['length']}", "--threads",
                        str(spec["threads"]), "--runs", str(len(spec["images"])), "--warm-up", "0", "--images-at-a-time", "1",
                        "--no-memory", "--quiet", "--json", "--pixel-threshold", str(spec["pixel_threshold"]), "--box-threshold",
                        str(spec["box_threshold"])]
        for image in spec["images"]:
            self.command += ["--images", image]
        self.versions = "ocrdet " + run_json([PROGRAM, "version", "--json"])[0]["version"]

    def go(self):
        report, peak_bytes = run_json(self.command)
        case = report["cases"][0]
        return {"ms": case["latency_ms"]["all"], "boxes": case["boxes"], "peak_bytes": peak_bytes,
                "sizes": [[case["input"]["height"], case["input"]["width"]]]}

    def close(self):
        pass


def run_json(command):
    """The document that a finished process printed, and its peak of resident memory."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{text}{process.stderr.read()}")
    return json.loads(text), usage.ru_maxrss * 1024


def percentile(values, percent):
    values = sorted(values)
    return values[max(0, -(-percent * len(values) // 100) - 1)]


def contest(title, spec, names, python, rounds):
    contestants = [Ocrdet(spec)]
    for name in names:
        try:
            peer = Peer(python, name, spec)
            peer.go()  # sees every picture once, as ocrdet does
            contestants.append(peer)
        except Unavailable as reason:
            print(f"SKIPPED: {name}: {reason}")
    results = {one.name: [] for one in contestants}
    for number in range(rounds):
        shift = number % len(contestants)
        for one in contestants[shift:] + contestants[:shift]:
            results[one.name].append(one.go())
    for one in contestants:
        one.close()
    report(title, spec, contestants, results)


def report(title, spec, contestants, results):
    def largest(sizes):
        return max(sizes, key=lambda size: size[0] * size[1])

    print(f"\n{title}: {len(spec['images'])} pictures, longer side at most {spec['length']}, {spec['threads']} threads, "
          f"median of {len(results[OURS])} rounds")
    print(f"{'':<30} {'times ocrdet (range)':>22} {'p50':>7} {'p90':>7} {'p99 ms':>7} {'pictures/s':>11} {'peak MB':>8} {'boxes':>6}")
    ours = results[OURS]
    for one in contestants:
        mine = results[one.name]
        ratios = [sum(theirs["ms"]) / sum(our["ms"]) for theirs, our in zip(mine, ours)]
        times = [ms for single in mine for ms in single["ms"]]
        per_second = statistics.median(1e3 * len(single["ms"]) / sum(single["ms"]) for single in mine)
        ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        print(f"{one.name:<30} {ratio:>22} {percentile(times, 50):7.0f} {percentile(times, 90):7.0f} {percentile(times, 99):7.0f} "
              f"{per_second:11.2f} {mine[-1]['peak_bytes'] / 1e6:8.0f} {mine[-1]['boxes']:6}")
        if largest(mine[-1]["sizes"]) != largest(ours[-1]["sizes"]):
            print(f"  NOT COMPARABLE: its largest input is {largest(mine[-1]['sizes'])}, ocrdet's {largest(ours[-1]['sizes'])}")
    print("  " + ", ".join(one.versions for one in contestants))


def shares(model, title, photograph, threads, runs, pixel_threshold):
    """What is not inference, for one photograph at the size that the file's own settings give it."""
    command = [PROGRAM, "bench", model, "--images", photograph, "--threads", str(threads), "--runs", str(runs), "--quiet",
               "--json", "--pixel-threshold", str(pixel_threshold)]
    report, _ = run_json(command)
    case = report["cases"][0]
    stages = ", ".join(f"{name} {stage['ms']:.1f} ms" for name, stage in case["stages"].items())
    rest = 100 * (1 - case["stages"]["inference"]["ms"] / case["latency_ms"]["mean"])
    throughput = case["images_per_second"]
    print(f"\n{title}, {os.path.basename(photograph)} at {case['input']['height']}x{case['input']['width']}: everything but inference is "
          f"{rest:.1f} % ({stages})")
    print(f"  {throughput['one_by_one']:.2f} pictures/s one by one" +
          (f", {throughput['side_by_side']:.2f} with {throughput['images_at_a_time']} side by side"
           if throughput["side_by_side"] else ""))


def make_photograph(python, source, target):
    """The middle of an upright picture as a 1280×720 JPEG file. False when there is no OpenCV to make it."""
    code = ("import cv2, sys; p = cv2.imread(sys.argv[1]); h = p.shape[1] * 9 // 16; t = (p.shape[0] - h) // 2; "
            "cv2.imwrite(sys.argv[2], cv2.resize(p[t:t + h], (1280, 720), interpolation=cv2.INTER_CUBIC))")
    return subprocess.run([python, "-c", code, source, target], stderr=subprocess.DEVNULL).returncode == 0


def pictures_in(folder):
    return sorted(os.path.join(where, name) for where, _, names in os.walk(folder) for name in names
                  if name.lower().endswith(IMAGE_NAMES))


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--length", type=int, default=960, help="longer side of the input at most (default: %(default)s)")
    parser.add_argument("--images", help="a folder of pictures besides the project's own")
    parser.add_argument("--most-images", type=int, default=20, help="of that folder, evenly picked (default: %(default)s)")
    parser.add_argument("--photograph", help="720x1280 picture for the share of stages (default: made of the sample)")
    return parser.parse_args()


def main():
    options = parsed_options()
    python = peers_python()
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{processor}, {os.cpu_count()} processors, {platform.system()} {platform.release()}; "
          f"load {os.getloadavg()[0]:.1f} before the start")
    with tempfile.TemporaryDirectory() as folder:
        sample = os.path.join(ROOT, "examples", "images", "book-page.jpg")
        images = [sample]
        photograph = options.photograph or os.path.join(folder, "photograph_720x1280.jpg")
        if options.photograph or make_photograph(python, sample, photograph):
            images.append(photograph)
        if options.images:
            found = pictures_in(options.images)
            images += found[::max(1, -(-len(found) // options.most_images))]
        spec = {"threads": options.threads, "length": options.length, "images": images, "pixel_threshold": 0.3,
                "box_threshold": 0.6, "unclip_ratio": 1.5}
        ppocr = subprocess.run([os.path.join(ROOT, "scripts", "fetch-ppocr.sh")], stdout=subprocess.PIPE, text=True).stdout.strip()
        if os.path.exists(ppocr):
            contest("PP-OCRv4", {**spec, **IMAGENET, "model": ppocr},
                    ["RapidOCR", "ONNX Runtime in Python", "OpenCV TextDetectionModel_DB"], python, options.rounds)
        else:
            print("SKIPPED: PP-OCRv4: its file is not there and could not be fetched.")

        checkpoint, model = os.path.join(folder, "formula.pt"), os.path.join(folder, "model_dynamic.onnx")
        with open(checkpoint, "wb") as file:
            subprocess.run(["xz", "-dkc", os.path.join(ROOT, "tests/golden/weights/formula.pt.xz")], stdout=file, check=True)
        subprocess.run([PROGRAM, "export", checkpoint, "--dynamic", "--no-verify", "--quiet", "-o", model],
                       stdout=subprocess.DEVNULL, check=True)
        contest("DBNet-ResNet18 (formula weights)",
                {**spec, **DBNET, "model": model, "checkpoint": checkpoint, "pixel_threshold": NO_NOISE},
                ["PyTorch", "RapidOCR", "ONNX Runtime in Python", "OpenCV TextDetectionModel_DB"], python, options.rounds)

        if photograph in images:
            for file, title, threshold in ((ppocr, "PP-OCRv4", 0.3), (model, "DBNet-ResNet18", NO_NOISE)):
                if os.path.exists(file):
                    shares(file, title, photograph, options.threads, max(10, 3 * options.rounds), threshold)


if __name__ == "__main__":
    main()
