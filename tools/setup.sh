#!/bin/sh
# Make the environment: a virtual environment, the pinned dependencies, the program. Run twice, it does nothing twice.
set -eu
venv=$1
python=${PYTHON:-python3.11}
command -v "$python" >/dev/null 2>&1 || python=python3
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || {
  echo "setpiece: Python 3.11 is needed (VFX Reference Platform CY2025) and '$python' is not it." >&2
  echo "          On Debian: apt-get install python3.11 python3.11-venv; else: make PYTHON=/path/to/python3.11" >&2
  exit 9
}
"$python" -c 'import venv, ensurepip' 2>/dev/null || {
  echo "setpiece: Python's venv module is missing. On Debian: apt-get install python3.11-venv" >&2
  exit 9
}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --disable-pip-version-check -q -c constraints.txt -e '.[blender,comfyui,demo,dev,diffusion,learned,likeness,postgresql]'
# mediapipe asks for libraries that its face detector never loads, and for an OpenCV that would overwrite ours.
"$venv/bin/python" -m pip install --disable-pip-version-check -q -c constraints.txt --no-deps mediapipe==0.10.21
"$venv/bin/python" -m setpiece.doctor
echo "compiling kernels, once"
"$venv/bin/python" -m setpiece.warm
