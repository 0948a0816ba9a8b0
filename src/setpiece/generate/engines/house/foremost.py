"""What is nearest in each pixel: depth, normal, rest position and where it goes, from all samples of a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.generate.engines.house import resolve, shade
from setpiece.generate.engines.house.scene import AtRest

SKY_M = np.float32(np.inf)


@dataclass(slots=True)
class Nearest:
    """What the nearest debris sample of each active pixel knows."""

    depth: np.ndarray
    piece: np.ndarray
    normal: np.ndarray
    rest: np.ndarray

    @classmethod
    def blank(cls, n: int) -> Nearest:
        """Nothing yet in ``n`` pixels."""
        return cls(
            np.full(n, SKY_M, np.float32), np.full(n, -1, np.int32), np.zeros((n, 3), np.float32), np.zeros((n, 3), np.float32)
        )

    def take(  # every array is per active pixel
        self, state: np.ndarray, distance: np.ndarray, directions: np.ndarray, piece: np.ndarray, normal: np.ndarray,
        rest: np.ndarray, forward: np.ndarray,
    ) -> None:  # fmt: skip
        """Keep the debris samples that are nearer along ``forward``, the viewing axis."""
        hit = np.nonzero(state == shade.DEBRIS)[0]
        depth = (distance[hit] * (directions[hit] @ forward.astype(np.float32))).astype(np.float32)
        nearer = depth < self.depth[hit]
        hit = hit[nearer]
        self.depth[hit], self.piece[hit] = depth[nearer], piece[hit]
        self.normal[hit], self.rest[hit] = normal[hit], rest[hit]

    def planes(self, at: AtRest, pixels: np.ndarray, frame: int) -> dict[str, np.ndarray]:
        """Full planes: depth, normal, rest, forward, backward."""
        lens, motion, n = at.lens, at.scene.motion, len(pixels)
        size, count = (lens.height, lens.width), lens.height * lens.width
        chosen = np.nonzero(self.piece >= 0)[0]
        flows = {}
        here = motion.at(frame)
        for name, there in (("forward", motion.at(frame + 1)), ("backward", motion.at(frame - 1))):
            flow = np.zeros((n, 2), np.float32)
            resolve.travel(
                chosen,
                self.piece,
                self.rest,
                at.scene.pieces.centre,
                *here,
                *there,
                lens.eye,
                lens.axes,
                lens.focal,
                lens.centre,
                1.0,
                flow,
            )
            flows[name] = flow
        out = {}
        for name, value, empty in (
            ("depth", self.depth, SKY_M),
            ("normal", self.normal, 0),
            ("rest", self.rest, 0),
            *((k, v, 0) for k, v in flows.items()),
        ):
            plane = np.full((count, *value.shape[1:]), empty, np.float32)
            plane[pixels] = value
            out[name] = plane.reshape(*size, *value.shape[1:])
        return out
