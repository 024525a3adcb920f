from recon_mm.models.teachers.prompts import PREFIXES, SUFFIXES, sentences


def test_the_sixty_sentences():
    assert len(PREFIXES) == len(set(PREFIXES)) == 20
    assert SUFFIXES == ('.', ' with white background.', ' with black context.')
    assert all(prefix.endswith(' ') for prefix in PREFIXES if prefix)
    assert {'', 'A ', 'A point cloud of ', 'A point cloud of a ', 'A 3D rendering image of a '} < {
        *PREFIXES
    }
    lines = sentences('chair')
    assert len(lines) == len(set(lines)) == 60
    assert lines[0] == 'chair.'
    assert lines[1] == 'chair with white background.'
    assert lines[3] == 'A chair.'
    assert 'A rendering model of a chair with black context.' in lines
    assert not any('  ' in line for line in lines)


def test_underscores_become_spaces():
    assert sentences('night_stand') == sentences('night stand')
    assert sentences('night_stand')[4] == 'A night stand with white background.'
