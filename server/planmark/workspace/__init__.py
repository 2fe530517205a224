"""The files of a workspace, the discovery of its plans, and its immutable snapshots."""
