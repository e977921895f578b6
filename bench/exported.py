"""Compare an exported model in onnxruntime with the same model in torch, with one thread each.

`python bench/exported.py [CHECKPOINT]` prints images per second and the ratio, on images of 160 x 60 pixels, one at a
time and 32 at once. The default is the three architectures with 16 filters. Processor time is measured, so other work
on the machine has little effect. Requires `pip install -e ".[onnx]"`.
"""

import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["OMP_NUM_THREADS"] = "1"

import torch  # noqa: E402
from rows import compared, record, seconds_in_turns  # noqa: E402

from core.inference.model import load  # noqa: E402
from core.inference.onnx_export import export_onnx  # noqa: E402

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"
NAMES = ("pedestrians-cnn", "pedestrians-b_cnn", "pedestrians-mr_bcnn")
BATCHES, REPEAT, ROUNDS = (1, 32), 32, 9


def compare(checkpoint: Path, folder: Path) -> None:
    import onnxruntime

    model = load(checkpoint, "cpu")
    export_onnx(model, folder / "model.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])

    def in_torch(images):
        with torch.inference_mode():
            model.network(images)

    def in_onnxruntime(images):
        session.run(None, {"images": images.numpy()})

    for batch in BATCHES:
        images = torch.randint(0, 256, (batch, 3, 160, 60), dtype=torch.uint8)
        repeat = range(REPEAT // batch)
        ways = {
            "torch": lambda images=images, repeat=repeat: [in_torch(images) for _ in repeat],
            "onnxruntime": lambda images=images, repeat=repeat: [in_onnxruntime(images) for _ in repeat],
        }
        times = seconds_in_turns(ways, ROUNDS, time.process_time)
        task = f"network, batch {batch}, {checkpoint.name}"
        record(compared(task, *times.values(), "onnxruntime", REPEAT, aim=1))


def main():
    if find_spec("onnxruntime") is None:
        print('skipped: `pip install -e ".[onnx]"` brings onnxruntime')
        return
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        for checkpoint in [Path(name) for name in sys.argv[1:]] or [CHECKPOINTS / name for name in NAMES]:
            compare(checkpoint, Path(folder))


if __name__ == "__main__":
    main()
