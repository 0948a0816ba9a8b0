"""A look as a thing that stands in a set: its form on a stand, and what it wears.

Place in the flow: a look of the specification -> here -> placed like furniture, in the layer ``wardrobe``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.errors import BriefError
from setpiece.core.garment import Cloth, Draped, Pattern
from setpiece.core.scene import MaterialKind, Part, PolyMesh, SceneMaterial, Thing
from setpiece.core.set_spec import Look
from setpiece.stage.sets import mesh as m
from setpiece.stage.wardrobe.cloths import cloth
from setpiece.stage.wardrobe.drape import drape
from setpiece.stage.wardrobe.form import Form, dress_form, landmarks
from setpiece.stage.wardrobe.layering import air_m
from setpiece.stage.wardrobe.measures import measures
from setpiece.stage.wardrobe.patterns import KINDS, draft, parameters

_COVER = SceneMaterial(kind=MaterialKind.LINEN, colour=(0.56, 0.50, 0.41), wear=0.25, seed=3)
_IRON = SceneMaterial(kind=MaterialKind.METAL, colour=(0.05, 0.05, 0.052), wear=0.2)
_LEGS = frozenset({"trousers"})
_CHEST = frozenset({"shirt", "waistcoat", "jacket", "coat", "uniform_tunic", "dress"})
_OVER_M = {"waistcoat": 0.006, "jacket": 0.006, "uniform_tunic": 0.006, "coat": 0.012}
"""What a garment's usual ease is drafted to go over, metres off the body: a shirt, or a shirt and a jacket."""
_TUCKED, _HOLD = frozenset({"shirt"}), frozenset({"trousers", "skirt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn:
    """A look made: its form, its garments from the inside out, and the thing that stands in the set."""

    look: Look
    form: Form
    garments: tuple[Draped, ...]
    thing: Thing


def wear(look: Look, *, fine: bool = True) -> Worn:
    """Draft, sew and drape a look. Raises BriefError for what cannot be cut, StageError for what does not hang."""
    form = dress_form(measures(look.size, look.measures_m))
    garments = drape(cut(look), form, fine=fine)
    return Worn(look=look, form=form, garments=garments, thing=_thing(form, garments))


def cut(look: Look) -> tuple[tuple[Pattern, Cloth], ...]:
    """The patterns of a look and their cloths, inner garments first. Raises BriefError for what cannot be cut."""
    body = measures(look.size, look.measures_m)
    at = landmarks(body)
    made = []
    beneath_m = 0.0  # what is worn beneath about the chest takes up
    for number, one in enumerate(look.garments):
        if one.kind not in KINDS:
            raise BriefError(f"look '{look.name}': there is no garment '{one.kind}'", remedy=f"garments are {', '.join(KINDS)}")
        values = dict(one.values)
        tucked = any(over.kind in _HOLD for over in look.garments[number + 1 :])
        if tucked and one.kind in _TUCKED and "length_m" not in values:  # a tail in trousers ends at the seat
            values["length_m"] = max(round(at.neck_z - at.hip_z - 0.01, 3), _limits(one.kind, "length_m")[0])
        wide_m = beneath_m - _OVER_M.get(one.kind, np.inf)
        if wide_m > 0.0 and "ease_m" not in values:  # over more than it is drafted for: cut wider by what that takes up
            usual, high = _limits(one.kind, "ease_m")[1:]
            values["ease_m"] = min(round(usual + 2 * np.pi * wide_m, 3), high)
        pattern = draft(one.kind, body, values, size=look.size)
        fabric = cloth(one.fabric, one.colour, one.colour_2, seed=number + 1)
        beneath_m += fabric.thickness_m + air_m(body) if one.kind in _CHEST else 0.0
        made.append((pattern, fabric))
    return tuple(made)


def _limits(kind: str, name: str) -> tuple[float, float, float]:
    """The least, the usual and the greatest that a kind's number can be."""
    one = next(one for one in parameters(kind) if one.name == name)
    return one.low, float(one.usual), one.high


def _thing(form: Form, garments: tuple[Draped, ...]) -> Thing:
    parts = [Part(mesh=_form_mesh(form, legs=any(one.pattern.kind in _LEGS for one in garments)), material=_COVER)]
    parts += [Part(mesh=mesh, material=_IRON, bevel_m=0.0) for mesh in _stand(form)]
    for one in garments:
        parts.append(Part(mesh=solid(one.mesh, one.cloth.thickness_m), material=one.cloth.material))
        parts += [Part(mesh=mesh, material=material) for mesh, material in one.details]
    points = np.concatenate([np.asarray(part.mesh.vertices) for part in parts])
    size = (2 * float(np.abs(points[:, 0]).max()), 2 * float(np.abs(points[:, 1]).max()), float(points[:, 2].max()))
    return Thing(parts=tuple(parts), size_m=size)


def _form_mesh(form: Form, *, legs: bool) -> PolyMesh:
    """The form's surface; without trousers it ends above the knee, as a tailor's does."""
    if legs:
        return form.mesh
    vertices = np.asarray(form.mesh.vertices)
    corners = np.asarray(form.mesh.corners).reshape(-1, 3)
    low = form.marks.crotch_z - 0.10
    kept = (vertices[corners][:, :, 2] > low).all(1) | (np.abs(vertices[corners][:, :, 0]).min(1) > 0.9 * form.marks.shoulder_x)
    faces = corners[kept]
    used, number = np.unique(faces, return_inverse=True)
    return PolyMesh(
        vertices=np.ascontiguousarray(vertices[used]),
        corners=np.ascontiguousarray(number.ravel(), np.int32),
        face_start=np.arange(0, 3 * len(faces) + 1, 3, dtype=np.int32),
        smooth=True,
    )


def _stand(form: Form) -> list[PolyMesh]:
    """A round foot, a pole up into the form, a turned cap on the neck."""
    top = form.marks.neck_z + 0.085
    radius = 0.96 * form.measures.neck_m / (2 * np.pi)
    cap = [(0.0, 0.0), (radius, 0.0), (0.98 * radius, 0.008), (0.35 * radius, 0.02), (0.3 * radius, 0.035), (0.0, 0.042)]
    foot = [(0.0, 0.0), (0.15, 0.0), (0.15, 0.012), (0.03, 0.03), (0.014, 0.06), (0.0, 0.06)]
    made = [m.lathe(foot, 48), m.moved(m.cylinder(0.013, form.marks.crotch_z + 0.02, segments=20), (0.0, 0.02, 0.0))]
    return [m.moved(made[0], (0.0, 0.02, 0.0)), made[1], m.moved(m.lathe(cap, 40), (0.0, 0.0, top))]


def solid(mesh: PolyMesh, thickness_m: float) -> PolyMesh:
    """A cloth with its inner face and its edges: at hems one sees how thick it is."""
    vertices = np.asarray(mesh.vertices, float)
    faces = np.asarray(mesh.corners).reshape(-1, 3)
    normal = np.zeros_like(vertices)
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    for i in range(3):
        np.add.at(normal, faces[:, i], face)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    inner = vertices - normal * max(thickness_m, 0.0004)
    count = len(vertices)
    sides = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    uv = np.asarray(mesh.uv).reshape(-1, 3, 2)
    ends = np.concatenate([uv[:, [0, 1]], uv[:, [1, 2]], uv[:, [2, 0]]])
    key = np.sort(sides, 1)
    _, index, times = np.unique(key, axis=0, return_index=True, return_counts=True)
    rim = sides[index[times == 1]]
    rim_uv = ends[index[times == 1]]
    i, j = rim.T
    edge = np.concatenate([np.stack([j, i, i + count], -1), np.stack([j, i + count, j + count], -1)])
    edge_uv = np.concatenate([rim_uv[:, [1, 0, 0]], rim_uv[:, [1, 0, 1]]])
    every = np.concatenate([faces, faces[:, ::-1] + count, edge])
    coordinates = np.concatenate([uv, uv[:, ::-1], edge_uv])
    return PolyMesh(
        vertices=np.ascontiguousarray(np.concatenate([vertices, inner]), np.float32),
        corners=np.ascontiguousarray(every.ravel(), np.int32),
        face_start=np.arange(0, 3 * len(every) + 1, 3, dtype=np.int32),
        uv=np.ascontiguousarray(coordinates.reshape(-1, 2), np.float32),
        smooth=True,
    )
