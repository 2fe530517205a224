from watering.counts import counts


def test_a_plant_is_counted() -> None:
    assert counts(["fern", "fern"])["fern"] == 2
