"""A dozen paragraphs and the sets that are built from them: ``python examples/previs/gallery.py OUT``.

Makes each set and its boards through the command line (what is there already is kept), then the page docs/gallery.md with one
small picture of each. ``--only NAME`` for one of them; ``--size``, ``--samples`` and ``--turntable`` as ``setpiece previs boards``;
``--quick`` for the wide views alone.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).parents[2] / "docs"
WIDE = 640
PAGES = 4
BRIEFS = {
    "INT_BUNKER": "A bunker lounge, 1968, 8 by 6.2 m. A bottle green leather sofa and two oxblood armchairs around a coffee table on a "
    "rug, a brass bar along the east wall. No windows. Low key, late at night.",
    "INT_KITCHEN_1955": "A 1950s kitchen at dusk. Mint green cabinets, a checkerboard linoleum floor, a chrome table with four chairs "
    "by the window, a fridge and a stove. The pendant lamp over the table is on.",
    "INT_HOSPITAL": "A hospital corridor at night. Long and narrow, 14 by 2.6 m, pale green walls, fluorescent ceiling lights, two "
    "gurneys, a wheelchair, a row of chairs, swing doors at the end.",
    "INT_CHAMBER": "A judge's chamber, 1930s: oak panelling, a big partners desk with a green banker's lamp and papers, walls of law "
    "books, a leather chesterfield, two tall windows, late afternoon sun.",
    "INT_GALLEY": "The galley of a spaceship in 2190. White plastic walls with ribs, a long table bolted to the floor with six stools, "
    "screens on the wall, cold light from above.",
    "INT_HUT": "A fisherman's hut in winter: rough planks, an iron stove, a narrow bed with a plaid blanket, nets and ropes on the "
    "wall, an oil lamp on the table, early morning, fog outside.",
    "INT_NIGHTCLUB": "A nightclub, 1982. Black walls, magenta and blue neon, a bar with stools, velvet booths, small round tables, a "
    "mirror ball over the dance floor.",
    "INT_ATTIC": "An attic under a sloping roof, dusty, with a small window, old trunks, a broken rocking chair, stacked boxes, a dress "
    "form and a standing mirror. Afternoon light.",
    "INT_INTERVIEW": "A police interview room, present day. Grey concrete walls, a steel table with three chairs, a one-way mirror, a "
    "camera in the corner, a tape recorder on the table. Harsh overhead light.",
    "EXT_BUENOS_AIRES": "A Buenos Aires street in snow, 1978, early evening. Shopfronts, balconies, parked cars, street lamps lit, bare "
    "trees, a newspaper kiosk.",
    "EXT_MARQUEE": "A wedding marquee on a summer afternoon: white canvas, round tables with white cloths and flowers, gilt chairs, "
    "strings of lights, a wooden dance floor, a long top table.",
    "INT_BEDROOM_1994": "A teenage bedroom, 1994: a single bed with a checked duvet, band posters, a desk with a computer, a boombox, "
    "clothes on the floor, a lava lamp. Evening.",
}


def setpiece(*words: object) -> None:
    """Run a command of the program's; end where it ends."""
    done = subprocess.run([sys.executable, "-m", "setpiece.cli", *map(str, words)], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def sheet(pages: list[Path]) -> Image.Image:
    """Board pages, two by two."""
    shown = [Image.open(path).convert("RGB") for path in pages]
    width, height = WIDE // 2, round(shown[0].height * WIDE / 2 / shown[0].width)
    made = Image.new("RGB", (2 * width, len(shown) // 2 * height), "white")
    for number, one in enumerate(shown):
        made.paste(one.resize((width, height), Image.Resampling.LANCZOS), (number % 2 * width, number // 2 * height))
    return made


def page(out: Path, names: list[str]) -> None:
    """docs/gallery.md and its pictures, of every set that was shown."""
    lines = ["# A dozen paragraphs", "", "Each set below was built from the words under it and nothing else, by", "",
             "```sh", ".venv/bin/python examples/previs/gallery.py gallery", "```", "",
             "which also makes their boards. What a text leaves open is assumed, said, and written where it can be changed.", ""]  # fmt: skip
    for name in names:
        found = sorted((out / name / "takes").glob(f"v*/{name}_wide_v*.png"))
        if not found:
            continue
        picture = Image.open(found[-1]).convert("RGB")
        height = round(picture.height * WIDE / picture.width)
        target = DOCS / "pictures" / "gallery" / f"{name}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.resize((WIDE, height), Image.Resampling.LANCZOS).save(target, quality=85, optimize=True)
        lines += [f"## {name}", "", f"![{name}](pictures/gallery/{name}.jpg)", "", f"> {BRIEFS[name]}", ""]
        pages = sorted(found[-1].parent.glob("boards/*_boards_*.png"))
        if len(pages) >= PAGES:
            sheet(pages[:PAGES]).save(target.with_name(f"{name}_boards.jpg"), quality=82, optimize=True)
            lines += [f"![its boards](pictures/gallery/{name}_boards.jpg)", ""]
    (DOCS / "gallery.md").write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", action="append", choices=BRIEFS)
    parser.add_argument("--size", default="960x540")
    parser.add_argument("--samples", default="8")
    parser.add_argument("--turntable", default="0")
    parser.add_argument("--quick", action="store_true", help="the wide views alone, no boards")
    options = parser.parse_args()
    for name in options.only or BRIEFS:
        folder = options.out / name
        if not (folder / "brief.yaml").is_file():
            setpiece("previs", "new", folder, "--text", BRIEFS[name], "--declare", "yes", "--show", "Gallery")
        if options.quick:
            setpiece("previs", "view", folder, "--view", "wide", "--size", options.size, "--samples", options.samples)
            continue
        extent = ("--size", options.size, "--samples", options.samples, "--turntable", options.turntable)
        setpiece("previs", "boards", folder, *extent)
    page(options.out, list(BRIEFS))


if __name__ == "__main__":
    main()
