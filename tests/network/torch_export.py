"""Usage: torch_export.py FOLDER SEED

Writes FOLDER/random.pt, a checkpoint of the network with random weights and random batch norm statistics, and
FOLDER/torch.onnx, what torch.onnx.export makes of it. Exit status 77: this Python has no PyTorch.
"""
import pathlib
import sys

try:
    import torch
except ImportError as error:
    print(error)
    sys.exit(77)

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "reference"))
sys.dont_write_bytecode = True
from dbnet import DBNet  # noqa: E402


def main(folder, seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    model = DBNet().eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
            torch.nn.init.normal_(module.running_mean, 0, 0.3)
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.ConvTranspose2d)):
            # A transposed convolution with stride 2 and kernel 2 sums over its input channels alone.
            fan_in = module.weight[0].numel() if isinstance(module, torch.nn.Conv2d) else module.in_channels
            torch.nn.init.normal_(module.weight, 0, (2 / fan_in) ** 0.5)
            if module.bias is not None:
                torch.nn.init.normal_(module.bias, 0, 0.2)
    # Residual sums grow from block to block; a small last layer keeps the sigmoid away from its flat ends.
    model.decoder.binarize[6].weight.data /= 30

    torch.save(model.state_dict(), folder / "random.pt")
    torch.onnx.export(model, torch.zeros(1, 3, 64, 64), str(folder / "torch.onnx"), opset_version=12,
                      input_names=["input"], output_names=["output"],
                      dynamic_axes={"input": {0: "batch", 2: "height", 3: "width"},
                                    "output": {0: "batch", 2: "out_height", 3: "out_width"}})


main(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
