from links.as_json import as_json


def test_one_broken_link() -> None:
    assert as_json(["https://example.org/gone"]) == '[{"link": "https://example.org/gone"}]'
