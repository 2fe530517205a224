"""The handlers of requests, one file per kind of request. Each handler calls one editor function."""
