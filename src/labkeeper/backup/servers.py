"""Kinds of dumps, and how a server of each kind takes one in, out of everybody's way.

A script is run by somebody without rights in an empty folder, `$1`, with the dump as its input: on
this host, or in the service's own image. It says `ready` when its server answers, `loaded` after
the last statement, and `count N` for each table. Its server listens at a socket in that folder.
"""

import re
from typing import Final

from labkeeper.values import dataclass, regex

_POSTGRESQL: Final = r"""
for bin in /usr/lib/postgresql/*/bin; do [ ! -x "$bin/initdb" ] || PATH="$bin:$PATH"; done
command -v initdb >/dev/null || { echo missing; exit 0; }
cd "$1"
initdb --pgdata=data --username=labkeeper --auth=trust --encoding=UTF8 --locale=C --no-sync \
    </dev/null >/dev/null
pg_ctl --pgdata=data --wait --timeout=120 --silent --log=log --options="-c listen_addresses= -k $1 \
    -c fsync=off -c full_page_writes=off -c autovacuum=off -c jit=off" start </dev/null >/dev/null
trap 'pg_ctl --pgdata=data --mode=immediate --silent stop </dev/null >/dev/null 2>&1' EXIT
ask="psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 --host=$1"
ask="$ask --username=labkeeper"
$ask --dbname=postgres --command='CREATE DATABASE labkeeper' </dev/null
echo "version $(postgres --version)"
echo ready
$ask --dbname=labkeeper --file=- >/dev/null
echo loaded
$ask --dbname=labkeeper --command="SELECT datname FROM pg_database WHERE datallowconn
    AND NOT datistemplate AND datname <> 'labkeeper'" </dev/null >names
while read -r name; do
    echo "SELECT format('SELECT count(*) FROM %I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema') \\gexec" |
        $ask --dbname="$name" | sed 's/^/count /'
done <names
"""
_MARIADB: Final = r"""
PATH="$PATH:/usr/sbin"
command -v mariadbd >/dev/null || { echo missing; exit 0; }
cd "$1"
mariadb-install-db --no-defaults --datadir="$1/data" --auth-root-authentication-method=normal \
    --skip-test-db </dev/null >/dev/null 2>log || { tail -n 3 log >&2; exit 1; }
mariadbd --no-defaults --datadir="$1/data" --socket="$1/socket" --pid-file="$1/pid" \
    --skip-networking --skip-grant-tables --innodb-flush-log-at-trx-commit=0 </dev/null >log 2>&1 &
server=$!
trap 'kill -KILL $server' EXIT
ask="mariadb --no-defaults --socket=$1/socket --user=root --batch --skip-column-names"
tries=0
until $ask --execute='SELECT 1' </dev/null >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 240 ] && kill -0 $server || { tail -n 3 log >&2; exit 1; }
    sleep 0.5
done
echo "version $(mariadbd --no-defaults --version)"
echo ready
$ask >/dev/null
echo loaded
$ask --execute="SELECT CONCAT('SELECT COUNT(*) FROM \`', REPLACE(table_schema, '\`', '\`\`'),
    '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`;') FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('mysql', 'sys',
    'performance_schema', 'information_schema')" </dev/null >counts
$ask <counts | sed 's/^/count /'
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of dump: what it begins with, and what the last lines of a whole one say."""

    name: str
    start: re.Pattern[str]
    end: re.Pattern[str]
    script: str = ""
    # As whom its image runs it.
    user: str = ""
    # The version of the server that wrote it: an older one need not understand it.
    version: re.Pattern[str] | None = None
    # What is no fault of the dump: a server lacks what the service's own has.
    lacks: re.Pattern[str] | None = None


# pg_dump/pg_dumpall.c and pg_backup_archiver.c of PostgreSQL, client/mysqldump.cc of MariaDB: the
# comments that they write first and last.
KINDS: Final = (
    Kind(
        "PostgreSQL",
        regex(r"^--\n-- PostgreSQL database (cluster )?dump\n--"),
        regex(r"-- PostgreSQL database (cluster )?dump complete\n"),
        _POSTGRESQL,
        "postgres",
        regex(r"^-- Dumped from database version (\d+)", re.MULTILINE),
        regex(
            r"extension \S+ is not available|could not (open extension control|access) file"
            r"|invalid (LC_\w+|locale)|unrecognized configuration parameter|No space left"
            r"|invalid command \\(un)?restrict|could not extend file|shared_preload_libraries"
            r"|not supported by this build"
        ),
    ),
    Kind(
        "MariaDB",
        regex(r"^(/\*M?!999999\\- enable the sandbox mode \*/ ?\n)?-- MariaDB dump "),
        regex(r"-- Dump completed"),
        _MARIADB,
        "mysql",
        None,
        regex(
            r"Unknown (collation|storage engine|character set)|Plugin \S+ is not loaded"
            r"|No space left|is full"
        ),
    ),
    Kind(
        "MySQL",
        regex(r"^-- MySQL dump "),
        regex(r"-- Dump completed"),
    ),
)
