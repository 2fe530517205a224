"""How fast Planmark is, against floors and peers of the same run."""
