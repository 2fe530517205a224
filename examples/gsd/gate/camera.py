"""Read the number plate of a car."""


def plate_of(text: str) -> str:
    """Return a number plate without blanks."""
    return "".join(text.split()).upper()
