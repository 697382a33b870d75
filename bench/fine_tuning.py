"""Does fine-tuning help where the shipped line model is weak, and what does it cost elsewhere?

  bench/fine_tuning.py [--kind dot-matrix] [--chinese 0] [GENERAL_SET…]

Draws 40 pictures of a kind to learn from, 40 to validate with and 40 others to measure (`ocrdet dataset synth`), fine-tunes the
shipped line model with every option of `ocrdet train` at its default, and evaluates the model before and after, with the thresholds of
the file and with the best of a sweep: on the 40 others, and on the test part of each general set. Prints a Markdown table. Ends with
status 1 when the start is below 0.3, the gain below 10 points, or the loss on a general set above 2, all with the thresholds of the
file. `--folder` keeps data, run and before.onnx.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

from hmean import evaluation

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOWEST_START, LOWEST_GAIN, HIGHEST_LOSS = 0.3, 0.10, 0.02


def run(program, *words, **options):
    return subprocess.run([str(program), *map(str, words)], check=True, **options)


def hmean(program, model, dataset):
    """(With the thresholds of the file, with the best of a sweep.)"""
    result = evaluation(program, model, dataset)
    return result["hmean"], result["sweep"][0]["hmean"]


def drawn(options, name, pictures, tests, seed):
    """A new data set of the kind."""
    folder = options.folder / name
    run(options.program, "dataset", "synth", folder, "--kind", options.kind, "--chinese", options.chinese, "--count", pictures,
        "--test", tests, "--seed", seed, "--quiet", stdout=sys.stderr)
    return folder


def fine_tuned(trainer, dataset, init, folder):
    run(trainer, dataset, "--init", init, "--validation", dataset, "--out", folder, stdout=sys.stderr)
    (finished,) = folder.iterdir()
    return finished / "best.onnx"


def verdict(start, end, general):
    """What does not hold. `general`: {folder: (before, after)}; hmeans from 0 to 1."""
    problems = []
    if start < LOWEST_START:
        problems.append(f"starts at {start:.3f}, below {LOWEST_START}")
    if end - start < LOWEST_GAIN:
        problems.append(f"gains {100 * (end - start):.1f} points, less than {100 * LOWEST_GAIN:.0f}")
    for name, (before, after) in general.items():
        if before - after > HIGHEST_LOSS:
            problems.append(f"{name} loses {100 * (before - after):.1f} points, more than {100 * HIGHEST_LOSS:.0f}")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("general", nargs="*", metavar="GENERAL_SET")
    parser.add_argument("--kind", default="dot-matrix", choices=("dot-matrix", "seal", "vertical"))
    parser.add_argument("--chinese", type=float, default=0, help="share of Chinese pictures")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--model", default=ROOT / "models/ocrdet-line.safetensors")
    parser.add_argument("--program", default=ROOT / "build/bin/ocrdet")
    parser.add_argument("--trainer", default=ROOT / "build/bin/ocrdet-train")
    options = parser.parse_args()
    scratch = tempfile.TemporaryDirectory()
    options.folder = options.folder or pathlib.Path(scratch.name)
    learnt = drawn(options, options.kind, 40, 40, options.seed)
    others = drawn(options, f"{options.kind}-others", 0, 40, options.seed + 1)
    before = options.folder / "before.onnx"
    run(options.program, "export", options.model, "--dynamic", "--no-verify", "-o", before, "--quiet")
    after = fine_tuned(options.trainer, learnt, options.model, options.folder / "runs")
    print("| set | before | after | gain | best of sweep: before | after | gain |\n|---|---|---|---|---|---|---|", flush=True)
    measured = {}
    for dataset in map(pathlib.Path, (others, *options.general)):
        rows = zip(hmean(options.program, before, dataset), hmean(options.program, after, dataset))
        (old, new), (best_old, best_new) = rows
        measured[dataset] = (old, new)
        print(f"| {dataset.name} | {old:.3f} | {new:.3f} | {100 * (new - old):+.1f} "
              f"| {best_old:.3f} | {best_new:.3f} | {100 * (best_new - best_old):+.1f} |", flush=True)
    start, end = measured.pop(others)
    problems = verdict(start, end, measured)
    print("; ".join(problems) if problems else "the proof holds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
