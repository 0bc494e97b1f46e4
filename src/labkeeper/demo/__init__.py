"""A small lab in a folder of its own, and the life in it: real files, a real lab.yaml."""
