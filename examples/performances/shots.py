"""The takes that benchmarks measure on, by name; 60 frames, 512x512, everything known.

``A`` the astronaut in an easy take; ``A_x`` the same, hard: 18 degrees of yaw, expression creases, wandering highlights,
light that moves and a hand that crosses the face and is not to be repainted; ``H`` an old, wrinkled face with glasses;
``A_g`` with a change of geometry. ``classic``, ``classic_x``, ``classic_h`` and ``classic_g`` are the same four as
measuring shots: even, larger turns and swings of the light, an endless shutter speed, no rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from examples.performances.hands import hand
from examples.performances.head import model_head
from examples.performances.motion import classic, performed
from examples.performances.paint import Retouch, painted
from examples.performances.portraits import astronaut, hopper
from examples.performances.take import FIRST, Take

from setpiece.core.errors import BriefError

FRAMES = 60
KEYS = {3: (8, 29, 50), 4: (7, 22, 37, 52), 6: (4, 14, 24, 35, 45, 55)}  # counted from the first frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One row of the benchmark before it is shot."""

    face: str = "astronaut"
    hard: bool = False
    geometry: bool = False
    classic: bool = False


SHOTS = {
    "A": Shot(),
    "A_x": Shot(hard=True),
    "H": Shot(face="hopper"),
    "A_g": Shot(geometry=True),
    "classic": Shot(classic=True),
    "classic_x": Shot(hard=True, classic=True),
    "classic_h": Shot(face="hopper", classic=True),
    "classic_g": Shot(geometry=True, classic=True),
}


def shot(name: str, *, seed: int = 0, size: int = 512, frames: int = FRAMES) -> Take:
    """The take called ``name``; ``seed`` draws motion, pores, freckles, paint and grain anew."""
    if name not in SHOTS:
        raise BriefError(f"there is no shot '{name}'", remedy=f"take one of {', '.join(SHOTS)}")
    plan = SHOTS[name]
    head = model_head((astronaut if plan.face == "astronaut" else hopper)((size, size)))
    look = Retouch(geometry=plan.geometry, creases=plan.hard, colour=1.6 if plan.classic else 1.0)
    head, versions = painted(head, look, seed)
    motion = classic(frames, hard=plan.hard) if plan.classic else performed(frames, seed + 1, hard=plan.hard)
    take = Take(name=name, head=head, painted=versions, motion=motion, frames=frames, seed=seed)
    if plan.classic:
        take = replace(take, shutter=0.0, relight=False)
    if plan.hard:
        x, y = head.landmarks[4, :2]
        crossing = hand((0.42, 0.29, 0.225), enters=0.3 * frames, leaves=0.7 * frames, height=float(y + 0.9 * head.iod),
                        wide=1.35 * head.iod, middle=float(x))  # fmt: skip
        take = replace(take, foreground=crossing)
    return take


def keyframes(count: int, *, frames: int = FRAMES) -> tuple[int, ...]:
    """The frame numbers of ``count`` keyframes: fixed, for 60 frames; spread alike for fewer."""
    if count not in KEYS:
        raise BriefError(f"there is no set of {count} keyframes", remedy=f"take {', '.join(map(str, KEYS))}")
    return tuple(FIRST + round(key * frames / FRAMES) for key in KEYS[count])
