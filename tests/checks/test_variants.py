"""Two forms of one stack are told from two stacks of one host."""

from labkeeper.audit import Folder, read_stack
from labkeeper.checks import View


def variants(**files: str) -> bool:
    """Whether the two projects of two compose files are variants; `__` in a name is a slash."""
    texts = {name.replace("__", "/") + ".yml": f"services: {text}" for name, text in files.items()}
    view = View(read_stack(Folder(texts), ()).plan)
    one, other = view.projects
    assert view.variants(one, other) == view.variants(other, one)
    return view.variants(one, other)


def test_files_of_one_folder_that_share_a_service() -> None:
    """`compose.dev.yml` beside `compose.prod.yml` is the same stack in another form."""
    assert variants(dev="{web: {image: a}}", prod="{web: {image: b}, db: {image: c}}")


def test_files_of_one_folder_with_services_of_their_own() -> None:
    """`media.yml` beside `monitoring.yml` runs beside it."""
    assert not variants(media="{jellyfin: {image: a}}", monitoring="{grafana: {image: b}}")


def test_stacks_that_share_a_database_key() -> None:
    """`db` is in every second stack, and says nothing."""
    one = "{app: {image: paperless}, db: {image: 'postgres:16'}}"
    other = "{app: {image: immich}, db: {image: 'postgres:17'}}"

    assert not variants(a__compose=one, b__compose=other)


def test_a_copy_in_another_folder() -> None:
    """Most services the same, image and all, is a copy; a tag makes no difference."""
    one = "{web: {image: 'a:1'}, db: {image: c}, x: {image: x}}"
    other = "{web: {image: 'a:2'}, db: {image: c}}"

    assert variants(dev__compose=one, prod__compose=other)


def test_a_file_and_what_is_laid_over_it() -> None:
    """A project that is another one with a file more is a form of it."""
    texts = {
        "compose.yaml": "services: {ai: {image: ollama}}",
        "compose.gpu.yaml": "services: {ai: {gpus: all}}",
    }
    view = View(read_stack(Folder(texts), ()).plan)

    assert view.variants("compose.yaml", "compose.gpu.yaml")
