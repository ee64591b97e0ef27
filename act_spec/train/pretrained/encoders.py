"""
Encoders that others trained: loaded by name or from a folder, with `transformers`.

Weights come as safetensors and in no other form: a pickle is a program, and
is not opened. No code of a checkpoint's own is run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from act_spec.train.pretrained.damage import refuse_damaged
from act_spec.train.rows import Batch

_TROUBLES = (
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    ImportError,
    SafetensorError,
)
"""What loading raises, depending on what is wrong with a checkpoint."""
_SIDE = 224
_KEY = "train.learner.checkpoint"
# Means and deviations of ImageNet's channels, where a checkpoint does not say which it was trained with.
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Encoder(nn.Module):
    """
    A pretrained model as a function from items to one vector each.

    The vector is the mean of the last layer: over the tokens of a text, over
    the places of a picture.

    Attributes:
        inner: The model as `transformers` has it.
        pictures: Whether it reads pictures; else texts.
        hidden: Length of a vector.
    """

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        self.pictures = inner.main_input_name == "pixel_values"
        self.hidden = 0

    def forward(self, batch: Batch) -> Tensor:
        """Shape (b, hidden)."""
        if isinstance(batch, tuple):
            tokens, mask = batch
            told = self.inner(input_ids=tokens, attention_mask=mask).last_hidden_state
            kept = mask[:, :, None].to(told.dtype)
            mean: Tensor = (told * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1)
            return mean
        told = self.inner(pixel_values=batch).last_hidden_state
        # Convolutions give (b, hidden, height, width), transformers (b, places, hidden).
        vector: Tensor = told.mean(dim=(2, 3)) if told.dim() == 4 else told.mean(dim=1)
        return vector


class Tuned(nn.Module):
    """An encoder that goes on learning, with a linear layer on top; saved in a folder of its own."""

    kept_apart = "encoder."

    def __init__(self, encoder: Encoder, outputs: int, learning_rate: float) -> None:
        super().__init__()
        self.encoder, self.learning_rate = encoder, learning_rate
        self.head = nn.Linear(encoder.hidden, outputs)

    def forward(self, batch: Batch) -> Tensor:
        """Shape (b, outputs)."""
        logits: Tensor = self.head(self.encoder(batch))
        return logits

    def optimiser_groups(self) -> list[dict[str, Any]]:
        """Parameters for the optimiser: the encoder's own move at a rate of their own."""
        return [
            {"params": list(self.encoder.parameters()), "lr": self.learning_rate},
            {"params": list(self.head.parameters())},
        ]


@lru_cache(maxsize=1)
def load_encoder(checkpoint: str, revision: str | None) -> tuple[Encoder, Any]:
    """
    An encoder ready for use, and its tokenizer; None for one of pictures.

    Args:
        checkpoint: A folder with `config.json` and `*.safetensors`, or a name on the hub.
        revision: Of a checkpoint on the hub; None takes its newest.

    Raises:
        ValueError: If it cannot be had, is no safetensors, or is damaged.
    """
    transformers = _transformers()
    if Path(checkpoint).is_dir():
        _refuse_pickles(Path(checkpoint))
    where: dict[str, Any] = {"trust_remote_code": False, "revision": revision or "main"}
    try:
        with quietly():
            inner, facts = transformers.AutoModel.from_pretrained(
                checkpoint,
                use_safetensors=True,
                output_loading_info=True,
                dtype=torch.float32,
                # The other forms of attention cannot be differentiated twice, as `reweight` does.
                attn_implementation="eager",
                **where,
            )
            encoder = Encoder(inner)
            _check(checkpoint, inner, facts)
            encoder.hidden = _hidden(encoder)
            tokenizer = (
                None if encoder.pictures else transformers.AutoTokenizer.from_pretrained(checkpoint, **where)
            )
    except _TROUBLES as error:
        if str(error).startswith(_KEY):
            raise
        raise ValueError(f"{_KEY}: '{checkpoint}' cannot be loaded: {_first_line(error)}") from error
    return encoder.eval(), tokenizer


