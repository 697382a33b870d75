"""The training loop that bench/train.py compares with: PyTorch, OpenCV and pyclipper, as such trainers are usually written.

It computes what `ocrdet train` computes: the network of tests/reference/dbnet.py, the losses and targets of
tests/reference/targets.py, SGD with Nesterov momentum and no decay of biases and batch norm, gradients clipped, channels last,
the same means. Its loader workers do the same work, too: read and decode the file, draw a turn, a scale and a window, interpolate
once, change colours half of the time, clip the texts, draw the maps. (Ours takes crops between texts half of the time, which cost
the same pixels and maps.) Prints one JSON line: seconds of every step after the warm-up, and the share of them spent waiting.
"""
import argparse
import json
import math
import os
import sys
import time

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/reference"))
try:
    import cv2
    from targets import border_map, losses, prepare, text_map
except ImportError as problem:
    sys.exit(f"{problem}: {sys.executable} needs opencv-python-headless, pyclipper and shapely (bench/requirements.txt).")
from dbnet import DBNet  # noqa: E402

BATCHES_AHEAD = 3  # as ours
SHORT_SIDE, MIN_TEXT_SIZE = 736, 8
MEAN = torch.tensor([123.68, 116.78, 103.94]).view(1, 3, 1, 1)  # of blue, green, red as they lie: the model was trained so


def pictures_of(folder):
    """(file, polygons, ignored) of every picture of a folder with images/ and gts/, or train_images/ and train_gts/."""
    for images, truths in (("train_images", "train_gts"), ("images", "gts")):
        if os.path.isdir(os.path.join(folder, images)):
            break
    else:
        sys.exit(f"{folder} has neither images/ nor train_images/: the PyTorch loop reads no other layout.")
    found = []
    for name in sorted(os.listdir(os.path.join(folder, images))):
        names = (os.path.splitext(name)[0] + ".txt", name + ".txt", "gt_" + os.path.splitext(name)[0] + ".txt")
        truth = next((path for path in (os.path.join(folder, truths, each) for each in names) if os.path.exists(path)), None)
        if truth is None:
            continue
        polygons, ignored = [], []
        with open(truth, encoding="utf-8-sig") as file:
            for line in file:
                fields = line.strip().split(",")
                if len(fields) < 9:
                    continue
                polygons.append(np.array(fields[:8], np.float64).reshape(4, 2))
                ignored.append(",".join(fields[8:]) in ("###", "*"))
        found.append((os.path.join(folder, images, name), polygons, ignored))
    return found


def view_of(height, width, polygons, size, draw):
    """An affine map: mirrored or not, turned by up to 10 degrees, 0.5 to 3 times the size of detection, around some text."""
    side, angle = draw.choice((-1, 1)), math.radians(draw.uniform(-10, 10))
    scale = SHORT_SIDE / min(height, width) * math.exp(draw.uniform(math.log(0.5), math.log(3)))
    turn = scale * np.array([[side * math.cos(angle), -math.sin(angle)], [side * math.sin(angle), math.cos(angle)]])
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]) @ turn.T
    focus = polygons[draw.integers(len(polygons))] @ turn.T if polygons and draw.random() < 0.8 else corners
    start = draw.uniform(focus.min(0) - size, focus.max(0))
    low, free = corners.min(0), np.ptp(corners, 0) - size
    start = np.clip(start, low + np.minimum(0, free), low + np.maximum(0, free))
    return np.hstack((turn, -start[:, None])), scale


def interpolated(image, view, scale, size):
    """What shrinks by more than half is averaged before."""
    if scale < 0.5:
        share = max(scale * 1.5, 1 / min(image.shape[:2]))
        small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        factors = np.array([image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]])
        view = np.hstack((view[:, :2] * factors, (view[:, 2] + view[:, :2] @ ((factors - 1) / 2))[:, None]))
        image = small
    return cv2.warpAffine(image, view, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def changed_colours(image, draw):
    contrast, brightness = draw.uniform(0.6, 1.4), draw.uniform(-40, 40)
    values = (np.arange(256) - 128) * contrast + 128 + brightness
    table = np.clip(np.rint(values[:, None] * draw.uniform(0.85, 1.15, 3)), 0, 255).astype(np.uint8)
    return cv2.LUT(image, table.reshape(256, 1, 3))


def clipped(polygon, size):
    """The part of a convex polygon in the square; nothing when it lies outside."""
    square = np.array([[0, 0], [size - 1, 0], [size - 1, size - 1], [0, size - 1]], np.float32)
    if polygon.min() >= 0 and polygon.max() <= size - 1:
        return polygon
    area, inside = cv2.intersectConvexConvex(polygon.astype(np.float32), square)
    return inside.reshape(-1, 2).astype(np.float64) if area > 0 else None


class Samples(torch.utils.data.Dataset):
    def __init__(self, folder, count, size):
        self.pictures, self.count, self.size = pictures_of(folder), count, size
        if not self.pictures:
            sys.exit(f"{folder} has no pictures with ground truth.")

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        cv2.setNumThreads(1)
        draw = np.random.default_rng(index)
        path, polygons, ignored = self.pictures[index % len(self.pictures)]
        image = cv2.imread(path)
        view, scale = view_of(*image.shape[:2], polygons, self.size, draw)
        image = interpolated(image, view, scale, self.size)
        if draw.random() < 0.5:
            image = changed_colours(image, draw)
        seen = [(clipped(polygon @ view[:, :2].T + view[:, 2], self.size), skip) for polygon, skip in zip(polygons, ignored)]
        seen = [(polygon, skip) for polygon, skip in seen if polygon is not None]
        polygons, ignored = prepare([polygon for polygon, _ in seen], [skip for _, skip in seen], self.size, self.size)
        text, mask = text_map(polygons, ignored, self.size, self.size, MIN_TEXT_SIZE)
        border, border_mask = border_map(polygons, ignored, self.size, self.size)
        return image, np.stack((text, mask, border, border_mask))


def optimizer_of(network):
    """Weights of convolutions decay; batch norm and biases do not."""
    parameters = list(network.parameters())
    groups = [{"params": [each for each in parameters if each.dim() > 1], "weight_decay": 1e-4},
              {"params": [each for each in parameters if each.dim() <= 1], "weight_decay": 0}]
    return torch.optim.SGD(groups, 0.007, momentum=0.9, nesterov=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--warm-up", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    network = DBNet().to(options.device, memory_format=torch.channels_last).train()
    optimizer = optimizer_of(network)
    # More than are learnt: in a long training, and in ours, workers prepare batches during the last steps that count as well.
    samples = Samples(options.dataset, options.batch * (options.steps + options.warm_up + BATCHES_AHEAD), options.size)
    loader = torch.utils.data.DataLoader(samples, options.batch, num_workers=options.workers,
                                         prefetch_factor=-(-BATCHES_AHEAD // options.workers))
    mean = MEAN.to(options.device)
    seconds, waited = [], 0.0
    batches = iter(loader)
    for number in range(options.steps + options.warm_up):
        start = time.monotonic()
        pictures, maps = next(batches)
        wait = time.monotonic() - start
        pictures, maps = pictures.to(options.device), maps.to(options.device)
        images = ((pictures.permute(0, 3, 1, 2).float() - mean) / 255).contiguous(memory_format=torch.channels_last)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(options.device, torch.bfloat16, enabled=options.bfloat16):
            output = network(images)
        loss = losses(*(output[name].float() for name in ("binary", "thresh", "thresh_binary")), *maps.unbind(1))["total"]
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
