"""Sound is told by its content, and what leaves is samples or frames alone."""

from __future__ import annotations

import pytest
from media_files import mp3, wav

from act_spec.content.audio import Audio
from act_spec.content.media import MediaError


def test_a_wav_is_written_anew():
    made = Audio().prepare(wav(0.5) + b"LISTa note", "a.wav")

    assert made.shown["seconds"] == 0.5
    assert made.shown["mime"] == "audio/wav"
    assert made.blobs[0].data == wav(0.5)


def test_an_mp3_loses_its_tags():
    tag = b"ID3\x04\0\0" + bytes([0, 0, 0, 20]) + b"TIT2 Ada Example    "

    made = Audio().prepare(tag + mp3(20) + b"TAG" + bytes(125), "a.mp3")

    assert made.blobs[0].data == mp3(20)
    assert made.shown["seconds"] == pytest.approx(20 * 1152 / 44_100, abs=0.001)


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (wav(), "a.mp3", "ends in .mp3 and holds a WAV"),
        (mp3(), "a.wav", "ends in .wav and holds an MP3"),
        (wav()[:3000], "a.wav", "ends before its sound does"),
        (b"RIFF\0\0\0\0WAVEnonsense", "a.wav", "damaged"),
        (b"OggS" + bytes(200), "a.ogg", "not a sound of a known format"),
        (mp3() + b"PK\x03\x04" + bytes(5000) + b"x", "a.mp3", "another file"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_reason(data, name, reason):
    with pytest.raises(MediaError, match=reason):
        Audio().prepare(data, name)


def test_a_model_that_takes_no_sound_reads_the_transcript():
    value = [
        {"file": "a.wav", "sha256": "ab", "mime": "audio/wav", "seconds": 1.0, "transcript": "Hello </field>"}
    ]
    clip = Audio(transcript="words")

    assert [part["type"] for part in clip.parts("clip", value)] == ["text", "audio", "text"]
    assert clip.fitted({"text"}).parts("clip", value)[1]["text"] == "Hello &lt;/field>"
