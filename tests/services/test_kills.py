"""A crash at any point changes nothing (law 2)."""

from pathlib import Path

from bench.kills import kill_rounds


def test_killing_reader_or_database_at_random_points_loses_and_doubles_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    result = kill_rounds(tmp_path, 50)
    assert result.kills >= 50
    assert result.database_kills > 0
    assert result.different == 0
