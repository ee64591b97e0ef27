"""docs/media.md: its commands run, and what it says of limits and keys is what the code says."""

from __future__ import annotations

import documented
import pytest

from act_spec import registry
from act_spec.content import audio, pdf, pictures
from act_spec.run.handing_out import MAX_PACKET_MEDIA

TEXT = (documented.ROOT / "docs" / "media.md").read_text(encoding="utf-8")


def test_its_commands_run_as_they_stand(tmp_path):
    [commands] = documented.blocks("docs/media.md", "sh")
    done = documented.shell(f"set -e\n{commands.text}", tmp_path)

    assert done.returncode == 0, done.stderr
    assert "That was a whole run: 40 items" in done.stdout


@pytest.mark.parametrize("name", registry.names("content"))
def test_every_modality_is_described(name):
    assert f"| `{name}` |" in TEXT


def test_its_limits_are_the_codes():
    assert f"({pictures.MAX_PX} unless said otherwise)" in TEXT
    assert f"more than {pictures.MAX_PIXELS // 10**6} million pixels" in TEXT
    assert f"larger than {pictures.MAX_BYTES // 2**20} MB (sound: {audio.MAX_BYTES // 2**20} MB)" in TEXT
    assert f"`max_pages` ({pdf.MAX_PAGES})" in TEXT
    assert f"up to {MAX_PACKET_MEDIA // 2**20} MB of them" in TEXT
