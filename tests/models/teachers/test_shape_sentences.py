"""Sentences about a shape."""

from recon_mm.models.teachers.shape_sentences import sentences_of, spoken


def test_sentences() -> None:
    assert sentences_of('airplane')[0] == 'an airplane'
    assert sentences_of('night_stand')[0] == 'a night stand'
    assert sentences_of('chair', 'a red chair') == ['a red chair']
    assert sentences_of('') == []
    assert spoken('BuildingNonResidential') == 'building non residential'
    assert spoken('TV stand') == 'TV stand'
    for name, article in (
        ('unicycle', 'a'),
        ('umbrella', 'an'),
        ('hourglass', 'an'),
        ('ewer', 'a'),
    ):
        assert sentences_of(name)[0] == f'{article} {name}'
