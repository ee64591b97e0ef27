"""Sound: WAV and MP3, checked by what they hold; the built-in model and some others read a transcript instead."""

from __future__ import annotations

import io
import wave
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from act_spec.content.disguise import second_nature
from act_spec.content.image import plain_names
from act_spec.content.media import MediaError, Prepared, blob, enclosed, fits_ending, shown_files
from act_spec.content.text import as_data
from act_spec.records import Part
from act_spec.registry import register

MAX_BYTES = 20 * 2**20
_MAX_SECONDS = 2 * 3600
# Kilobits a second by index, for layer III of MPEG 1, and of MPEG 2 and 2.5.
_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


@register("content", "audio.v1", media=True, options=("root", "transcript"), sends=("audio",))
@dataclass(frozen=True)
class Audio:
    """
    A column of sound files, or of their bytes.

    Attributes:
        transcript: Column with the words, for models that take no sound.
        heard: Whether the model takes sound; no recipe sets it.
    """

    transcript: str | None = None
    heard: bool = True

    name = "audio"
    endings = (".wav", ".mp3")
    max_bytes = MAX_BYTES
    sends = frozenset({"audio"})
    otherwise = ", or name a column with the words: transcript"
    of_sending = frozenset({"transcript"})
    unseen: ClassVar[Mapping[str, Any]] = {"sha256": "", "mime": "audio/mpeg", "seconds": 60.0}

    @property
    def needs(self) -> frozenset[str]:
        """Sound, where there is no transcript."""
        return self.sends if self.transcript is None else frozenset()

    def need(self) -> None:
        """Nothing beyond Python is needed."""

    def prepare(self, data: bytes, name: str) -> Prepared:
        """A file as it is sent and played; raises `MediaError`."""
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            fits_ending(name, (".wav",), "a WAV")
            made, seconds = _remade_wav(data)
            sound = blob(made, "audio/wav")
        else:
            frames, seconds = _mp3_frames(data)
            fits_ending(name, (".mp3",), "an MP3")
            sound = blob(frames, "audio/mpeg")
        if seconds > _MAX_SECONDS:
            raise MediaError(f"it lasts {seconds / 60:.0f} minutes; at most two hours are taken.")
        other = second_nature(sound.data)
        if other:
            raise MediaError(f"it is {other} as well as a sound.")
        return Prepared({"sha256": sound.sha256, "mime": sound.mime, "seconds": round(seconds, 3)}, (sound,))

    def measure(self, data: bytes, name: str) -> Mapping[str, Any]:
        """The same without its bytes, for estimates."""
        return {**self.prepare(data, name).shown, "sha256": ""}

    def fitted(self, takes: Collection[str]) -> Audio:
        """For a model that takes no sound: the transcript."""
        return self if "audio" in takes else replace(self, heard=False)

    def parts(self, name: str, value: Any) -> tuple[Part, ...]:
        """The field in a message: its sounds, or their transcript, between the delimiters of a field."""
        if not self.heard:
            words = [str(one.get("transcript") or "") for one in value or ()]
            return enclosed(name, [{"type": "text", "text": as_data("\n".join(words))}])
        kept = ("sha256", "mime", "seconds")
        sounds: list[Part] = [
            {"type": "audio", **{key: one[key] for key in kept}} for one in value or () if "sha256" in one
        ]
        return enclosed(name, sounds)

    def plain(self, name: str, value: Any) -> str:  # noqa: ARG002 - as the protocol has it
        """The names of its files, for a spreadsheet."""
        return plain_names(value)

    def shown(self, name: str, value: Any) -> Mapping[str, Any]:  # noqa: ARG002 - as the protocol has it
        """Its sounds, for the review page, with the words where they are told."""
        kept = ("sha256", "mime", "seconds")
        sounds = ({key: one[key] for key in kept} for one in value or () if "sha256" in one)
        words = "\n".join(str(one["transcript"]) for one in value or () if one.get("transcript"))
        return {**shown_files(sounds, value), "transcript": words}


def _remade_wav(data: bytes) -> tuple[bytes, float]:
    """The samples in a file of our own: what else the file held is gone."""
    try:
        with wave.open(io.BytesIO(data)) as read:
            form = read.getparams()
            samples = read.readframes(form.nframes)
    except (wave.Error, EOFError, ValueError) as error:
        raise MediaError(f"it is damaged, or no plain PCM sound: {error or 'it ends too early'}.") from error
    width = form.nchannels * form.sampwidth
    if not samples or len(samples) < form.nframes * width:
        raise MediaError("it is damaged: it ends before its sound does.")
    stream = io.BytesIO()
    with wave.open(stream, "wb") as written:
        written.setnchannels(form.nchannels)
        written.setsampwidth(form.sampwidth)
        written.setframerate(form.framerate)
        written.writeframes(samples)
    return stream.getvalue(), len(samples) / width / form.framerate


def _mp3_frames(data: bytes) -> tuple[bytes, float]:
    """The frames alone, without tags before and behind them, and how long they last in seconds."""
    at = start = _after_tag(data)
    seconds, frames = 0.0, 0
    while at + 4 <= len(data):
        read = _frame(data[at : at + 4])
        if read is None or at + read[0] > len(data):
            break
        at += read[0]
        seconds += read[1]
        frames += 1
    if frames < 2:
        raise MediaError("not a sound of a known format: WAV, MP3.")
    rest = data[at:]
    if rest.strip(b"\0") and not rest.startswith((b"TAG", b"APETAGEX", b"LYRICSBEGIN")) and len(rest) > 4096:
        raise MediaError("it is damaged, or another file follows its sound.")
    return data[start:at], seconds


def _after_tag(data: bytes) -> int:
    """Behind an ID3v2 tag, whose size is written in seven bits a byte."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _frame(head: bytes) -> tuple[int, float] | None:
    """Bytes and seconds of a layer III frame; None if its head is none."""
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, sampling = head[2] >> 4, head[2] >> 2 & 3
    if head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or layer != 1 or version == 1:
        return None
    if not 0 < rate < 15 or sampling == 3:
        return None
    kilobits = (_RATES_1 if version == 3 else _RATES_2)[rate]
    samples, hertz = (1152 if version == 3 else 576), _SAMPLES[version][sampling]
    return samples // 8 * kilobits * 1000 // hertz + (head[2] >> 1 & 1), samples / hertz
