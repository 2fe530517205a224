"""Figures of requests, prompts, index and caches: plain integers and fixed buckets, nothing of the protocol."""
