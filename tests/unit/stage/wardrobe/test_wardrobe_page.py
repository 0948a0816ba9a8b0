import os
from pathlib import Path

from setpiece.stage.wardrobe.cloths import FABRICS, ONE_WAY, cloth
from setpiece.stage.wardrobe.patterns import KINDS, Parameter, parameters

_PAGE = Path(__file__).parents[4] / "docs" / "wardrobe.md"


def _usual(one: Parameter) -> str:
    if one.choices:
        return str(one.usual)
    return f"{one.usual:g}" if one.low <= float(one.usual) <= one.high else "the body's own"


def _garments() -> str:
    rows = ["| garment | value | usual | possible | what it is |", "|---|---|---|---|---|"]
    for kind in KINDS:
        for number, one in enumerate(parameters(kind)):
            possible = ", ".join(one.choices) if one.choices else f"{one.low:g} .. {one.high:g}"
            rows.append(f"| {kind if number == 0 else ''} | {one.name} | {_usual(one)} | {possible} | {one.about} |")
    return "\n".join(rows)


def _fabrics() -> str:
    rows = ["| fabric | g/m2 | cm wide | lies |", "|---|---|---|---|"]
    for name in FABRICS:
        made = cloth(name, "#808080")
        way = "one way" if name in ONE_WAY else "either way"
        rows.append(f"| {name} | {1000 * made.weight_kg_m2:.0f} | {100 * made.width_m:.0f} | {way} |")
    return "\n".join(rows)


def _filled(page: str) -> str:
    for name, table in (("garments", _garments()), ("fabrics", _fabrics())):
        before, _, rest = page.partition(f"<!-- {name} -->\n")
        _, _, after = rest.partition(f"<!-- /{name} -->")
        page = f"{before}<!-- {name} -->\n{table}\n<!-- /{name} -->{after}"
    return page


def test_the_page_tells_what_every_garment_can_be_told() -> None:
    """SETPIECE_REWRITE=1 writes the tables anew."""
    page = _PAGE.read_text(encoding="utf-8")
    if os.environ.get("SETPIECE_REWRITE"):
        _PAGE.write_text(_filled(page), encoding="utf-8")
        page = _PAGE.read_text(encoding="utf-8")
    assert page == _filled(page), "docs/wardrobe.md is behind its tables; run this test with SETPIECE_REWRITE=1"
