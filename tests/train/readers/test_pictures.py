"""Images as small squares, and the networks that look at them."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from torch import Tensor

from act_spec.losses.cross_entropy import cross_entropy
from act_spec.losses.objective import Examples
from act_spec.train.fit import Settings, fit
from act_spec.train.readers.fields import FieldsReader
from act_spec.train.readers.pictures import PictureReader, squares
from act_spec.train.rows import DenseRows

Image = pytest.importorskip("PIL.Image", reason="Pillow comes with the extra media")
SHOW = {"photo": SimpleNamespace(type="image")}


def png(colour, size=(20, 10)):
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


def test_an_image_becomes_a_square_of_three_colours():
    made = squares([png((255, 0, 10)), lambda: png((0, 128, 0)), None, b""], 8)

    assert made.shape == (4, 3, 8, 8)
    assert made[0, :, 3, 3].tolist() == [255, 0, 10]
    assert made[1, :, 3, 3].tolist() == [0, 128, 0]
    assert not made[2:].any()


def test_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match="an image cannot be read"):
        squares([b"\x89PNG broken"], 8)


def test_pictures_are_scaled_where_they_are_used():
    rows = PictureReader.learn(SHOW, 8).rows([{"photo": png("white")}, {"photo": png("black")}])

    assert rows.width == 3 * 64
    batch = rows.batch(np.array([1, 0]))
    assert isinstance(batch, Tensor)
    assert batch[:, 0, 0, 0].tolist() == [-1, 1]
    assert len(rows.take(np.array([1]))) == 1


def test_a_model_of_pictures_wants_one_image_field():
    with pytest.raises(ValueError, match="data.show has none"):
        PictureReader.learn({"note": SimpleNamespace(type="text")}, 8)


def test_a_reader_comes_back_from_its_description():
    reader = PictureReader.learn(SHOW, 8, (0.1, 0.2, 0.3), (1.0, 1.0, 2.0))

    assert PictureReader.restored(reader.described()) == reader


def test_an_image_among_fields_is_pixels():
    show = {**SHOW, "weight": SimpleNamespace(type="text")}
    items = [{"photo": png("white"), "weight": 1}, {"weight": 2}]
    reader = FieldsReader.learn(show, items, {})

    assert reader.told() == "photo as 16 by 16 pixels; weight as number"
    rows = reader.rows(items)
    assert isinstance(rows, DenseRows)
    assert rows.width == 3 * 256 + 2
    assert rows.values[0, 0] == 0.5
    assert not rows.values[1, : 3 * 256].any()


@pytest.mark.parametrize(("learner", "rate"), [("cnn.v1", 0.01), ("linear.v1", 0.02)])
def test_images_can_be_told_apart(learner, rate):
    """Bars that lie and bars that stand, anywhere in the picture and noisy: at least 90% right."""
    random = np.random.default_rng(0)
    labels, items = random.integers(0, 2, 160), []
    for lies in labels:
        pixels = random.integers(0, 80, (16, 16, 3))
        place = random.integers(2, 13)
        if lies:
            pixels[place : place + 2, :] = 255
        else:
            pixels[:, place : place + 2] = 255
        stream = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(stream, "PNG")
        items.append({"photo": stream.getvalue()})
    known = np.ones(160, dtype=bool)
    examples = Examples(np.eye(2)[labels], np.zeros((160, 2)), known, ~known, np.zeros(160))
    parameters = {"side": 16, "channels": 8} if learner == "cnn.v1" else {}
    reader = PictureReader.learn(SHOW, 16) if parameters else FieldsReader.learn(SHOW, items, {})
    rows = reader.rows(items)
    settings = Settings(learner, parameters, epochs=30, learning_rate=rate, batch=32)

    fitted = fit(rows, cross_entropy(examples), "classes", settings, 0)

    assert (fitted.predict(rows).argmax(axis=1) == labels).mean() >= 0.9
