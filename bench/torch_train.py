"""The training loop that bench/train.py compares with: PyTorch, this network (tests/reference/dbnet.py), SGD with Nesterov.

Its data costs next to nothing: uint8 crops and ready-made target maps, cut from arrays in memory by DataLoader workers. (The
other side reads files, decodes, turns, scales and draws its targets.) Prints one JSON line: seconds of every step after the
warm-up, and the share of that time spent waiting for the loader.
"""
import argparse
import json
import os
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/reference"))
from dbnet import DBNet  # noqa: E402


class Crops(torch.utils.data.Dataset):
    """Crops of a few noise pictures with rectangles of text: picture, text map, border map, border mask."""

    def __init__(self, count, size):
        draw = np.random.default_rng(1)
        self.count, self.size = count, size
        side = size + 128
        self.pictures = draw.integers(0, 256, (4, side, side, 3), np.uint8)
        self.maps = np.zeros((4, 3, side, side), np.float32)
        for maps in self.maps:
            maps[1] = 0.3
            for _ in range(24):
                top, left = draw.integers(0, side - 32), draw.integers(0, side - 160)
                maps[1, top:top + 32, left:left + 160] = 0.6
                maps[2, top:top + 32, left:left + 160] = 1
                maps[0, top + 8:top + 24, left + 8:left + 152] = 1

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        draw = np.random.default_rng(index)
        y, x = draw.integers(0, 128, 2)
        cut = np.s_[y:y + self.size, x:x + self.size]
        return self.pictures[index % 4][cut].copy(), self.maps[index % 4][(slice(None),) + cut].copy()


def losses(output, maps):
    text, border, border_mask = maps[:, 0], maps[:, 1], maps[:, 2]
    probability, thresh, binary = (output[name][:, 0].float() for name in ("binary", "thresh", "thresh_binary"))
    each = F.binary_cross_entropy(probability, text, reduction="none")
    positives = int(text.sum())
    hard = min(int((1 - text).sum()), 3 * positives)
    worst = torch.topk((each * (1 - text)).flatten(), hard)[0]
    bce = ((each * text).sum() + worst.sum()) / (positives + hard + 1e-6)
    l1 = ((thresh - border).abs() * border_mask).sum() / border_mask.sum().clamp_min(1)
    dice = 1 - 2 * (binary * text).sum() / (binary.sum() + text.sum() + 1e-6)
    return 5 * bce + 10 * l1 + dice


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--warm-up", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--bfloat16", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    network = DBNet().to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(network.parameters(), 0.001, momentum=0.9, weight_decay=1e-4, nesterov=True)
    loader = torch.utils.data.DataLoader(Crops(options.batch * (options.steps + options.warm_up), options.size), options.batch,
                                         num_workers=options.workers, prefetch_factor=3)
    mean = torch.tensor([123.68, 116.78, 103.94]).flip(0).view(1, 3, 1, 1)
    seconds, waited = [], 0.0
    batches = iter(loader)
    for number in range(options.steps + options.warm_up):
        start = time.monotonic()
        pictures, maps = next(batches)
        wait = time.monotonic() - start
        images = ((pictures.permute(0, 3, 1, 2).float() - mean) / 255).contiguous(memory_format=torch.channels_last)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bfloat16):
            output = network(images)
        loss = losses(output, maps)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 25)
        optimizer.step()
        loss.item()
        if number >= options.warm_up:
            seconds.append(time.monotonic() - start)
            waited += wait
    print(json.dumps({"torch": torch.__version__, "seconds": seconds, "waiting_share": waited / sum(seconds)}))


if __name__ == "__main__":
    main()
