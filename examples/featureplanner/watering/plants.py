"""The plants, the thirstiest first."""


def by_thirst(plants: dict[str, int]) -> list[str]:
    """Return the names of the plants; the values are the days since the last water."""
    return sorted(plants, key=lambda name: (-plants[name], name))
