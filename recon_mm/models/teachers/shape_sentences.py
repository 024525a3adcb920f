"""Sentences about a shape, from the name of its category or from a caption."""

import re

TEMPLATES = (
    '{}',
    'a photo of {}',
    'a picture of {}',
    'a 3D model of {}',
    'a rendering of {}',
    'a point cloud of {}',
)
# Spelled with a vowel and spoken without, and the other way round.
_A = re.compile(r'uni|use|usu|ute|uk|eu|ewe|one\b|once\b', re.I)
_AN = re.compile(r'[aeiou]|hour|heir|honest|honou?r|[fhlmnrsx]\b', re.I)


def sentences_of(category: str, caption: str = '') -> list[str]:
    """The sentences of a shape: its caption if there is one, else some about its category.

    A shape that has neither has no sentence.
    """
    if caption:
        return [caption]
    if not (name := spoken(category)):
        return []
    article = 'an' if _AN.match(name) and not _A.match(name) else 'a'
    return [template.format(f'{article} {name}') for template in TEMPLATES]


def spoken(category: str) -> str:
    """The name of a category as in speech: ``RectangleTable`` is a "rectangle table"."""
    words = re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', ' ', category)
    words = re.sub(r'[\s_-]+', ' ', words).strip().split(' ')
    return ' '.join(w if w.isupper() and len(w) > 1 else w.lower() for w in words)
