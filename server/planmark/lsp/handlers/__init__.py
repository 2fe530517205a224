"""The handlers of requests, one file per kind. Each calls one editor function."""
