"""Names of images."""


def qualified(image: str) -> str:
    """With its registry: Podman asks at the terminal for one that has none, or refuses it.

    https://github.com/distribution/reference: a first part with a dot or a port, or `localhost`,
    is a registry; Docker's own images are under `library`.
    """
    first, slash, _ = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return image
    return f"docker.io/{image}" if slash else f"docker.io/library/{image}"
