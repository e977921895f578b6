"""Checks of the machine: Python, packages, cores, memory, torch and its devices, a browser, ports."""

import os
import platform
import shutil
import socket
import sys
from importlib import metadata
from pathlib import Path

from core.diagnosis.finding import Finding

PYTHON = ((3, 11), (3, 14))  # the first version that is supported, and the first that is not
NEEDED = "torch numpy pandas pyarrow pillow safetensors scipy scikit-learn umap-learn numba filelock tomli-w"
OPTIONAL = {  # package -> what needs it, and what to type
    "pi-heif": ("HEIC images", "pip install pi-heif"),
    "h5py": ("the file of CUHK03", "pip install h5py"),
    "matplotlib": ("print figures and films", "pip install matplotlib"),
    "tensorboard": ("the training curves in TensorBoard", "pip install tensorboard"),
    "streamlit": ("the app", 'pip install ".[app]"'),
    "gradio": ("the HTTP API", 'pip install ".[app]"'),
    "plotly": ("the charts of the app", 'pip install ".[app]"'),
    "pymilvus": ("galleries on a Milvus server", 'pip install ".[milvus]"'),
    "onnx": ("the export to ONNX", 'pip install ".[onnx]"'),
    "onnxruntime": ("exported models", 'pip install ".[onnx]"'),
    "playwright": ("the tests in a browser", "pip install -r requirements-dev.txt"),
}
MIN_MEMORY_BYTES = 4 * 10**9
PORTS = {8501: "Streamlit app", 7860: "Gradio app"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def check_python() -> Finding:
    """Check the version of Python."""
    sentence = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}."
    first, last = (".".join(map(str, version)) for version in PYTHON)
    if sys.version_info < PYTHON[0]:
        return Finding("python", "failed", sentence, f"Install Python {first} or newer.")
    if sys.version_info >= PYTHON[1]:
        return Finding("python", "note", sentence, f"Versions from {last} on are not tested.")
    return Finding("python", "ok", sentence)


def check_packages() -> list[Finding]:
    """Check the packages that everything needs, in one line, and each package that only some features need."""
    versions = {name: _version(name) for name in NEEDED.split()}
    missing = [name for name, version in versions.items() if not version]
    listed = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    findings = [Finding("packages", "ok", f"{listed}.")]
    if missing:
        findings = [Finding("packages", "failed", f"Missing: {', '.join(missing)}.", "pip install .")]
    for name, (feature, command) in OPTIONAL.items():
        if version := _version(name):
            findings.append(Finding(name, "ok", f"Version {version}, for {feature}."))
        else:
            findings.append(Finding(name, "note", f"Not installed; {feature} cannot be used.", command))
    return findings


def check_hardware() -> list[Finding]:
    """Check the cores and the memory."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    findings = [Finding("cores", "ok", f"{usable} of {os.cpu_count()} cores can be used.")]
    total = memory_bytes()
    if not total:
        return [*findings, Finding("memory", "note", "The size of the memory is unknown on this system.")]
    sentence = f"{total / 1e9:.1f} GB."
    if total < MIN_MEMORY_BYTES:
        advice = "Use few filters, small batches, and one app at a time."
        return [*findings, Finding("memory", "note", sentence, advice)]
    return [*findings, Finding("memory", "ok", sentence)]


def memory_bytes() -> int:
    """Return the size of the memory; 0 on a system that does not tell it."""
    names = getattr(os, "sysconf_names", {})
    if "SC_PAGE_SIZE" not in names or "SC_PHYS_PAGES" not in names:
        return 0
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def check_torch() -> list[Finding]:
    """Check torch: its build, its devices, and the instructions of the processor that make bfloat16 fast."""
    try:
        import torch
    except Exception as error:  # a build for another processor or another Python fails in many ways
        advice = "pip install torch --index-url https://download.pytorch.org/whl/cpu"
        return [Finding("torch", "failed", f"torch cannot be imported: {str(error).splitlines()[0]}.", advice)]
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
    build = f"ROCm {torch.version.hip}" if torch.version.hip else build
    findings = [Finding("torch", "ok", f"Version {torch.__version__}, build with {build}.")]
    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(number)
            sentence = f"{facts.name} with {facts.total_memory / 1e9:.0f} GB can be used as --device cuda:{number}."
            findings.append(Finding("gpu", "ok", sentence))
    elif torch.backends.mps.is_available():
        findings.append(Finding("gpu", "ok", "The GPU of this processor can be used as --device mps."))
    else:
        findings.append(Finding("gpu", "note", "No GPU can be used; everything runs on the processor."))
    capabilities: dict = getattr(torch.cpu, "get_capabilities", dict)()
    names = [name for name in ("avx2", "avx512_f", "avx512_bf16", "amx_bf16") if capabilities.get(name)]
    is_fast = bool({"avx512_bf16", "amx_bf16"} & set(names))
    sentence = f"Instructions: {', '.join(names) or 'none of AVX2, AVX-512, AMX'}; bfloat16 is "
    sentence += "fast." if is_fast else "slower than float32."
    return [*findings, Finding("processor", "ok", sentence)]


def find_browser() -> str | None:
    """Return the path of the first installed browser that the tests and the screenshots can start."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def check_browser() -> Finding:
    """Check that there is a browser for the tests."""
    if found := find_browser():
        return Finding("browser", "ok", f"{found}, for the tests.")
    return Finding("browser", "note", "There is no browser for the tests.", "Install Chromium, Chrome or Edge.")


def check_ports() -> list[Finding]:
    """Check that the default ports of both apps are free."""
    findings = []
    for port, program in PORTS.items():
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if sys.platform != "win32":  # there it would allow a port in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                advice = f"Stop the program that uses it, or choose another port for the {program}."
                findings.append(Finding(f"port {port}", "note", "In use.", advice))
                continue
        findings.append(Finding(f"port {port}", "ok", f"Free for the {program}."))
    return findings


def nearest_folder(path: Path) -> Path:
    """Return a path, or the first folder above it that exists."""
    absolute = Path(os.path.abspath(path))
    return next(folder for folder in (absolute, *absolute.parents) if folder.exists())


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
