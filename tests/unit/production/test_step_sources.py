"""The key of a step follows all the code behind it, and nothing else."""

from __future__ import annotations

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
