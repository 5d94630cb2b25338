"""New migrations that block functions or break those of the previous release are refused."""

import tempfile
import unittest
from pathlib import Path

from dev import migrations

REFUSED = {
    "require-concurrent-index-creation": "create index documents_by_etag on documents (etag);",
    "require-concurrent-index-deletion": "drop index documents_by_etag;",
    "adding-required-field": "alter table documents add column folder_id uuid not null;",
    "adding-field-with-default": "alter table documents add column folder_id uuid default gen_random_uuid();",
    "changing-column-type": "alter table documents alter column attempts type bigint;",
    "adding-not-nullable-field": "alter table documents alter column etag set not null;",
    "adding-foreign-key-constraint":
        "alter table documents add constraint documents_owner foreign key (user_id) references users (id);",
    "constraint-missing-not-valid":
        "alter table documents add constraint documents_etag_short check (length(etag) < 99);",
    "disallowed-unique-constraint": "alter table documents add constraint documents_etag_unique unique (etag);",
    "renaming-column": "alter table documents rename column etag to entity_tag;",
    "renaming-table": "alter table tombstones rename to buried_objects;",
    "ban-drop-column": "alter table documents drop column etag;",
    "ban-drop-table": "drop table groups;",
    "begins with the line": "create index concurrently if not exists documents_by_etag on documents (etag);",
    "has one statement only": "-- no-transaction\ndrop index concurrently if exists documents_by_etag;\n"
                              "create index concurrently if not exists documents_by_etag on documents (etag);",
    "prefer-robust-stmts": "-- no-transaction\ncreate index concurrently documents_by_etag on documents (etag);",
}

ACCEPTED = (
    "-- no-transaction\n-- A comment; with a semicolon.\n"
    "create index concurrently if not exists documents_by_etag on documents (etag);\n",
    "-- no-transaction\ndrop index concurrently if exists documents_by_etag;\n",
    "create table folders (id uuid primary key, name text not null);\ncreate index folders_by_name on folders (name);\n",
    "alter table documents add column folder_id uuid, add column pages integer not null default 1;\n",
    "alter table documents add constraint documents_etag_short check (length(etag) < 99) not valid;\n",
    "alter table documents validate constraint documents_etag_short;\n",
    "-- squawk-ignore ban-drop-column\nalter table documents drop column etag;\n",
)


def check(text: str, name: str = "0011_change.up.sql") -> list[str]:
    """Checks a migration with this text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text)
        return migrations.find_breaches_in(path)


class Migrations(unittest.TestCase):
    def test_what_blocks_or_breaks_functions_is_refused(self):
        for rule, text in REFUSED.items():
            found = check(text)
            self.assertTrue(any(rule in line for line in found), f"{rule}: {found}")

    def test_what_neither_blocks_nor_breaks_them_is_accepted(self):
        for text in ACCEPTED:
            self.assertEqual(check(text), [], text)

    def test_the_way_back_may_drop_what_the_way_forward_has_added(self):
        text = "drop index documents_by_etag;\nalter table documents drop column folder_id;\ndrop table folders;\n"
        self.assertEqual(check(text, "0011_change.down.sql"), [])

    def test_a_message_names_the_file_and_the_line(self):
        found = check("-- A comment.\ndrop table groups;\n")
        self.assertTrue(found[0].startswith("0011_change.up.sql:2: "), found)


if __name__ == "__main__":
    unittest.main()
