"""Learning a shot's retouch, step by step: killed at any moment it resumes, and a keyframe more is only a keyframe more.

Place in the flow: ``setpiece deage learn``. All that a step does follows from (settings, seed, step number, lessons): the
same seed, steps and threads give the same bits, whether in one run or in ten. Torch is imported only here, in
:mod:`.net` and for export. Nothing is read but this shot's own frames; no weights come from elsewhere.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from setpiece.core.errors import StageError
from setpiece.generate.engines.learned.augment import Example, Lesson, example_of
from setpiece.generate.engines.learned.batches import CHANGED, loss_of, picture_of, stacked, tensor_of
from setpiece.generate.engines.learned.checkpoint import State, load_state, refused_state, save_state
from setpiece.generate.engines.learned.explain import Reasoned
from setpiece.generate.engines.learned.kept import arrays_of, restore
from setpiece.generate.engines.learned.lessons import Curriculum, curriculum_of
from setpiece.generate.engines.learned.net import STOPS, ShotNet, fourier, in_units, judged, laid_out, mean_of
from setpiece.generate.engines.learned.settings import Standing, TrainingSettings, held_out
from setpiece.generate.engines.learned.sheet import Row, write_sheet
from setpiece.generate.engines.learned.trial import tried
from setpiece.generate.retouch import RetouchRequest, check_cleared
from setpiece.media.files import plain, write_text

STATE = "state.safetensors"
LOSSES = "losses.jsonl"
PREVIEW = "preview.png"
_POOL = 32  # examples at hand; one is made anew each step
_BATCH = 4
_EXAM_EVERY = 100
_JUDGE_EVERY = 2  # a step of the judge for so many of the network
_SQUARES = 30.0  # weight of the judge's squared error: an opening that is missed costs more than many small doubts
_HOLDING = 0.7  # of a schedule a keyframe is held out of each member


class Training:
    """One shot's training in one folder. Make it by :meth:`begin`; :meth:`run` or :meth:`step`; :meth:`save`."""

    def __init__(self, curriculum: Curriculum, settings: TrainingSettings, folder: Path, request: RetouchRequest) -> None:
        self.curriculum, self.settings, self.folder, self.request = curriculum, settings, Path(folder), request
        self.done, self.goal, self.warm = 0, settings.steps, 0
        torch.set_num_threads(settings.threads)
        torch.manual_seed(settings.seed)
        self.net = laid_out(ShotNet(settings.net), for_training=True)
        self.mean = ShotNet(settings.net)
        self.mean.load_state_dict(self.net.state_dict())
        self._optimisers = [self._optimiser(part) for part in self._parts()]
        self._pool: list[dict[int, Example]] = [{} for _ in self.net.members]
        self._recent: list[float] = []
        self.losses: list[dict[str, Any]] = []
        self.held = held_out(len(curriculum.keys), settings.net.members)

    def _parts(self) -> list[torch.nn.Module]:
        return [*self.net.members, self.net.judge]

    @classmethod
    def begin(
        cls,
        request: RetouchRequest,
        settings: TrainingSettings,
        folder: Path,
        *,
        propagation: Reasoned | None,
        more_steps: int | None = None,
    ) -> Training:
        """A training of ``request`` in ``folder``: resumed where one is there, from its weights where a keyframe was added,
        ``more_steps`` are asked for or ``settings`` ask for more steps than it had. ``propagation`` is the prepared engine
        that carries the keyframes, as it will when the network is used; None for a network that stands alone.

        Raises :class:`ClearanceRefused` without a permit or for a state that cannot be trusted, :class:`StageError` where
        there is nothing to learn or the folder holds a training of other settings.
        """
        check_cleared(request)
        training = cls(curriculum_of(request, settings.size, propagation, threads=settings.threads), settings, folder, request)
        if (training.folder / STATE).exists():
            training._resume(more_steps)
        return training

    def step(self, count: int = 1) -> Standing:
        """Take ``count`` steps, or those that are left. Examined every hundred; nothing is saved."""
        standing = self.standing()
        for _ in range(count):
            if self.done >= self.goal:
                break
            self._recent = [*self._recent[-99:], self._one()]
            self.done += 1
            if self.done % _EXAM_EVERY == 0 or self.done == self.goal:
                standing = self._log()
        return standing if self.done % _EXAM_EVERY == 0 else self.standing()

    def run(
        self,
        *,
        seconds: float | None = None,
        stop: Callable[[], bool] | None = None,
        progress: Callable[[Standing], None] | None = None,
        save_every: float = 5.0,
        preview_every: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> Standing:
        """Train until the schedule's end, ``seconds`` have passed or ``stop`` says so; saved every ``save_every`` seconds
        and, whatever happens, at the end: Ctrl-C saves and goes on to the caller. ``preview_every`` 0 writes no sheet."""
        begun = saved = seen = clock()
        try:
            if self.settings.minutes is not None and self.done == 0:
                self._budget(clock)
            while self.done < self.goal and not (stop and stop()):
                if seconds is not None and clock() - begun >= seconds:
                    break
                self.step(5)
                now = clock()
                if progress:
                    progress(self.standing())
                if now - saved >= save_every:
                    self.save()
                    saved = clock()
                if preview_every and now - seen >= preview_every:
                    self.preview()
                    seen = clock()
        finally:
            self.save()
        if preview_every:
            self.preview()
        return self.standing()

    def standing(self) -> Standing:
        """Where the training stands, without an exam."""
        loss = float(np.mean(self._recent)) if self._recent else math.nan
        return Standing(step=self.done, steps=self.goal, loss=loss)

    def rows(self, between: int = 3) -> tuple[Row, ...]:
        """Keyframes and ``between`` frames of those in between, as they stand, for the contact sheet."""
        spaced = {round(i) for i in np.linspace(0, len(self.curriculum.between) - 1, between + 2)[1:-1]}
        chosen = [*self.curriculum.keys, *(lesson for i, lesson in enumerate(self.curriculum.between) if i in spaced)]
        return tuple(
            Row(
                frame=lesson.frame,
                light=lesson.light,
                gain=self.predict(lesson)[1],
                painted=lesson.gain if lesson.painted else None,
                warp=lesson.warp,
            )
            for lesson in sorted(chosen, key=lambda lesson: lesson.frame)
        )

    def preview(self) -> Path:
        """Write the contact sheet into the folder; its path."""
        path = self.folder / PREVIEW
        write_sheet(path, self.rows(), self.losses, title=f"step {self.done} of {self.goal}")
        return path

    def save(self) -> None:
        """Write the state aside and rename it into place."""
        arrays = arrays_of(self.net, self.mean, self._optimisers)
        save_state(self.folder / STATE, State(arrays=arrays, facts=self._facts()))

    # ------------------------------------------------------------------ one step

    def _one(self) -> float:
        member = self.done % len(self.net.members)
        self.net.train()
        batch = stacked(self._examples(member))
        chart = fourier(batch["uv"], self.settings.net.octaves)
        with self._half():
            gain, logit, warp = self.net.members[member](batch["light"], chart)
        loss = loss_of(gain, logit, warp, batch, moves=self.curriculum.moves)
        self._turn(member, loss)
        if self.curriculum.rehearsals and self.done % _JUDGE_EVERY == 0 and not self._finishing_at(self.done):
            self._weigh()
        self._average()
        return float(loss.detach())

    def _weigh(self) -> None:
        """Let the judge see how members and propagation do where something stands before the face."""
        lessons = self._unseen()
        chance = np.random.default_rng((self.settings.seed, 5, self.done))
        chosen = [lessons[int(i)] for i in chance.integers(0, len(lessons), _BATCH)]
        batch = stacked([self._example(k, (self.settings.seed, 4, self.done, i), told=True) for i, k in enumerate(chosen)])
        told, chart = in_units(batch["prior"]), fourier(batch["uv"], self.settings.net.octaves)
        with torch.no_grad(), self._half():
            gain, alpha, _ = mean_of([m(batch["light"], chart) for m in self.mean.members])
        with self._half():
            shares = self.net.judge(batch["light"], chart, told, gain, alpha)
        error = judged(shares, told, gain)[0] - batch["gain"] / STOPS
        weight = batch["trust"] * shares[2].detach()
        loss = _SQUARES * (error * error * weight).sum() / (3 * weight.sum() + 1)
        self._turn(len(self.net.members), loss)

    def _unseen(self) -> list[Lesson]:
        """Rehearsals in which the members do not know the painter's answer by heart."""
        known = self._by_heart()
        return [lesson for lesson in self.curriculum.rehearsals if lesson.frame not in known] or list(
            self.curriculum.rehearsals
        )

    def _by_heart(self) -> set[int]:
        """Keyframes that some member has learned from."""
        return {key.frame for i, key in enumerate(self.curriculum.keys) if any(i != held for held in self.held)}

    def _turn(self, part: int, loss: Tensor) -> None:
        optimiser = self._optimisers[part]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        for group in optimiser.param_groups:
            group["lr"] = self.settings.rate * self._pace()
        torch.nn.utils.clip_grad_norm_(optimiser.param_groups[0]["params"], 0.5)
        optimiser.step()

    def _pace(self) -> float:
        """Share of the full rate: up over thirty steps, then down a cosine; after a restart at half of it."""
        since, whole = self.done - self.warm, max(1, self.goal - self.warm)
        top = 0.5 if self.warm else 1.0
        return top * min(1.0, (since + 1) / 30) * max(0.01, 0.5 + 0.5 * math.cos(math.pi * min(1.0, since / whole)))

    def _finishing_at(self, step: int) -> bool:
        """In its last third each member learns from all keyframes; nothing is held out any more, and the judge has learned."""
        return step - self.warm >= _HOLDING * (self.goal - self.warm)

    def _average(self) -> None:
        since = self.done - self.warm
        share = 1 - min(0.995, (since + 1) / (since + 20))
        with torch.no_grad():
            for kept, new in zip(self.mean.parameters(), self.net.parameters(), strict=True):
                kept.lerp_(new, share)

    def _half(self) -> Any:
        return torch.autocast("cpu", torch.bfloat16, enabled=self.settings.bfloat16)

    def _optimiser(self, part: torch.nn.Module) -> torch.optim.AdamW:
        return torch.optim.AdamW(part.parameters(), lr=self.settings.rate, weight_decay=1e-4, betas=(0.9, 0.99), foreach=True)

    # ------------------------------------------------------------------ examples

    def _examples(self, member: int) -> list[Example]:
        """A batch from the member's pool: serial numbers turn to turn + 31, of which each turn makes one anew."""
        turn = self.done // len(self.net.members)
        kept = {serial: example for serial, example in self._pool[member].items() if serial >= turn}
        for serial in range(turn, turn + _POOL):
            if serial not in kept:
                kept[serial] = self._fresh(member, serial)
        self._pool[member] = kept
        chance = np.random.default_rng((self.settings.seed, 1, self.done))
        return [kept[turn + int(i)] for i in chance.integers(0, _POOL, _BATCH)]

    def _fresh(self, member: int, serial: int) -> Example:
        curriculum = self.curriculum
        chance = np.random.default_rng((self.settings.seed, 2, member, serial))
        finishing = self._finishing_at(serial * len(self.net.members))
        keys = [i for i in range(len(curriculum.keys)) if finishing or i != self.held[member]]
        between = curriculum.between if finishing else self._away(self.held[member])
        if between and chance.random() < self.settings.between:
            lesson = between[int(chance.integers(len(between)))]
        else:
            lesson = curriculum.keys[keys[serial % len(keys)]]
        return self._example(lesson, (self.settings.seed, 3, member, serial), told=False)

    def _away(self, held: int | None) -> tuple[Lesson, ...]:
        """Unpainted lessons that do not lean on the held-out keyframe most: others are nearer to them."""
        frames = [key.frame for key in self.curriculum.keys]
        if held is None:
            return self.curriculum.between
        near = frames[held]
        others = [frame for frame in frames if frame != near]
        return tuple(
            lesson
            for lesson in self.curriculum.between
            if abs(lesson.frame - near) > min(abs(lesson.frame - f) for f in others)
        )

    def _example(self, lesson: Lesson, seed: tuple[int, ...], *, told: bool) -> Example:
        settings, foreign = self.settings, self.curriculum.foreign
        return example_of(lesson, seed=seed, patch=settings.patch, foreign=foreign, grain=settings.grain, told=told)

    # ------------------------------------------------------------------ exam and state

    def predict(self, lesson: Lesson, *, member: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The averaged network's gain in stops (n, n, 3) on a lesson, alone and fused with its propagation."""
        light, uv, prior = (tensor_of(p)[None] for p in (lesson.light, lesson.uv, lesson.prior))
        members = self.mean.members if member is None else [self.mean.members[member]]
        told = in_units(prior)
        with torch.no_grad(), self._half():
            chart = fourier(uv, self.settings.net.octaves)
            gain, alpha, _ = mean_of([m(light, chart) for m in members])
            shares = self.mean.judge(light, chart, told, gain, alpha)
            made, _ = judged(self.mean.judge.heeded(told, shares), told, gain)
        return picture_of(gain * STOPS), picture_of(made * STOPS)

    def _log(self) -> Standing:
        standing = self.standing()
        if not math.isfinite(standing.loss):
            raise StageError("the training has run away", file=self.folder, remedy="lower the rate, or start it again")
        line: dict[str, Any] = {"step": self.done, "loss": round(standing.loss, 6)}
        exams = []
        if not self._finishing_at(self.done):
            exams = self._exam()
            if trial := self.examined():
                line["trial"] = trial
        if exams:
            line["held_out"] = exams
            alone, fused = (float(np.mean([exam[name] for exam in exams])) for name in ("alone", "fused"))
            standing = replace(standing, held_out=(alone, fused))
        self.losses.append(line)
        write_text(self.folder / LOSSES, "".join(json.dumps(entry, sort_keys=True) + "\n" for entry in self.losses))
        return standing

    def examined(self) -> dict[str, float]:
        """The judge's trial (:func:`.trial.tried`), on rehearsals and held-out keyframes that nobody learned from; it is heeded
        from here on as far as that speaks for it. Empty where nothing was propagated that it could be tried on."""
        unknown = [self.curriculum.keys[held] for held in self.held if held is not None]
        known = self._by_heart()
        told = [lesson for lesson in (*self.curriculum.trials, *unknown) if lesson.prior.any()]
        lessons = [lesson for lesson in told if lesson.frame not in known]
        with self._half():
            found = tried(self.mean, lessons)
        if found:
            self.mean.judge.heed.fill_(found["heed"])
        return found

    def _exam(self) -> list[dict[str, float]]:
        """Mean error in stops over what the artist painted, on the keyframe that each member has not seen."""
        exams = []
        for member, held in enumerate(self.held):
            if held is None:
                continue
            lesson = self.curriculum.keys[held]
            where = np.abs(lesson.gain).max(-1) > CHANGED * STOPS
            alone, fused = self.predict(lesson, member=member)
            told = lesson.prior[..., :3] * lesson.prior[..., 3:4]
            errors = {"alone": alone, "fused": fused, "propagated": told}
            found = {name: round(float(np.abs(e - lesson.gain)[where].mean()), 5) for name, e in errors.items()}
            exams.append({"frame": lesson.frame, **found})
        return exams

    def _facts(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "step": self.done,
            "goal": self.goal,
            "warm": self.warm,
            "recent": [round(v, 9) for v in self._recent],
            "hashes": [list(pair) for pair in self.curriculum.hashes],
            "settings": {"size": settings.size, "patch": settings.patch, "seed": settings.seed, "net": plain(settings.net)},
        }

    def _resume(self, more_steps: int | None) -> None:
        path = self.folder / STATE
        state = load_state(path)
        facts = self._facts()
        if state.facts.get("settings") != facts["settings"]:
            raise StageError(
                "holds a training of other settings", file=path, remedy="learn in another folder, or with the same settings"
            )
        self._take(path, state)
        same = state.facts.get("hashes") == facts["hashes"]
        if same and self.settings.minutes is None and self.settings.steps > self.goal:
            more_steps = self.settings.steps - self.done  # a larger budget than it had
        if not same or more_steps:
            self.warm = self.done
            self.goal = self.done + (more_steps or max(1, self.settings.steps // 2))
        losses = self.folder / LOSSES
        if losses.exists():
            lines = [json.loads(line) for line in losses.read_text(encoding="utf-8").splitlines()]
            self.losses = [line for line in lines if line["step"] <= self.done]

    def _take(self, path: Path, state: State) -> None:
        """The numbers of ``state``, where each has its place."""
        numbers = [state.facts.get(name) for name in ("step", "goal", "warm")]
        recent = state.facts.get("recent")
        if not all(type(n) is int and n >= 0 for n in numbers) or not isinstance(recent, list):
            raise refused_state(path, "does not say where the training stood")
        restore(path, state, self.net, self.mean, self._optimisers)
        self.done, self.goal, self.warm = (int(n) for n in numbers if n is not None)
        self._recent = [float(v) for v in recent]

    def _budget(self, clock: Callable[[], float]) -> None:
        """Turn minutes into steps by how fast the first ones go."""
        self.step(4)
        begun = clock()
        self.step(16)
        each = max(1e-4, (clock() - begun) / 16)
        self.goal = max(self.done + 1, round((self.settings.minutes or 0) * 60 / each))
