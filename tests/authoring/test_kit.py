"""The student kit: complete, the same every time, and without a single answer in it."""

import io
import json
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml
from typer.testing import CliRunner

from bplib.authoring.kit import TOP, contents, kit
from bplib.authoring.kit.archive import packed, unpacked
from bplib.authoring.kit.parts import NEVER, student_files, student_parts
from bplib.authoring.kit.search import (
    bank_lines,
    leaks,
    secrets,
    shown_lines,
    solution_lines,
    texts,
)
from bplib.authoring.kit.wheel import Metadata, wheel
from bplib.cli import app
from bplib.exercises.bank import bank

ROOT = Path(__file__).parents[2]
UNIT = "04-hidden-error"
NOTEBOOK = f"notebooks/{UNIT}/{UNIT}.ipynb"
WRONG = "hidden-slope-missing"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The written kit."""
    out = tmp_path_factory.mktemp("dist") / "student-kit.zip"
    result = CliRunner().invoke(app, ["kit", "--course", str(ROOT), "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def files(archive):
    """The files of the kit by their names below its folder."""
    found = unpacked(archive.read_bytes())
    assert all(name.startswith(f"{TOP}/") for name in found)
    return {name.removeprefix(f"{TOP}/"): data for name, data in found.items()}


@pytest.fixture(scope="module")
def inside(files):
    """The files in the wheel."""
    return unpacked(files[Metadata.installed().file_name])


@pytest.fixture(scope="module")
def secret():
    """The lines that must not get out."""
    return secrets(ROOT)


# --- what is in it ---


def test_everything_that_a_student_needs_is_there(files):
    for release in ROOT.glob("release/*/*.ipynb"):
        assert files[f"notebooks/{release.parent.name}/{release.name}"] == release.read_bytes()
    for lesson in ROOT.glob("course/**/*.ipynb"):
        if ".ipynb_checkpoints" not in lesson.parts:
            name = f"lessons/{lesson.relative_to(ROOT / 'course').as_posix()}"
            assert files[name] == lesson.read_bytes()
    needed = {"README.md", "LICENSE", "requirements.txt", "environment.yml"}
    assert needed | {"binder/requirements.txt", "binder/runtime.txt"} <= set(files)


def test_the_same_content_makes_the_same_bytes(archive, tmp_path):
    kit(ROOT, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.zip"]


def test_the_readme_fits_on_one_screen_and_names_what_is_there(files):
    text = files["README.md"].decode()
    assert len(text.splitlines()) <= 40
    assert all(len(line) <= 100 for line in text.splitlines())
    assert "{{" not in text
    opened = re.findall(r"jupyter lab (\S+)", text)
    assert len(opened) == 2  # with pip, with conda
    assert all(first in files for first in opened)
    for name in re.findall(r"-[rf] (\S+)", text):
        assert name in files
    environment = re.search(r"conda activate (\S+)", text)
    assert yaml.safe_load(files["environment.yml"])["name"] == environment[1]


def test_pip_installs_the_wheel_in_the_kit(files):
    assert files["requirements.txt"].decode() == f"./{Metadata.installed().file_name}\n"
    assert Metadata.installed().file_name in files


def conda_faults(text, files):
    """What conda would stumble over, or take for something else, in an environment file."""
    found = yaml.safe_load(text)
    *packages, last = found["dependencies"]
    faults = [f"key {name!r}" for name in found if name not in ("name", "channels", "dependencies")]
    faults += [spec for spec in packages if not CONDA_SPEC.fullmatch(str(spec))]
    if "pip" not in packages:
        faults.append("pip is used, but not installed")
    wanted = {"python", "pip", *(re.split("[<>=]", r)[0] for r in Metadata.installed().requires)}
    faults += sorted(wanted ^ {re.split("[<>=]", str(spec))[0] for spec in packages})
    # conda runs pip in the folder of the environment file.
    faults += [path for path in last["pip"] if path.removeprefix("./") not in files]
    return faults


# A package of conda-forge whose name is that of PyPI, and the least version, as MatchSpec reads it.
CONDA_SPEC = re.compile(r"(python|pip|numpy|matplotlib|ipywidgets|jupyterlab)(>=\d+(\.\d+)*)?")


def test_conda_can_read_the_environment_file(files):
    text = files["environment.yml"].decode()
    assert conda_faults(text, files) == []
    assert yaml.safe_load(text)["channels"] == ["conda-forge"]
    for requirement in Metadata.installed().requires:
        assert f"- {requirement}\n" in text
    for old, new in (
        ("numpy>=", "numpy ~= "), ("  - pip\n", ""), ("- ./bplib", "- ./lib"),
        ("jupyterlab", "jupyter-lab"), ("channels:", "prefix: x\nchannels:"),
    ):  # fmt: skip
        assert conda_faults(text.replace(old, new), files), new


def binder_faults(files):
    """What repo2docker would not find, or would rather use, in a repository with these files."""
    names = {name.removeprefix("binder/") for name in files if name.startswith("binder/")}
    faults = sorted(names ^ {"requirements.txt", "runtime.txt"})  # others would come before them
    version = re.fullmatch(r"python-3\.(\d+)\n", files["binder/runtime.txt"].decode())
    least = int(Metadata.installed().python.partition(">=3.")[2])
    if not version or int(version[1]) < least:
        faults.append("the version of Python")
    # pip runs at the top of the repository, also for a file in binder/.
    paths = files["binder/requirements.txt"].decode().split()
    return faults + [path for path in paths if path.removeprefix("./") not in files]


def test_binder_finds_what_it_needs(files):
    assert binder_faults(files) == []
    for name, text in (
        ("runtime.txt", "python-3.9\n"), ("runtime.txt", "3.12\n"),
        ("requirements.txt", "../bplib.whl\n"), ("environment.yml", ""), ("Dockerfile", ""),
    ):  # fmt: skip
        assert binder_faults({**files, f"binder/{name}": text.encode()}), (name, text)


def test_what_maintainers_alone_need_stays_outside(files):
    assert {Path(name).suffix for name in files if name.startswith(("lessons/", "notebooks/"))} == {
        ".ipynb"
    }


def test_the_wheel_says_what_it_needs(inside):
    metadata = next(data for name, data in inside.items() if name.endswith("METADATA")).decode()
    needed = {line.split()[1].split(">")[0] for line in metadata.splitlines() if "Dist:" in line}
    assert needed == {"numpy", "matplotlib", "ipywidgets", "jupyterlab"}


def test_the_wheel_holds_what_the_tutor_imports_and_no_more(inside):
    parts = {name.split("/")[1].removesuffix(".py") for name in inside if name.startswith("bplib/")}
    assert {"tutor", "explore", "nn", "data", "answers", "wire", "digits.npz"} <= parts
    assert parts.isdisjoint(NEVER)
    keys = {path.name for path in (ROOT / "bplib/tutor/keys").glob("*.json")}
    assert {name.split("/")[-1] for name in inside if "/keys/" in name} == keys


def test_a_student_part_that_needs_the_bank_is_refused(tmp_path):
    root = tmp_path / "bplib"
    for part in ("tutor", "explore", "nn", "data"):
        (root / part).mkdir(parents=True)
        (root / part / "__init__.py").write_text("")
    (root / "tutor" / "check.py").write_text("def f():\n    from bplib import helper\n")
    with pytest.raises(ValueError, match=r"bplib\.helper is imported, but there is no such part"):
        student_parts(root)
    (root / "helper.py").write_text("import bplib.exercises.bank\n")
    with pytest.raises(ValueError, match=r"bplib/helper\.py imports bplib\.exercises"):
        student_parts(root)
    (root / "helper.py").write_text("import numpy\n")
    assert student_parts(root) == ["data", "explore", "helper", "nn", "tutor"]


# --- nothing that gives answers away ---


def test_no_solution_no_hidden_test_and_no_bank_is_inside(files, secret):
    assert leaks(files, secret) == []
    everything = "\n".join(text for _, text in texts(files))
    for word in ("BEGIN SOLUTION", "HIDDEN TESTS", "bplib.exercises.grade", "unit_04"):
        assert word not in everything


def test_there_is_enough_to_look_for():
    """The search knows the lines of every master and of every variant of the bank."""
    assert "return (delta_next @ W_next) * dphi_z" in solution_lines(ROOT) - shown_lines(ROOT)
    assert "return (delta_next @ W_next)" in bank_lines(bank().values())
    assert len(solution_lines(ROOT)) > 50


def planted(files, name, text):
    """The kit with a text added to a file: in a notebook as a cell, in the wheel as a module."""
    if name.endswith(".ipynb"):
        notebook = json.loads(files.get(name, files[NOTEBOOK]))
        notebook["cells"].append({"cell_type": "markdown", "source": text.splitlines(True)})
        return {**files, name: json.dumps(notebook).encode()}
    if name.endswith(".whl"):
        inner = unpacked(files[name])
        return {**files, name: packed({**inner, "bplib/tutor/extra.py": text.encode()})}
    return {**files, name: files.get(name, b"") + text.encode()}


@pytest.mark.parametrize("name", [NOTEBOOK, "README.md", Metadata.installed().file_name])
@pytest.mark.parametrize(
    "text",
    [
        "x\n### BEGIN SOLUTION\n",
        "### BEGIN HIDDEN TESTS",
        "    return (delta_next @ W_next) * dphi_z  # BP2",
        "# return (delta_next @ W_next) * dphi_z",
        "    return np.einsum('ij,jk,ik->ik', delta_next, W_next, dphi_z)".replace("'", '"'),
        "    return (delta_next @ W_next) * dphi_z * dphi_z",
        "from bplib.exercises.grade import grade",
        "from bplib import nn, exercises",
        "see bplib/exercises/unit_04_hidden_error.py",
        'grade("04.hidden_error", hidden_error)',
    ],
)
def test_a_planted_secret_is_found(files, secret, name, text):
    found = leaks(planted(files, name, text), secret)
    assert found
    assert all(line.startswith(name) for line in found)


def test_a_lesson_may_teach_a_step_but_not_give_the_answer(files, secret):
    steps = ["grad_a = cost.gradient(As[-1], Y)", "delta = grad_a * phi.derivative(Zs[-1])"]
    third = "slope = phi.derivative(Zs[l - 2])"
    lesson = "lessons/05.ipynb"
    assert leaks(planted(files, lesson, "\n".join(steps)), secret) == []
    assert len(leaks(planted(files, lesson, "\n".join([*steps, third])), secret)) == 3
    assert leaks(planted(files, lesson, "return (delta_next @ W_next) * dphi_z"), secret)


def test_a_kit_that_would_leak_is_not_written(tmp_path):
    for folder in ("release", "source"):
        (tmp_path / folder / UNIT).mkdir(parents=True)
    (tmp_path / "source" / UNIT / f"{UNIT}.py").write_bytes(
        (ROOT / "source" / UNIT / f"{UNIT}.py").read_bytes()
    )
    source = (ROOT / "source" / UNIT / f"{UNIT}.ipynb").read_bytes()
    (tmp_path / "release" / UNIT / f"{UNIT}.ipynb").write_bytes(source)
    with pytest.raises(ValueError, match="would give answers away"):
        kit(tmp_path, tmp_path / "kit.zip")
    assert not (tmp_path / "kit.zip").exists()


def test_without_a_release_it_says_what_to_do(tmp_path):
    result = CliRunner().invoke(app, ["kit", "--course", str(tmp_path)])
    assert result.exit_code == 2
    assert "run `bplib build` first" in result.output


def test_masters_links_and_caches_stay_outside(tmp_path):
    folder = tmp_path / "release" / UNIT
    (folder / ".ipynb_checkpoints").mkdir(parents=True)
    for name in (f"{UNIT}.ipynb", f"{UNIT}.py", ".ipynb_checkpoints/x.ipynb", "data.csv"):
        (folder / name).write_text('{"cells": []}')
    (folder / "link.csv").symlink_to(ROOT / "LICENSE")
    names = {name for name in contents(tmp_path) if name.startswith("notebooks/")}
    assert names == {f"notebooks/{UNIT}/{UNIT}.ipynb", f"notebooks/{UNIT}/data.csv"}


# --- as a student uses it ---


@pytest.fixture(scope="module")
def student(archive, tmp_path_factory):
    """The unpacked kit with a venv of its own: bplib from the wheel, other packages from here."""
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(archive) as packed_kit:
        packed_kit.extractall(folder)
    home = folder / TOP
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / ".venv"], check=True)
    python = home / ".venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python"]
    install = [*pip, python, "install", "--no-deps", "--no-index", "-r", "requirements.txt"]
    subprocess.run(install, check=True, cwd=home)
    # A folder named in a .pth file is searched, but .pth files in it (which would lead to the
    # bplib of this project) are not read.
    packages = next(home.glob(".venv/lib/python*/site-packages"))
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home, python


def run(student, code):
    home, python = student
    done = subprocess.run(
        [python, "-c", code], cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_bplib_comes_from_the_wheel_without_bank_and_grading(student):
    home, _ = student
    code = (
        "import bplib, importlib.util as u\n"
        f"print(bplib.__file__, *[u.find_spec('bplib.' + part) for part in {NEVER!r}])\n"
        "import bplib.tutor, bplib.explore, bplib.nn, bplib.data\n"
        "print(len(bplib.data.digits().X_train) if hasattr(bplib.data, 'digits') else 'none')\n"
    )
    first, second = run(student, code).splitlines()
    place, *specs = first.split()
    assert Path(place).is_relative_to(home)
    assert specs == ["None"] * len(NEVER)
    assert int(second) > 1000


def test_a_student_solves_a_unit_and_sees_the_tutors_answers(student):
    """Right functions in one style, one misconception; the cards answer in the notebook."""
    home, _ = student
    path = home / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    asked = {e.name: e for e in bank().values() if e.unit == UNIT[:2]}
    for cell in notebook.cells:
        exercise = asked.get(cell.id)
        if exercise is not None:
            wrong = exercise.misconceptions[WRONG] if exercise.name == "hidden_error" else None
            cell.source = (wrong or exercise.styles["vectorized"]).source
    nbformat.write(notebook, path)
    run(
        student,
        "import nbformat\nfrom nbclient import NotebookClient\n"
        f"nb = nbformat.read({NOTEBOOK!r}, 4)\n"
        "NotebookClient(nb, timeout=300, resources={'metadata': {'path': '.'}}).execute()\n"
        "nbformat.write(nb, 'done.ipynb')\n",
    )
    done = nbformat.read(home / "done.ipynb", as_version=4)
    cards = {cell.id.removeprefix("test_"): card(cell) for cell in done.cells if card(cell)}
    assert cards.keys() == asked.keys()
    for name, said in cards.items():
        if name == "hidden_error":
            assert "not yet" in said
            assert asked[name].hints()[WRONG].hint in said
        else:
            assert "✓ right" in said, (name, said)


def card(cell):
    """The tutor's answer under a cell, as text; empty if there is none."""
    data = [output.get("data", {}) for output in cell.get("outputs", [])]
    if not cell.id.startswith("test_"):
        return ""
    assert all("text/html" in part for part in data)
    return "\n".join(part.get("text/plain", "") for part in data)


def test_a_wheel_records_its_files():
    """Every file stands in RECORD with its digest, or pip would refuse it."""
    built = wheel(Metadata.installed(), {"bplib/x.py": b"x = 1\n"})
    with zipfile.ZipFile(io.BytesIO(built)) as opened:
        record = next(n for n in opened.namelist() if n.endswith("RECORD"))
        lines = opened.read(record).decode().splitlines()
        assert {line.split(",")[0] for line in lines} == set(opened.namelist())
    assert "bplib/x.py,sha256=" in "\n".join(lines)
    assert "bplib/answers.py" in student_files()
