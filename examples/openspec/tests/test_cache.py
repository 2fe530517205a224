from pathlib import Path

from links.cache import read, write


def test_round_trip(tmp_path: Path) -> None:
    write(tmp_path / "answers.json", {"https://example.org": 200})
    assert read(tmp_path / "answers.json") == {"https://example.org": 200}
