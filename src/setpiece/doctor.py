"""Does every library load, is there room on the disk? ``setpiece doctor``, or ``python -m setpiece.doctor``.

Each heavy library is imported in a process of its own, so that a crash of one is a finding and not the end. Where a
system library is missing, all that are missing are found at once, with the command that installs them.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from setpiece.core.errors import DependencyMissing

ROOM_BYTES = 2_000_000_000  # a 48-frame shot at 1920x1080 with all its layers, and its stage
LIBRARIES = {
    "numpy": "arrays",
    "scipy": "the gas solver",
    "numba": "kernels",
    "cv2": "matte and camera",
    "ezdxf": "patterns on paper",
    "OpenImageIO": "pictures",
    "OpenEXR": "pictures",
    "PyOpenColorIO": "colour",
    "av": "movies",
    "embreex": "rays",
    "pxr": "USD",
    "opentimelineio": "timelines",
    "PIL": "lettering",
    "pydantic": "the brief",
    "ruamel.yaml": "the brief",
    "jinja2": "the report",
    "rich": "progress",
    "sqlalchemy": "the records of clearance",
    "alembic": "the records of clearance",
    "psycopg": "the records of clearance, on PostgreSQL",
    "cryptography": "signatures and encrypted documents",
    "c2pa": "Content Credentials",
    "mediapipe": "faces",
    "matplotlib": "faces (mediapipe loads it)",
    "rapidfuzz": "names",
    "reportlab": "pay statements",
    "spdx_python_model": "model lineage",
    "cyclonedx": "model lineage",
    "torch": "learning a retouch on its shot",
    "onnx": "models that were learned here",
    "onnxruntime": "models that were learned here",
    "safetensors": "training that resumes",
    "skimage": "the portrait of the de-ageing demo",
    "tomlkit": "documents",
    "bpy": "Blender: rigid bodies, .blend, engine cycles",
}
# Debian and Ubuntu packages by the start of the library's file name.
PACKAGES = {
    "libSM.so": "libsm6",
    "libICE.so": "libice6",
    "libX11.so": "libx11-6",
    "libX11-xcb.so": "libx11-xcb1",
    "libXext.so": "libxext6",
    "libXi.so": "libxi6",
    "libXxf86vm.so": "libxxf86vm1",
    "libXfixes.so": "libxfixes3",
    "libXrender.so": "libxrender1",
    "libXrandr.so": "libxrandr2",
    "libXcursor.so": "libxcursor1",
    "libXinerama.so": "libxinerama1",
    "libxcb.so": "libxcb1",
    "libxkbcommon.so": "libxkbcommon0",
    "libGL.so": "libgl1",
    "libGLX.so": "libglx0",
    "libEGL.so": "libegl1",
    "libOpenGL.so": "libopengl0",
    "libGLU.so": "libglu1-mesa",
    "libwayland-client.so": "libwayland-client0",
    "libwayland-cursor.so": "libwayland-cursor0",
    "libwayland-egl.so": "libwayland-egl1",
    "libdecor-0.so": "libdecor-0-0",
    "libgomp.so": "libgomp1",
    "libglib-2.0.so": "libglib2.0-0",
    "libgthread-2.0.so": "libglib2.0-0",
    "libasound.so": "libasound2",
    "libpulse.so": "libpulse0",
    "libdbus-1.so": "libdbus-1-3",
    "libfontconfig.so": "libfontconfig1",
    "libfreetype.so": "libfreetype6",
    "libexpat.so": "libexpat1",
    "libz.so": "zlib1g",
    "libstdc++.so": "libstdc++6",
    "libgcc_s.so": "libgcc-s1",
    "libatomic.so": "libatomic1",
    "libcrypt.so": "libcrypt1",
    "libuuid.so": "libuuid1",
    "libvulkan.so": "libvulkan1",
}
_MISSING = re.compile(r"(lib[\w.+-]+?\.so[\w.]*): cannot open shared object file|^\s*(\S+\.so\S*) => not found", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One library: what it is for, and what stands against it (nothing: it loads)."""

    name: str
    used_for: str
    trouble: str = ""
    missing: tuple[str, ...] = ()


