"""Long shots in overlapping windows of time, blended in latent space at every step of the denoising.

One denoising runs over the whole shot. At each step the network sees the latents window by window; where windows overlap
its predictions are averaged, each weighing in proportion to its distance from its own ends. So neighbours agree on every
step, and no seam is left to cross-fade in pixels. Noise is drawn once for the whole shot and never warped or moved.

Frame counts that a model cannot take are filled up by holding the last frame and cut back; time is never resampled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from setpiece.core.arrays import Float32
from setpiece.core.errors import StageError

if TYPE_CHECKING:
    import torch

Window = tuple[int, int]  # first, end (excluded), in latent frames


def padded_frames(frames: int, temporal: int) -> int:
    """The least count ``temporal * k + 1`` that holds ``frames``.

    >>> padded_frames(48, 4), padded_frames(49, 4), padded_frames(1, 8)
    (49, 49, 1)
    """
    return frames + (1 - frames) % temporal


def latent_frames(frames: int, temporal: int) -> int:
    """How many latent frames stand for ``frames`` (``temporal * k + 1``) frames."""
    return (frames - 1) // temporal + 1


def plan_windows(length: int, window: int, overlap: int, *, step: int = 1) -> tuple[Window, ...]:
    """Windows of ``window`` latent frames over ``length``, neighbours sharing ``overlap`` or more; every bound is a
    multiple of ``step`` (``length`` is).

    The last one is moved back to end with the shot, never shortened: a network meets one length only.

    >>> plan_windows(30, 21, 5)
    ((0, 21), (9, 30))

    Raises :class:`StageError` where the windows would not advance.
    """
    window, overlap = window // step * step, -(-overlap // step) * step
    if length <= window:
        return ((0, length),)
    if not 0 <= overlap < window:
        raise StageError(
            f"windows of {window} latent frames cannot share {overlap}", remedy="state an overlap below the window's length"
        )
    starts = list(range(0, length - window, window - overlap))
    return tuple((start, start + window) for start in [*starts, length - window])


def window_weights(windows: tuple[Window, ...], length: int) -> tuple[Float32[np.ndarray, "n"], ...]:
    """How much each window's prediction weighs on each of its frames: ramps towards its inner ends; the weights of all
    windows on a frame add up to 1."""
    raw = []
    for start, end in windows:
        inside = np.arange(start, end)
        from_left = inside - start + 1 if start > 0 else np.full(end - start, end - start)
        from_right = end - inside if end < length else np.full(end - start, end - start)
        raw.append(np.minimum(from_left, from_right).astype(np.float64))
    total = np.zeros(length)
    for (start, end), weight in zip(windows, raw, strict=True):
        total[start:end] += weight
    return tuple((weight / total[start:end]).astype(np.float32) for (start, end), weight in zip(windows, raw, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """How a network is called window by window over ``length`` latent frames. ``extra``: latent frames that stand before
    the shot in every window (reference pictures)."""

    windows: tuple[Window, ...]
    length: int
    extra: int = 0


@contextmanager
def windowed(network: Any, blend: Blend, *, layout: str, time_axis: int = 2) -> Iterator[None]:
    """Let ``network.forward`` see ``blend.windows`` one at a time, and give the average of its predictions.

    ``layout`` "frames": latents with time on ``time_axis``; "packed": tokens (b, n, c) in frame order behind condition
    tokens, with coordinates. With a single window the network is left alone.
    """
    if len(blend.windows) == 1:
        yield
        return
    whole, own = network.forward, "forward" in vars(network)
    blended = _frames(whole, blend, time_axis) if layout == "frames" else _packed(whole, blend)
    network.forward = blended
    try:
        yield
    finally:
        if network.forward is blended:  # where weights are offloaded, the library has put its own in place by now
            if own:
                network.forward = whole
            else:
                del network.forward


def _frames(whole: Callable[..., Any], blend: Blend, axis: int) -> Callable[..., Any]:
    """Networks whose latents have an axis of time; what controls them is cut alike."""
    weights = window_weights(blend.windows, blend.length)

    def forward(*, hidden_states: torch.Tensor, **rest: Any) -> Any:
        import torch

        lead = list(range(blend.extra))
        made: torch.Tensor | None = None
        total = blend.extra + blend.length
        for (start, end), weight in zip(blend.windows, weights, strict=True):
            index = torch.tensor(lead + list(range(blend.extra + start, blend.extra + end)), device=hidden_states.device)
            mine = dict(rest)
            if mine.get("control_hidden_states") is not None:
                mine["control_hidden_states"] = mine["control_hidden_states"].index_select(axis, index)
            if mine.get("image_rotary_emb") is not None:
                mine["image_rotary_emb"] = tuple(_span(f, total, len(index)) for f in mine["image_rotary_emb"])
            part = whole(hidden_states=hidden_states.index_select(axis, index), **mine)[0]
            if made is None:
                shape = list(part.shape)
                shape[axis] = total
                made = part.new_zeros(shape, dtype=torch.float32)
            share = np.concatenate([np.full(blend.extra, 1.0 / len(blend.windows), np.float32), weight])
            view = [1] * part.ndim
            view[axis] = -1
            made.index_add_(axis, index, part.float() * torch.from_numpy(share).to(part.device).view(view))
        assert made is not None
        return (made.to(hidden_states.dtype),)

    return forward


def _span(rotary: torch.Tensor, total: int, wanted: int) -> torch.Tensor:
    """Rotary factors (tokens, d) in frame order of the first ``wanted`` of ``total`` frames: every window counts its own
    time from zero, as the network was trained."""
    return rotary[: rotary.shape[0] * wanted // total]


def _packed(whole: Callable[..., Any], blend: Blend) -> Callable[..., Any]:
    """Networks that take tokens with coordinates: the shot's own last, condition tokens before them."""
    weights = window_weights(blend.windows, blend.length)

    def forward(*, hidden_states: torch.Tensor, timestep: torch.Tensor, video_coords: torch.Tensor, **rest: Any) -> Any:
        import torch

        conditions = _condition_tokens(video_coords)
        each = (hidden_states.shape[1] - conditions) // blend.length
        made: torch.Tensor | None = None
        for (start, end), weight in zip(blend.windows, weights, strict=True):
            time = video_coords[0, 0]
            from_s = time[conditions + start * each]
            until_s = time[conditions + end * each] if end < blend.length else time.max()
            near = torch.nonzero((time[:conditions] >= from_s) & (time[:conditions] <= until_s))[:, 0]
            mine = torch.arange(conditions + start * each, conditions + end * each, device=near.device)
            index = torch.cat([near, mine]).to(hidden_states.device)
            coords = video_coords.index_select(2, index).clone()
            coords[:, 0] = (coords[:, 0] - from_s).clamp(min=0)
            times = timestep if timestep.shape[1] == 1 else timestep.index_select(1, index)
            part = whole(hidden_states=hidden_states.index_select(1, index), timestep=times, video_coords=coords, **rest)[0]
            if made is None:
                made = part.new_zeros((part.shape[0], hidden_states.shape[1], part.shape[2]), dtype=torch.float32)
            share = torch.from_numpy(np.repeat(weight, each)).to(part.device)
            share = torch.cat([share.new_ones(len(near)), share])
            made.index_add_(1, index, part.float() * share[None, :, None])
        assert made is not None
        return (made.to(hidden_states.dtype),)

    return forward


def _condition_tokens(coords: torch.Tensor) -> int:
    """How many tokens stand before the shot's own: those begin with the last token at the coordinates' origin."""
    import torch

    origin = torch.nonzero((coords[0] == 0).all(dim=0))[:, 0]
    return int(origin[-1]) if len(origin) else 0
