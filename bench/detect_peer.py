"""One contestant of bench/detect.py: a process that loads one detector and finds text on files when it is told to.

Started with a JSON object as its argument: peer, model, threads, length (of the longer side at most), images, mean, std (of
0…1, in the order of BGR), thresholds; for PyTorch also checkpoint. It prints one line when it is ready (versions, or why it
cannot run). For every line on stdin it goes once over the images and prints milliseconds, boxes and input sizes, each picture
from its file to its boxes, and the high-water mark of its memory so far.
"""
import json
import os
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "reference"))


def resized(height, width, length):
    """PaddleOCR's rule, which ocrdet calls long:LENGTH."""
    ratio = min(1.0, length / max(height, width))
    return tuple(max(32, int(round(int(side * ratio) / 32) * 32)) for side in (height, width))


def usual_postprocessing(spec):
    """NumPy, OpenCV, shapely and pyclipper: what the networks' own repositories do."""
    import postprocess

    options = postprocess.with_options("mhliao-quad", thresh=spec["pixel_threshold"], box_thresh=spec["box_threshold"],
                                       unclip_ratio=spec["unclip_ratio"])
    return lambda probabilities, height, width: postprocess.detect(probabilities, height, width, options)[0]


def usual_preprocessing(spec):
    import cv2
    import numpy as np

    mean, std = np.array(spec["mean"], np.float32), np.array(spec["std"], np.float32)

    def preprocess(picture):
        height, width = resized(*picture.shape[:2], spec["length"])
        planes = (cv2.resize(picture, (width, height)).astype(np.float32) / 255 - mean) / std
        return np.ascontiguousarray(planes.transpose(2, 0, 1))[None]

    return preprocess


def chain(spec, network):
    """File to boxes around a function from the network's input to its output."""
    import cv2

    preprocess, postprocess = usual_preprocessing(spec), usual_postprocessing(spec)

    def detect(path):
        picture = cv2.imread(path)
        blob = preprocess(picture)
        return postprocess(network(blob)[0, 0], *picture.shape[:2]), blob.shape[2:]

    return detect


def onnxruntime_peer(spec):
    import cv2
    import onnxruntime

    cv2.setNumThreads(spec["threads"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = spec["threads"]
    session = onnxruntime.InferenceSession(spec["model"], options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return chain(spec, lambda blob: session.run(None, {name: blob})[0]), f"onnxruntime {onnxruntime.__version__}"


def pytorch_peer(spec):
    import cv2
    import torch

    import dbnet

    cv2.setNumThreads(spec["threads"])
    torch.set_num_threads(spec["threads"])
    network = dbnet.DBNet()
    network.load_state_dict(torch.load(spec["checkpoint"], map_location="cpu"))
    network.eval()

    def run(blob):
        with torch.no_grad():
            return network(torch.from_numpy(blob)).numpy()

    return chain(spec, run), f"PyTorch {torch.__version__}"


def with_flat_map(path):
    """The same model with an output [H, W] instead of [1, 1, H, W], which TextDetectionModel_DB takes for an empty map."""
    import onnx

    model = onnx.load(path)
    model.graph.node.append(onnx.helper.make_node("Squeeze", [model.graph.output[0].name], ["flat_map"], axes=[0, 1]))
    model.graph.output[0].CopyFrom(onnx.helper.make_tensor_value_info("flat_map", onnx.TensorProto.FLOAT, ["h", "w"]))
    return model.SerializeToString()


def opencv_peer(spec):
    import cv2

    cv2.setNumThreads(spec["threads"])
    model = opencv_model(spec)

    def detect(path):
        picture = cv2.imread(path)
        size = resized(*picture.shape[:2], spec["length"])
        model.setInputSize(size[1], size[0])
        return model.detect(picture)[0], size

    return detect, f"OpenCV {cv2.__version__}"


def opencv_model(spec):
    import cv2
    import numpy as np

    model = cv2.dnn.TextDetectionModel_DB(cv2.dnn.readNetFromONNX(np.frombuffer(with_flat_map(spec["model"]), np.uint8)))
    model.setBinaryThreshold(spec["pixel_threshold"]).setPolygonThreshold(spec["box_threshold"])
    model.setUnclipRatio(spec["unclip_ratio"]).setMaxCandidates(1000)
    model.setInputMean([255 * value for value in spec["mean"]])
    model.setInputScale([1 / (255 * value) for value in spec["std"]])
    return model


def rapidocr_peer(spec):
    from importlib.metadata import version

    import cv2
    from rapidocr_onnxruntime.ch_ppocr_det import TextDetector
    from rapidocr_onnxruntime.ch_ppocr_det.utils import DetPreProcess

    cv2.setNumThreads(spec["threads"])
    detector = TextDetector({
        "model_path": spec["model"], "intra_op_num_threads": spec["threads"], "limit_type": "max",
        "limit_side_len": spec["length"], "mean": spec["mean"], "std": spec["std"], "thresh": spec["pixel_threshold"],
        "box_thresh": spec["box_threshold"], "unclip_ratio": spec["unclip_ratio"], "use_dilation": False})
    # Left alone it takes 960, 1500 or 2000 by the picture's size.
    detector.get_preprocess = lambda _: DetPreProcess(spec["length"], "max", spec["mean"], spec["std"])

    def detect(path):
        picture = cv2.imread(path)
        return detector(picture)[0], resized(*picture.shape[:2], spec["length"])

    return detect, f"rapidocr-onnxruntime {version('rapidocr-onnxruntime')}"


PEERS = {"ONNX Runtime in Python": onnxruntime_peer, "PyTorch": pytorch_peer, "OpenCV TextDetectionModel_DB": opencv_peer,
         "RapidOCR": rapidocr_peer}


def high_water_mark():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def once_over(images, detect):
    milliseconds, boxes, sizes = [], 0, []
    for path in images:
        start = time.perf_counter()
        found, size = detect(path)
        milliseconds.append(1e3 * (time.perf_counter() - start))
        boxes += len(found)
        sizes.append([int(side) for side in size])
    return {"ms": milliseconds, "boxes": boxes, "sizes": sizes, "peak_bytes": high_water_mark()}


def main():
    spec = json.loads(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print does not mix with the answers

    def answer(document):
        print(json.dumps(document), file=answers, flush=True)

    try:
        detect, versions = PEERS[spec["peer"]](spec)
        answer({"versions": versions})
        for _ in sys.stdin:
            answer(once_over(spec["images"], detect))
    except Exception as problem:
        answer({"unavailable": f"{type(problem).__name__}: {' '.join(str(problem).split())}"})


if __name__ == "__main__":
    main()
