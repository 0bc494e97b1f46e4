"""Files that belong together are put together as Compose does it."""

from tests.audit.test_compose import of, values


def test_an_override_is_laid_over_its_main_file() -> None:
    """It is no project of its own; it adds and replaces, and keeps its own places."""
    files = {
        "compose.yaml": """
        services:
          web:
            image: nginx:1.28
            command: [a, b]
            ports: ["80:80"]
            environment: {A: 1, B: 2}
        """,
        "compose.override.yaml": """
        services:
          web:
            image: nginx:1.29
            command: [c]
            ports: ["443:443"]
            environment: [B=3]
          extra: {image: redis}
        """,
    }
    plan = of(files)
    web, extra = plan.containers

    assert len(plan.projects) == 1
    assert plan.projects[0].files == ("compose.yaml", "compose.override.yaml")
    assert web.image is not None
    assert (web.image.text, web.image.file) == ("nginx:1.29", "compose.override.yaml")
    assert [p.host and p.host.first for p in web.ports] == [80, 443]
    assert [w.text for w in web.command] == ["c"]
    assert values(web) == {"A": "1", "B": "3"}
    assert extra.at.file == "compose.override.yaml"


def test_reset_and_override_tags() -> None:
    """`!reset` takes away what the main file gave, `!override` replaces it whole."""
    files = {
        "docker-compose.yml": """
        services:
          a: {image: x, ports: ["80:80"], environment: {A: 1}}
          b: {image: x, ports: ["81:81"]}
        """,
        "docker-compose.override.yml": """
        services:
          a: {ports: !reset [], environment: !override {B: 2}}
          b: {ports: !override ["91:81"]}
        """,
    }
    a, b = of(files).containers

    assert a.ports == ()
    assert values(a) == {"B": "2"}
    assert [p.host and p.host.first for p in b.ports] == [91]


def test_volumes_are_unique_by_their_target() -> None:
    """An override's mount of the same target takes the first one's place."""
    files = {
        "compose.yaml": 'services: {a: {image: x, volumes: ["./a:/a", "./b:/b"]}}',
        "compose.override.yaml": 'services: {a: {volumes: ["./c:/a"]}}',
    }
    (container,) = of(files).containers

    assert [m.source and m.source.text for m in container.mounts] == ["./c", "./b"]


def test_extends_in_the_same_file() -> None:
    """A service gets what it extends, through several steps, and its own word counts."""
    text = """
    services:
      base: {image: x, restart: always, environment: {A: 1}}
      middle: {extends: base, environment: {B: 2}}
      top: {extends: {service: middle}, image: y}
    """
    top = of({"compose.yaml": text}).containers[2]

    assert top.image is not None
    assert top.image.text == "y"
    assert top.restart is not None
    assert values(top) == {"A": "1", "B": "2"}


def test_extends_from_another_file() -> None:
    """The file that only lends services is no project; its values keep their places."""
    files = {
        "app/compose.yaml": """
        services:
          app: {extends: {file: ../common.yml, service: base}, image: app}
        """,
        "common.yml": "services: {base: {environment: {A: 1}, cap_add: [NET_ADMIN]}}",
    }
    plan = of(files)
    (app,) = plan.containers

    assert app.capabilities[0].file == "common.yml"
    assert plan.projects[0].files == ("app/compose.yaml", "common.yml")


def test_extends_in_a_circle() -> None:
    """Services that extend each other are read without end or error."""
    text = "services: {a: {extends: b, image: x}, b: {extends: a, image: y}}"

    assert len(of({"compose.yaml": text}).containers) == 2


def test_an_unknown_base_is_missing() -> None:
    """A service that extends what is not there names it."""
    plan = of({"compose.yaml": "services: {a: {extends: bse, image: x}, base: {image: y}}"})

    assert [(m.name, m.known) for m in plan.missing] == [("bse", ("a", "base"))]


def test_include() -> None:
    """Included files are part of the project, with the variables beside them."""
    files = {
        "compose.yaml": """
        include: [db/compose.yaml, {path: [mq/compose.yaml], env_file: mq.env}]
        services: {app: {image: app, depends_on: [db, mq]}}
        """,
        "db/compose.yaml": "services: {db: {image: 'postgres:${TAG}'}}",
        "db/.env": "TAG=17",
        "mq/compose.yaml": "services: {mq: {image: 'mosquitto:${TAG}'}}",
        "mq.env": "TAG=2",
    }
    plan = of(files)

    assert len(plan.projects) == 1
    assert plan.missing == ()
    assert {c.key: c.image and c.image.text for c in plan.containers} == {
        "app": "app", "db": "postgres:17", "mq": "mosquitto:2",
    }  # fmt: skip


def test_files_that_include_each_other() -> None:
    """A circle of includes still gives each file's services."""
    files = {
        "a.yml": "include: [b.yml]\nservices: {a: {image: x}}",
        "b.yml": "include: [a.yml]\nservices: {b: {image: x}}",
    }

    assert {c.key for c in of(files).containers} == {"a", "b"}


def test_a_variant_is_laid_over_the_main_file_where_it_cannot_stand_alone() -> None:
    """`-f compose.yaml -f compose.gpu.yaml` is what such a file is for."""
    files = {
        "compose.yaml": "services: {ai: {image: ollama}, web: {image: webui}}",
        "compose.gpu.yaml": "services: {ai: {gpus: all}}",
    }
    plan = of(files)

    assert [(p.key, p.files) for p in plan.projects] == [
        ("compose.gpu.yaml", ("compose.yaml", "compose.gpu.yaml")),
        ("compose.yaml", ("compose.yaml",)),
    ]
    with_gpu = next(c for c in plan.containers if c.gpus)
    assert with_gpu.image is not None
    assert with_gpu.image.text == "ollama"


def test_compose_file_in_env() -> None:
    """`COMPOSE_FILE` in `.env` says which files make the project."""
    files = {
        ".env": "COMPOSE_FILE=a.yml:b.yml\nCOMPOSE_PROJECT_NAME=lab\n",
        "a.yml": "services: {x: {image: one}}",
        "b.yml": "services: {x: {image: two}}",
    }
    plan = of(files)

    assert [(p.key, p.name) for p in plan.projects] == [("a.yml", "lab")]
    assert [c.image and c.image.text for c in plan.containers] == ["two"]


def test_templates_without_images_run_nothing() -> None:
    """A file whose services are all without an image lends them, and starts none."""
    text = "services: {nvenc: {devices: ['/dev/dri:/dev/dri'], ports: ['1:1']}, cpu: {}}"

    assert of({"hwaccel.yml": text}).containers == ()


def test_folders_of_hosts() -> None:
    """Below `hosts/`, each folder is a host of its own."""
    plan = of({"hosts/atlas/web/compose.yaml": "services: {web: {image: nginx}}"})

    assert plan.containers[0].host == "atlas"
