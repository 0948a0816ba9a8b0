"""Engine ``house``: debris by rays, dust by marching, on one thread of a CPU, with nothing downloaded.

Its cost goes with what moves: a frame before the first release is nearly free. What can be traded for speed:
``Request.samples`` (rays and moments of the shutter; 4 is finished quality, 2 is a look-see), ``shutter_deg`` 0 (one
pose a frame), grit left out, ``shadows.RECEIVER`` (plate pixels to a shadow receiver), ``shadows.RELIGHT_RAYS`` (once a
shot) and ``shadows.AMBIENT_REACH_M``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from setpiece.core.errors import CapabilityMissing
from setpiece.core.layers import Layers
from setpiece.core.stage import Gas
from setpiece.generate.contract import (
    BEHIND_DUST,
    DUST,
    DUST_LOOK,
    GRIT,
    SAMPLES,
    SEED,
    SHUTTER,
    Request,
    check_capabilities,
    check_frame,
)
from setpiece.generate.engines.house.debris import DebrisFrame, render_debris
from setpiece.generate.engines.house.dust import DustLook, LitGas, light_gas, march_dust, solid_share
from setpiece.generate.engines.house.scene import AtRest, prepare


class HouseEngine:
    """The house renderer; an :class:`setpiece.generate.contract.Engine`."""

    name = "house"

    def __init__(self) -> None:
        self._request: Request | None = None
        self._at: AtRest | None = None
        self._look = DustLook()

    def capabilities(self) -> frozenset[str]:
        """All of them."""
        return frozenset({GRIT, DUST, DUST_LOOK, SAMPLES, SHUTTER, SEED, BEHIND_DUST})

    def prepare(self, request: Request) -> None:
        """Measure the shot at rest: one to three seconds at 960x540."""
        check_capabilities(self, request)
        look = request.scene.dust_look
        if look is not None and not isinstance(look, DustLook):
            raise CapabilityMissing(DUST_LOOK, engine=self.name, remedy="give a DustLook of the house engine")
        self._look = look or DustLook()
        self._at = prepare(request.scene, samples=request.samples, seed=request.seed)
        if self._look.albedo_rgb is None:
            red, green, blue = (float(value) for value in self._at.dust_rgb)
            self._look = replace(self._look, albedo_rgb=(red, green, blue))
        self._request = request

    def render(self, frame: int) -> Layers:
        """Debris, shadows and dust of one frame. Raises :class:`StageError` outside of the prepared range."""
        request = check_frame(self._request, frame, engine=self.name)
        assert self._at is not None
        scene = request.scene
        gas = None if request.gas is None else request.gas(frame)
        lit = None if gas is None else self._lit(gas)
        marched = None
        if lit is not None:
            marched = march_dust(
                lit, scene.camera, scene.light, reach_m=self._at.farthest_m, look=self._look,
                frame_seconds=request.frames.seconds(frame), seed=request.seed,
            )  # fmt: skip
        made = render_debris(
            self._at,
            frame,
            shutter_deg=request.shutter_deg,
            rate=float(request.frames.rate),
            dust=None if lit is None else lit.sun_transmittance,
            curtain_m=None if marched is None or request.behind_dust else marched.curtain_m,
        )
        if marched is None:
            return _layers(frame, made, np.zeros_like(made.debris))
        coverage = np.ascontiguousarray(made.debris[..., 3])
        dust = marched.layer(depth_debris=made.depth, coverage=coverage, depth_background=made.background_m, debris=made.debris)
        return _layers(frame, made, dust)

    def _lit(self, gas: Gas) -> LitGas:
        assert self._request is not None
        scene = self._request.scene
        solids = solid_share(gas, scene.pieces, scene.motion) if gas.density.max() > 0 else None
        return light_gas(gas, scene.light, look=self._look, solids=solids)


def _layers(frame: int, made: DebrisFrame, dust: np.ndarray) -> Layers:
    return Layers(
        frame=frame,
        debris=made.debris,
        dust=np.asarray(dust, np.float32),
        shadow=made.shadow,
        standing=made.standing,
        depth=made.depth,
        normal=made.normal,
        forward=made.forward,
        backward=made.backward,
        rest=made.rest,
        ids=made.ids,
        coverage=made.coverage,
    )
