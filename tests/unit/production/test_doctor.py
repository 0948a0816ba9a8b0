from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from setpiece import doctor
from setpiece.doctor import Examined, examine, install_line, missing_libraries, trouble


def test_a_library_that_loads_is_well() -> None:
    assert examine("json", "documents") == Examined(name="json", used_for="documents")


def test_a_library_that_is_absent_is_named_with_the_line_that_installs_it() -> None:
    found = examine("no_such_library", "nothing")
    assert found.trouble == "is not installed"
    error = trouble([found, examine("json", "documents")])
    assert error is not None
    assert "no_such_library" in error.message
    assert "pip install" in error.remedy
    assert error.exit_code == 9


@pytest.mark.parametrize(
    ("body", "words", "line"),
    [
        (
            "raise ImportError('libXi.so.6: cannot open shared object file: No such file or directory')",
            "lacks libXi.so.6",
            "apt-get install libxi6",
        ),
        ("import os; os.kill(os.getpid(), 11)", "crashes (signal 11)", "pip install"),
        ("raise RuntimeError('broken wheel')", "does not load: RuntimeError: broken wheel", "pip install"),
    ],
)
def test_a_library_that_does_not_load_is_a_finding_not_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, words: str, line: str
) -> None:
    (tmp_path / "frail_library.py").write_text(body)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = examine("frail_library", "nothing")
    assert words in found.trouble
    error = trouble([found])
    assert error is not None
    assert line in error.remedy


def test_every_missing_library_is_installed_by_one_command() -> None:
    text = "\tlibSM.so.6 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x0)\n\tlibXfixes.so.3 => not found\n"
    assert missing_libraries(text) == ("libSM.so.6", "libXfixes.so.3")
    assert install_line(("libGL.so.1", "libGLX.so.0", "libX11-xcb.so.1", "libX11.so.6")) == (
        "apt-get install libgl1 libglx0 libx11-6 libx11-xcb1"
    )


def test_an_unknown_library_is_to_be_looked_up_not_guessed() -> None:
    assert install_line(("libodd.so.1",)) == "find the package with: apt-file search libodd.so.1"


def test_the_doctors_list_covers_every_heavy_dependency_of_the_package() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["blender"]]
    names = {"opencolorio": "PyOpenColorIO", "opencv-python-headless": "cv2", "openimageio": "OpenImageIO"}
    names |= {"usd-core": "pxr", "pillow": "PIL", "openexr": "OpenEXR"}
    names |= {"c2pa-python": "c2pa", "cyclonedx-python-lib": "cyclonedx", "spdx-python-model": "spdx_python_model"}
    light = {"jaxtyping", "typer", "absl-py", "attrs", "flatbuffers", "protobuf"}  # the last four: mediapipe loads them
    for requirement in wanted:
        name = requirement.partition("=")[0].partition(">")[0].partition("<")[0].strip()
        assert name in light or names.get(name, name) in doctor.LIBRARIES, name


def test_importing_the_front_door_loads_nothing_heavy() -> None:
    code = "import sys, setpiece.cli; print(sorted({'numpy', 'cv2', 'numba', 'bpy', 'av', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
