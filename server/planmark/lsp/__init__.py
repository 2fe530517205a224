"""The language server: decodes requests, lets the editor functions answer them, encodes what they say."""
