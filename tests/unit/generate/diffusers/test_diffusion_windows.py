"""Windows of time: every frame is covered, weights add up, and a network that looks at single frames is not changed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from setpiece.core.errors import StageError
from setpiece.generate.engines.diffusers.families import FAMILIES
from setpiece.generate.engines.diffusers.video import blend_of
from setpiece.generate.engines.diffusers.windows import (
    Blend,
    latent_frames,
    padded_frames,
    plan_windows,
    window_weights,
    windowed,
)

shots = st.tuples(st.integers(1, 200), st.integers(2, 40), st.integers(0, 39)).filter(lambda s: s[2] < s[1])


@given(shots)
def test_windows_cover_every_frame_and_share_at_least_the_overlap(shot: tuple[int, int, int]) -> None:
    length, window, overlap = shot
    windows = plan_windows(length, window, overlap)
    assert windows[0][0] == 0 and windows[-1][1] == length
    assert all(end - start == min(window, length) for start, end in windows)
    assert all(b[0] > a[0] and a[1] - b[0] >= overlap for a, b in itertools.pairwise(windows))


@given(shots)
def test_weights_add_up_to_one_on_every_frame_and_fall_to_inner_ends(shot: tuple[int, int, int]) -> None:
    length, window, overlap = shot
    windows = plan_windows(length, window, overlap)
    total = np.zeros(length)
    for (start, end), weight in zip(windows, window_weights(windows, length), strict=True):
        assert (weight > 0).all()
        total[start:end] += weight
    np.testing.assert_allclose(total, 1.0, atol=1e-5)


def test_an_overlap_is_a_linear_cross_fade() -> None:
    left, right = window_weights(((0, 8), (4, 12)), 12)
    np.testing.assert_allclose(left[4:], [0.8, 0.6, 0.4, 0.2], atol=1e-6)
    np.testing.assert_allclose(right[:4], [0.2, 0.4, 0.6, 0.8], atol=1e-6)


@given(st.integers(1, 500), st.sampled_from([1, 4, 8]))
def test_frames_are_filled_up_to_what_a_model_takes_by_less_than_its_step(frames: int, temporal: int) -> None:
    padded = padded_frames(frames, temporal)
    assert frames <= padded < frames + temporal and (padded - 1) % temporal == 0
    assert (latent_frames(padded, temporal) - 1) * temporal + 1 == padded


def test_windows_that_do_not_advance_are_refused() -> None:
    with pytest.raises(StageError, match="cannot share"):
        plan_windows(20, 5, 5)


def test_windows_of_a_network_that_takes_two_latent_frames_at_once_begin_on_even_ones() -> None:
    blend = blend_of(FAMILIES["cogvideox-image"], 101, window=49, overlap=13, step=2)
    assert blend.length == 26 and all(start % 2 == 0 and end % 2 == 0 for start, end in blend.windows)


class _Pointwise(torch.nn.Module):
    """A network without any sense of time."""

    calls = 0

    def forward(self, hidden_states, control_hidden_states=None, **_rest):  # type: ignore[no-untyped-def]
        self.calls += 1
        return (torch.tanh(hidden_states) + (0 if control_hidden_states is None else control_hidden_states),)


@pytest.mark.parametrize("extra", [0, 2])
def test_a_network_without_memory_gives_the_same_through_windows(extra: int) -> None:
    network, blend = _Pointwise(), Blend(windows=plan_windows(17, 6, 2), length=17, extra=extra)
    latents, control = torch.randn(1, 3, 17 + extra, 4, 5), torch.randn(1, 3, 17 + extra, 4, 5)
    whole = network(hidden_states=latents, control_hidden_states=control)[0]
    with windowed(network, blend, layout="frames", time_axis=2):
        network.calls = 0
        parts = network(hidden_states=latents, control_hidden_states=control)[0]
        assert network.calls == len(blend.windows)
    torch.testing.assert_close(parts, whole)
    assert "forward" not in vars(network)
    network(hidden_states=latents)
    assert network.calls == len(blend.windows) + 1  # left as it was


def test_a_forward_that_the_library_put_in_place_meanwhile_stays() -> None:
    network, theirs = _Pointwise(), lambda **_: None
    with windowed(network, Blend(windows=((0, 3), (2, 5)), length=5), layout="frames"):
        network.forward = theirs
    assert network.forward is theirs


class _WindowMean(torch.nn.Module):
    """A network that says what it sees: the mean over its window."""

    def forward(self, hidden_states, **_rest):  # type: ignore[no-untyped-def]
        return (hidden_states.mean(dim=2, keepdim=True).expand_as(hidden_states),)


def test_predictions_of_two_windows_cross_fade_over_their_overlap() -> None:
    latents = torch.arange(12.0).view(1, 1, 12, 1, 1)
    network = _WindowMean()
    with windowed(network, Blend(windows=((0, 8), (4, 12)), length=12), layout="frames", time_axis=2):
        made = network(hidden_states=latents)[0].flatten()
    expected = [3.5] * 4 + [3.5 * a + 7.5 * (1 - a) for a in (0.8, 0.6, 0.4, 0.2)] + [7.5] * 4
    torch.testing.assert_close(made, torch.tensor(expected))


class _Tokens(torch.nn.Module):
    """Notes the coordinates that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[torch.Tensor] = []

    def forward(self, hidden_states, timestep, video_coords, **_rest):  # type: ignore[no-untyped-def]
        self.seen.append(video_coords[0, 0])
        return (hidden_states * 2.0,)


def test_tokens_are_cut_by_time_with_the_conditions_of_their_window_and_time_from_zero() -> None:
    times = torch.tensor([0, 1, 9, 17, 25, 33], dtype=torch.float32).repeat_interleave(2)  # six latent frames of two tokens
    space = torch.tensor([0.0, 8.0]).repeat(6)
    shot = torch.stack([times, space, torch.zeros(12)])
    early, late = torch.tensor([[5.0], [0.0], [0.0]]), torch.tensor([[30.0], [0.0], [0.0]])
    coords = torch.cat([early, late, shot], dim=1)[None]
    latents = torch.randn(1, 14, 3)
    network = _Tokens()
    with windowed(network, Blend(windows=((0, 3), (2, 5), (3, 6)), length=6), layout="packed"):
        made = network(hidden_states=latents, timestep=torch.ones(1, 14), video_coords=coords)[0]
    torch.testing.assert_close(made[:, 2:], latents[:, 2:] * 2)
    assert network.seen[0].tolist() == [5, 0, 0, 1, 1, 9, 9]
    assert network.seen[1].tolist() == [21, 0, 0, 8, 8, 16, 16]
    assert network.seen[2].tolist() == [13, 0, 0, 8, 8, 16, 16]
