"""The answers that the CLI and the server share: the plan that a request names, and the public results."""
