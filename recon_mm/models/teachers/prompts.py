"""The sentences that describe a category to the text teacher: 20 prefixes x 3 suffixes."""

_SUBJECTS = (
    'A model of',
    'A image of',
    'A 3D model of',
    'A rendering model of',
    'A point cloud of',
    'A point cloud model of',
    'A 3D rendering model of',
    'A rendering image of',
    'A 3D rendering image of',
)
PREFIXES = (
    '',
    'A ',
    *(f'{subject} {article}' for subject in _SUBJECTS for article in ('', 'a ')),
)
SUFFIXES = ('.', ' with white background.', ' with black context.')


def sentences(category: str) -> list[str]:
    """All 60 sentences of a category, prefix by prefix.

    Underscores become spaces: a ``night_stand`` of ModelNet is a "night stand" in a sentence.
    """
    category = category.replace('_', ' ')
    return [f'{prefix}{category}{suffix}' for prefix in PREFIXES for suffix in SUFFIXES]
