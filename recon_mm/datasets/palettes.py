"""Colors for classes and parts."""

import colorsys


def distinct_colors(count: int) -> tuple[tuple[int, int, int], ...]:
    """RGB colors, 0 to 255, of which neighbors in the list differ much.

    Hues step by the golden section, which spreads any number of them; lightness takes turns.
    """
    hues = [(i * 0.618034) % 1.0 for i in range(count)]
    colors = [
        colorsys.hls_to_rgb(hue, (0.45, 0.6, 0.35)[i % 3], 0.75) for i, hue in enumerate(hues)
    ]
    return tuple((round(255 * r), round(255 * g), round(255 * b)) for r, g, b in colors)
