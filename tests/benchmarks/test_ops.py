"""The plain operations that ours are compared with give what ours give."""

from benchmarks.ops import TEST_CLOUDS, rows


def test_every_operation_is_compared_and_the_same() -> None:
    found = {row['operation']: row for row in rows('cpu', 1, 0.001, TEST_CLOUDS)}
    assert {'sample (2, 128) → 8', 'greedy order (2, 8)', 'Chamfer 4 x 8, f+b'} <= set(found)
    assert all(row['same'] == '1.0000' for row in found.values())
