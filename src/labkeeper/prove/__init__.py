"""Whether each alert fires, resolves, arrives, and stays quiet while all is well."""
