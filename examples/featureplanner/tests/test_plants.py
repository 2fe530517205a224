from watering.plants import by_thirst


def test_the_thirstiest_plant_is_first() -> None:
    assert by_thirst({"fern": 2, "palm": 5}) == ["palm", "fern"]