def examine(name: str, used_for: str) -> Examined:
    """Import a library in a process of its own."""
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is None:
        return Examined(name=name, used_for=used_for, trouble="is not installed")
    try:
        # From the root folder: a file of the same name in the working folder is not the library.
        done = subprocess.run(
            [sys.executable, "-c", f"import {name}"],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        return Examined(name=name, used_for=used_for, trouble="does not load within two minutes")
    if done.returncode == 0:
        return Examined(name=name, used_for=used_for)
    missing = missing_libraries(done.stderr)
    if missing:
        missing = tuple(sorted({*missing, *_unresolved(Path(found.origin or "/").parent)}))
        return Examined(name=name, used_for=used_for, trouble=f"lacks {', '.join(missing)}", missing=missing)
    how = f"crashes (signal {-done.returncode})" if done.returncode < 0 else "does not load"
    words = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return Examined(name=name, used_for=used_for, trouble=f"{how}: {words[-1][:200] if words else 'it says nothing'}")


def missing_libraries(text: str) -> tuple[str, ...]:
    """System libraries that an import error, or the output of ``ldd``, names as missing.

    >>> missing_libraries("ImportError: libSM.so.6: cannot open shared object file: No such file")
    ('libSM.so.6',)
    """
    return tuple(sorted({first or second for first, second in _MISSING.findall(text)}))


def install_line(missing: tuple[str, ...]) -> str:
    """The command that installs system libraries on Debian or Ubuntu, and what has to be looked up by hand.

    >>> install_line(("libSM.so.6", "libXi.so.6"))
    'apt-get install libsm6 libxi6'
    """
    packages, unknown = set(), []
    for library in missing:
        package = next((name for start, name in PACKAGES.items() if library.startswith(start)), None)
        packages |= {package} if package else set()
        unknown += [] if package else [library]
    parts = [f"apt-get install {' '.join(sorted(packages))}"] if packages else []
    parts += [f"find the package with: apt-file search {library}" for library in unknown]
    return "; ".join(parts)


def _unresolved(folder: Path) -> tuple[str, ...]:
    """Every system library that any shared object in ``folder`` lacks, so that one command installs them all."""
    ldd = shutil.which("ldd")
    if ldd is None:
        return ()
    objects = [str(path) for path in sorted(folder.glob("*.so*"))[:64]]
    env = {**os.environ, "LD_LIBRARY_PATH": ":".join(str(path) for path in (folder, folder / "lib"))}
    done = subprocess.run([ldd, *objects], capture_output=True, text=True, timeout=60, check=False, env=env)
    bundled = {path.name for path in folder.rglob("*.so*")}
    return tuple(name for name in missing_libraries(done.stdout) if name not in bundled)


def trouble(examined: list[Examined]) -> DependencyMissing | None:
    """One error for everything that is missing, with one remedy."""
    bad = [item for item in examined if item.trouble]
    if not bad:
        return None
    system = tuple(sorted({library for item in bad for library in item.missing}))
    remedies = [install_line(system)] if system else []
    if any(not item.missing for item in bad):
        remedies.append(f"{sys.executable} -m pip install -c constraints.txt -e '.[blender]'")
    return DependencyMissing("; ".join(f"{item.name} {item.trouble}" for item in bad), remedy="; then ".join(remedies))


def main() -> int:
    """Examine everything, print it, return 0 or the exit code of DependencyMissing."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        examined = list(pool.map(examine, LIBRARIES, LIBRARIES.values()))
    for item in examined:
        print(f"{'ok     ' if not item.trouble else 'MISSING'}  {item.name:<16} {item.trouble or item.used_for}")
    room = shutil.disk_usage(Path.cwd()).free
    enough = room >= ROOM_BYTES
    print(f"{'ok     ' if enough else 'LOW    '}  {'disk':<16} {room / 1e9:.1f} GB free here; a shot takes up to 2 GB")
    error = trouble(examined)
    if error is None:
        return 0
    print(f"error: {error.message}\nremedy: {error.remedy}", file=sys.stderr)
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
