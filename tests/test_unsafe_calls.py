"""Nothing is unpickled or evaluated, no command uses a shell, and calls that not every system has are guarded."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = [path for top in ("core", "app") for path in sorted((ROOT / top).rglob("*.py"))]
UNSAFE = {
    *("pickle.load", "pickle.loads", "pickle.Unpickler", "cPickle.load", "dill.load", "dill.loads", "marshal.loads"),
    *("marshal.load", "shelve.open", "joblib.load", "pandas.read_pickle", "pd.read_pickle", "cloudpickle.load"),
    *("yaml.load", "yaml.unsafe_load", "yaml.full_load", "eval", "exec", "compile", "__import__"),
    *("os.system", "os.popen", "commands.getoutput", "subprocess.getoutput", "subprocess.getstatusoutput"),
}
PROCESSES = {f"subprocess.{name}" for name in ("run", "Popen", "call", "check_call", "check_output")}
NOT_EVERYWHERE = {  # name -> the files that may use it; each guards it, as its test shows
    "fcntl": set(),
    "resource": {"core/jobs/process_settings.py"},
    "pwd": set(),
    "grp": set(),
    "termios": set(),
    "os.fork": set(),
    "os.sched_getaffinity": {"core/diagnosis/machine.py"},
    "os.getuid": set(),
    "os.geteuid": set(),
    "os.killpg": set(),
    "os.getloadavg": set(),
    "os.uname": set(),
    "os.mkfifo": set(),
    "os.statvfs": set(),
    "os.kill": set(),
    "signal.SIGKILL": set(),
    "signal.SIGUSR1": set(),
    "signal.SIGUSR2": set(),
    "signal.SIGHUP": set(),
    "signal.SIGSTOP": set(),
    "signal.SIGCONT": set(),
    "signal.alarm": set(),
    "mallopt": {"core/jobs/process_settings.py"},
    "/proc": set(),
}
REMOVED = {"imp", "distutils", "asyncore", "asynchat", "smtpd", "cgi", "cgitb", "crypt", "imghdr", "nntplib", "pipes"}
REMOVED |= {"sndhdr", "spwd", "telnetlib", "uu", "xdrlib", "audioop", "aifc", "chunk", "mailcap", "msilib", "nis"}


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression, "" for another one."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{before}.{node.attr}" if (before := dotted(node.value)) else ""
    return ""


def is_true(call: ast.Call, name: str) -> bool:
    """Whether a keyword is anything but False."""
    return any(
        word.arg == name and not (isinstance(word.value, ast.Constant) and word.value.value is False)
        for word in call.keywords
    )


def unsafe_calls(source: str) -> list[str]:
    """Calls that run code from a file or a text, in words."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            found += [f"imports {name}" for name in names if name in ("pickle", "dill", "marshal", "shelve", "joblib")]
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if name in UNSAFE:
            found.append(name)
        if name == "torch.load" and not is_true(node, "weights_only"):
            found.append("torch.load without weights_only")
        if is_true(node, "allow_pickle"):
            found.append(f"{name} with allow_pickle")
        if is_true(node, "shell"):
            found.append(f"{name} with a shell")
        if name in PROCESSES and (not node.args or isinstance(node.args[0], (ast.Constant, ast.JoinedStr, ast.BinOp))):
            found.append(f"{name} of a text")
    return found


def names_used(source: str) -> set[str]:
    """Modules, attributes and texts of NOT_EVERYWHERE that a source uses."""
    used, imported = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Attribute):
            used |= {dotted(node), node.attr}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/proc/"):
            used.add("/proc")
    return (used | imported) & set(NOT_EVERYWHERE) | imported & REMOVED


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_runs_no_code_from_files_or_texts(path):
    assert unsafe_calls(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_uses_what_every_system_and_every_python_has(path):
    used = names_used(path.read_text(encoding="utf-8"))
    assert {name for name in used if path.relative_to(ROOT).as_posix() not in NOT_EVERYWHERE.get(name, ())} == set()


def test_every_exception_is_in_use():
    for name, files in NOT_EVERYWHERE.items():
        for file in files:
            assert name in names_used((ROOT / file).read_text(encoding="utf-8")), (name, file)


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(file)",
        "torch.load(file, weights_only=False)",
        "np.load(file, allow_pickle=True)",
        "np.load(file, allow_pickle=trusted)",
        "pd.read_pickle(file)",
        "yaml.load(text)",
        "eval(text)",
        "os.system('ls')",
        "subprocess.run(f'ls {name}')",
        "subprocess.run(command, shell=True)",
    ],
)
def test_an_unsafe_call_is_found(source):
    assert unsafe_calls(source)


def test_a_safe_call_is_not_found():
    source = "torch.load(f, weights_only=True); np.load(f, allow_pickle=False); re.compile(x); subprocess.run([a, b])"
    assert unsafe_calls(source + "; network.eval()") == []


def test_a_call_that_not_every_system_has_is_found():
    assert names_used("import fcntl\nos.fork()\nfrom os import getuid\nopen('/proc/meminfo')") == {
        "fcntl",
        "os.fork",
        "os.getuid",
        "/proc",
    }
