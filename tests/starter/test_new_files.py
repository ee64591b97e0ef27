import pytest

from act_spec.errors import RecipeError
from act_spec.starter.new_files import refuse_existing, write_new


def test_files_are_written_with_the_folders_that_they_need(tmp_path):
    write_new({tmp_path / "a" / "b" / "one": b"1", tmp_path / "a" / "two": b"2"})

    assert (tmp_path / "a" / "b" / "one").read_bytes() == b"1"
    assert (tmp_path / "a" / "two").read_bytes() == b"2"


def test_after_a_failure_nothing_is_left(tmp_path):
    (tmp_path / "file").write_bytes(b"kept")

    with pytest.raises(RecipeError, match="cannot be written"):
        write_new({tmp_path / "new" / "deep" / "one": b"1", tmp_path / "file" / "two": b"2"})

    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_is_there_stays_as_it_is(tmp_path):
    path = tmp_path / "one"
    path.write_bytes(b"mine")

    with pytest.raises(RecipeError, match="there already"):
        write_new({tmp_path / "other": b"1", path: b"theirs"})

    assert path.read_bytes() == b"mine"
    assert not (tmp_path / "other").exists()


def test_what_is_there_is_refused_before_any_work(tmp_path):
    refuse_existing([tmp_path / "one"])
    (tmp_path / "one").symlink_to(tmp_path / "nowhere")

    with pytest.raises(RecipeError, match="there already"):
        refuse_existing([tmp_path / "one"])


def test_a_name_that_no_disk_takes_is_refused(tmp_path):
    with pytest.raises(RecipeError, match="File name too long"):
        refuse_existing([tmp_path / ("x" * 300) / "one"])
