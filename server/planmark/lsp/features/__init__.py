"""One file per kind of request: parameters in, one call of an editor function, results out."""
