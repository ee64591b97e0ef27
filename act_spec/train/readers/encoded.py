"""What a pretrained encoder reads, and what becomes of it: a vector an item, or the items themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from act_spec.content.fields import Shown
from act_spec.content.text import Text
from act_spec.train.pretrained.encoders import (
    Encoder,
    Tuned,
    fingerprint,
    load_encoder,
    picture_form,
    quietly,
)
from act_spec.train.readers.pictures import PictureReader
from act_spec.train.readers.reader import Content
from act_spec.train.rows import DenseRows, Ints, PictureRows, Rows, TokenRows
from act_spec.whole_files import whole

FOLDER = "encoder"
_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class EncoderReader:
    """
    Reads the text fields, or the one image field, for a pretrained encoder.

    Attributes:
        fields: Shown names of the fields.
        encoder: The model.
        tokenizer: Of an encoder of texts.
        pictures: How pictures are brought to it, for an encoder of those.
        max_tokens: Of a text; what is longer is cut.
        tune: Whether the encoder itself is trained, so that items go to it anew at every step.
        weights: Hash of the encoder's weights.
    """

    fields: tuple[str, ...]
    encoder: Encoder
    tokenizer: Any
    pictures: PictureReader | None
    max_tokens: int
    tune: bool
    weights: str

    @classmethod
    def learn(cls, show: Mapping[str, Shown], parameters: Mapping[str, Any]) -> EncoderReader:
        """
        Load the encoder that a learner names.

        Raises:
            ValueError: If it cannot be had, or the fields are nothing for it.
        """
        checkpoint, revision = parameters["checkpoint"], parameters["revision"]
        encoder, tokenizer = load_encoder(checkpoint, revision)
        fields = tuple(name for name, field in show.items() if (field.type == "image") == encoder.pictures)
        if not fields or (encoder.pictures and len(fields) > 1):
            wanted = "one image" if encoder.pictures else "text"
            raise ValueError(f"train.learner.checkpoint: '{checkpoint}' reads {wanted}; see data.show.")
        pictures = None
        if encoder.pictures:
            side, mean, spread = picture_form(checkpoint, revision)
            pictures = PictureReader.restored(
                {"field": fields[0], "side": side, "mean": mean, "spread": spread}
            )
        return cls(
            fields,
            encoder,
            tokenizer,
            pictures,
            parameters["max_tokens"],
            parameters["tune"],
            fingerprint(encoder),
        )

    def rows(self, contents: Sequence[Content]) -> Rows:
        """The items themselves for an encoder that is trained; else their vectors, made once."""
        seen = self.pictures.rows(contents) if self.pictures else self._tokens(contents)
        return seen if self.tune else self._vectors(seen)

    def tensors(self) -> dict[str, Tensor]:
        """The encoder's weights are in its own folder, or with the model's."""
        return {}

    def described(self) -> dict[str, Any]:
        """The fields, and which encoder it is."""
        pictures = self.pictures.described() if self.pictures else None
        return {
            "fields": list(self.fields),
            "pictures": pictures,
            "max_tokens": self.max_tokens,
            "tune": self.tune,
            "weights": self.weights,
        }

    def told(self) -> str:
        """`body as tokens of BertModel`."""
        form = "pictures" if self.pictures else "tokens"
        return f"{', '.join(self.fields)} as {form} of {type(self.encoder.inner).__name__}"

    def write(self, folder: Path, module: nn.Module) -> None:
        """The encoder, trained or as it came, in a folder that `transformers` can load."""
        inner = module.encoder.inner if isinstance(module, Tuned) else self.encoder.inner
        place = folder / FOLDER
        # What is remembered under this folder's name is about to be something else.
        load_encoder.cache_clear()
        with quietly(), whole(place) as partial:
            inner.save_pretrained(partial)
            if self.tokenizer is not None:
                self.tokenizer.save_pretrained(partial)

    @classmethod
    def restored(cls, described: Mapping[str, Any], folder: Path) -> EncoderReader:
        """
        The reader that was described so, with the encoder in its folder.

        Raises:
            ValueError: If the encoder cannot be loaded.
            KeyError: If something is missing.
        """
        encoder, tokenizer = load_encoder(str(folder / FOLDER), None)
        pictures = PictureReader.restored(described["pictures"]) if encoder.pictures else None
        tune, most = bool(described["tune"]), int(described["max_tokens"])
        return cls(
            tuple(described["fields"]), encoder, tokenizer, pictures, most, tune, str(described["weights"])
        )

    def _tokens(self, contents: Sequence[Content]) -> TokenRows:
        text = Text()
        texts = [
            "\n".join(text.plain(name, content.get(name)) for name in self.fields) for content in contents
        ]
        if not texts:
            return TokenRows((), 0)
        most = min(self.max_tokens, int(self.tokenizer.model_max_length))
        found = self.tokenizer(texts, truncation=True, max_length=most, add_special_tokens=True)
        filler = self.tokenizer.pad_token_id or 0
        return TokenRows(tuple(tuple(one) or (filler,) for one in found["input_ids"]), filler)

    def _vectors(self, seen: TokenRows | PictureRows) -> DenseRows:
        # Texts of like lengths go together, so that little of a batch is filling.
        lengths = [len(one) for one in seen.tokens] if isinstance(seen, TokenRows) else [0] * len(seen)
        order: Ints = np.argsort(lengths, kind="stable").astype(np.int64)
        made = np.zeros((len(seen), self.encoder.hidden), dtype=np.float32)
        self.encoder.eval()
        with torch.no_grad():
            for start in range(0, len(order), _AT_ONCE):
                chosen = order[start : start + _AT_ONCE]
                made[chosen] = self.encoder(seen.batch(chosen)).numpy()
        return DenseRows(made)
