"""What a user does today: load the checkpoint in PyTorch and call torch.onnx.export. One process, checkpoint to file."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "reference"))
import torch

import dbnet

checkpoint, output, height, width = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
model = dbnet.DBNet()
model.load_state_dict(torch.load(checkpoint, map_location="cpu"))
model.eval()
torch.onnx.export(model, torch.zeros(1, 3, height, width), output, opset_version=12, input_names=["input"],
                  output_names=["output"])
