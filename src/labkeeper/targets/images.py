"""Names of images as Podman finds them without asking where to look."""


def qualified(image: str) -> str:
    """With the registry that short names are Docker Hub's: Debian's Podman searches none itself.

    https://docs.podman.io/en/latest/markdown/podman-pull.1.html, "Image names without a registry".
    """
    first, slash, _ = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return image
    return f"docker.io/{image}" if slash else f"docker.io/library/{image}"