def picture_form(checkpoint: str, revision: str | None) -> tuple[int, tuple[float, ...], tuple[float, ...]]:
    """Side, mean and spread of the pictures that a checkpoint was trained on; ImageNet's where it does not say."""
    from transformers.utils.hub import cached_file

    path = Path(checkpoint) / "preprocessor_config.json"
    if not Path(checkpoint).is_dir():
        found = cached_file(
            checkpoint,
            path.name,
            revision=revision,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
        )
        path = Path(found) if found else path
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    mean, spread = told.get("image_mean", _MEAN), told.get("image_std", _SPREAD)
    sides = [side for side in (_side(told.get("crop_size")), _side(told.get("size"))) if side]
    return (sides or [_SIDE])[0], tuple(map(float, mean)), tuple(map(float, spread))


def fingerprint(module: nn.Module) -> str:
    """Hex SHA-256 of a module's weights, by name."""
    found = hashlib.sha256()
    for name, value in sorted(module.state_dict().items()):
        found.update(name.encode())
        found.update(value.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def _check(checkpoint: str, inner: nn.Module, facts: dict[str, Any]) -> None:
    # A pooler sits behind the last layer, which is what is read here; many checkpoints come without.
    lacking = sorted(name for name in facts["missing_keys"] if not name.startswith("pooler."))
    if lacking or facts["mismatched_keys"]:
        what = lacking or [str(one) for one in facts["mismatched_keys"]]
        raise ValueError(
            f"{_KEY}: '{checkpoint}' lacks {len(what)} of the model's tensors, such as '{what[0]}'; "
            "random ones would stand in for them."
        )
    refuse_damaged(inner, _KEY)


def _refuse_pickles(folder: Path) -> None:
    if any(folder.glob("*.safetensors")):
        return
    others = sorted(
        path.name for path in folder.iterdir() if path.suffix in {".bin", ".pt", ".pth", ".pkl", ".ckpt"}
    )
    found = f"its weights are a pickle ({others[0]}), which is a program" if others else "it holds no weights"
    raise ValueError(
        f"{_KEY}: '{folder}': {found}. Save them as safetensors: model.save_pretrained(folder) of transformers."
    )


def _hidden(encoder: Encoder) -> int:
    """Found by asking, since every family of models has another name for it."""
    config = encoder.inner.config
    with torch.no_grad():
        if not encoder.pictures:
            token = torch.zeros((1, 1), dtype=torch.long)
            return int(encoder((token, torch.ones_like(token))).shape[1])
        side = _side(getattr(config, "image_size", None)) or 64
        return int(encoder(torch.zeros((1, 3, side, side))).shape[1])


def _side(size: Any) -> int | None:
    if isinstance(size, dict):
        size = size.get("height", size.get("shortest_edge"))
    if isinstance(size, list | tuple):
        size = size[0]
    return int(size) if size else None


def _transformers() -> Any:
    try:
        import transformers
    except ImportError as error:
        raise ValueError(
            "train.learner: encoders want transformers, which is not installed: pip install 'act_spec[encoders]'."
        ) from error
    return transformers


@contextmanager
def quietly() -> Iterator[None]:
    """Without the bars and reports of `transformers`: what matters of them is checked here."""
    talk = _transformers().utils.logging
    before, bars = talk.get_verbosity(), talk.is_progress_bar_enabled()
    talk.set_verbosity(talk.CRITICAL)
    talk.disable_progress_bar()
    try:
        yield
    finally:
        talk.set_verbosity(before)
        if bars:
            talk.enable_progress_bar()


def _first_line(error: BaseException) -> str:
    line = (str(error).strip().splitlines() or [type(error).__name__])[0].strip()
    return line if line.endswith(".") else f"{line}."
