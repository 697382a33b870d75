"""Hmean of a detector on data sets, at the best thresholds of a sweep, for each way of making boxes.

  bench/hmean.py --model ch_PP-OCRv4_det_infer.onnx DATASET…

Every DATASET is a folder in ICDAR 2015's layout; its test part is evaluated at short side 736. Prints a Markdown table.
"""
import argparse
import json
import pathlib
import subprocess

WAYS = {
    "default": [],
    "invert-shrink": ["--growth", "invert-shrink"],
    "modelscope": ["--compat", "modelscope"],
    "mhliao": ["--compat", "mhliao"],
}


def evaluation(program, model, dataset, options=()):
    command = [program, "eval", dataset, "--model", model, "--resize", "short:736", "--sweep", "--json", "--quiet", *options]
    return json.loads(subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="+", metavar="DATASET")
    parser.add_argument("--model", required=True)
    parser.add_argument("--program", default=str(pathlib.Path(__file__).parent.parent / "build/bin/ocrdet"))
    arguments = parser.parse_args()
    print("| set | " + " | ".join(WAYS) + " |")
    print("|---|" + "---|" * len(WAYS), flush=True)
    for dataset in arguments.datasets:
        cells = []
        for options in WAYS.values():
            row = evaluation(arguments.program, arguments.model, dataset, options)["sweep"][0]
            thresholds = [row["pixel_threshold"], row["box_threshold"], row["unclip_ratio"]]
            cells.append(f"{row['hmean']:.3f} ({', '.join(format(t, 'g') for t in thresholds)})")
        print(f"| {pathlib.Path(dataset).name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
