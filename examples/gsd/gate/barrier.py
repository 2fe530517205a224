"""Open the barrier for a car that may enter."""


def may_enter(free: int) -> bool:
    """Tell whether a place is free."""
    return free > 0
