"""The key of a step follows all the code behind it, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

from setpiece.production import steps


def written(root: Path, **modules: str) -> Path:
    for name, text in modules.items():
        path = root.joinpath("setpiece", *name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def behind(root: Path, *sources: str) -> set[str]:
    return {path.stem for path in steps._with_imports(root, sources)}


def test_imports_of_imports_count_wherever_they_stand(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        a="from setpiece import b\nimport numpy\n",
        b="def make():\n    from setpiece.room.c import thing\n",
        room__c="import setpiece.d\n",
        d="from setpiece.a import round_about\n",
        other="",
    )
    assert behind(root, "setpiece.a") == {"a", "b", "c", "d"}


def test_a_package_counts_with_all_its_modules_but_naming_one_module_does_not_bring_its_neighbours(tmp_path: Path) -> None:
    root = written(tmp_path, a="from setpiece.room import c\n", room__c="", room__neighbour="")
    (root / "setpiece" / "room" / "__init__.py").touch()
    assert behind(root, "setpiece.a") == {"a", "c", "__init__"}
    assert behind(root, "setpiece.room") == {"c", "neighbour", "__init__"}


def test_a_stage_step_follows_core_and_media_and_not_the_engines() -> None:
    root = Path(steps.setpiece.__file__).parent.parent
    found = {str(path.relative_to(root / "setpiece").parent) for path in steps._with_imports(root, ("setpiece.stage.matte",))}
    assert {"core", "stage"} <= found
    assert not any(folder.startswith(("generate", "departments")) for folder in found)


def test_every_import_in_the_house_is_found_that_python_itself_would_find() -> None:
    root = Path(steps.setpiece.__file__).parent.parent
    for path in sorted((root / "setpiece").rglob("*.py")):
        names: list[str] = []
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                names += [item.name for item in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names += [node.module, *(f"{node.module}.{item.name}" for item in node.names)]
        ours = {root.joinpath(*name.split(".")) for name in names if name.split(".")[0] == "setpiece"}
        files = {one / "__init__.py" if one.is_dir() else one.with_suffix(".py") for one in ours}
        assert {file for file in files if file.is_file()} <= set(steps._imported(root, path)), path


def test_lists_of_imports_over_several_lines_count_with_remarks_in_them(tmp_path: Path) -> None:
    root = written(
        tmp_path, a="from setpiece.room import (\n    c,  # and not: d, e\n    f as g,\n)\n", room__c="", room__d="", room__f=""
    )
    (root / "setpiece" / "room" / "__init__.py").touch()
    assert behind(root, "setpiece.a") == {"a", "c", "f", "__init__"}
