"""The check of layers reports violations. Without these tests nobody would notice if it reported nothing."""

import unittest

from dev import layers

DOCUMENT = """# Architecture

## Layers

```text
┌─ nouns ───────────────────┐
│  quota   topic            │
└─────────────┬─────────────┘
              ▼
┌─ statements ──────────────┐
│  db::quota                │
│  db::topic                │
└─────────────┬─────────────┘
              ▼
┌─ edges ───────────────────┐
│  db   queue   storage     │
└─────────────┬─────────────┘
              ▼
┌─ values ──────────────────┐
│  error   id               │
└───────────────────────────┘
```

After it.
"""
FILES = {"src/lib.rs": "pub mod db;\npub use error::{Error, Result};\n", "src/storage/key.rs": "use super::Storage;\n"} | {
    f"src/{name}.rs": "" for name in ("db", "db/quota", "db/topic", "error", "id", "queue", "quota", "storage", "topic")}


class LayersTest(unittest.TestCase):
    def find_breaches(self, document: str = DOCUMENT, **texts: str) -> list:
        changed = {f"src/{name.replace('__', '/')}.rs": text for name, text in texts.items()}
        return [breach.partition(": ") for breach in layers.find_breaches_in(FILES | changed, document)]

    def assertBreaks(self, where: str, document: str = DOCUMENT, **texts: str):
        self.assertEqual([head for head, _, _ in self.find_breaches(document, **texts)], [where], texts)

    def assertPasses(self, **texts: str):
        self.assertEqual(self.find_breaches(**texts), [], texts)

    def test_a_module_may_use_lower_layers(self):
        self.assertPasses(quota="use crate::db::{self, Database};\nuse crate::{Error, db, id::UserId};\ndb::quota::get();")
        self.assertPasses(storage="mod key;\nuse key::Key;\nuse crate::Result;", db__quota="use super::Database;")

    def test_a_use_of_a_higher_layer_is_reported_with_its_line(self):
        for text in ("use crate::quota::Quota;", "use crate::{\n    Error,\n    quota,\n};", "use super::quota;",
                     "fn f() -> crate::quota::Quota {}", "pub use crate::quota as ours;"):
            self.assertBreaks("src/storage.rs:2", storage=f"use crate::id;\n{text}")
        self.assertBreaks("src/storage/key.rs:1", storage__key="use super::super::quota;")
        self.assertBreaks("src/id.rs:1", id="use crate::Error as _;", document=DOCUMENT.replace("error   id", "error│\n▼\n│id"))

    def test_a_module_that_is_used_through_another_is_found(self):
        self.assertBreaks("src/queue.rs:2", queue="use crate::db;\ndb::quota::get();")
        self.assertBreaks("src/db.rs:2", db="mod quota;\nuse quota::get;")

    def test_only_statements_use_the_types_of_their_own_noun(self):
        self.assertPasses(db__quota="use crate::quota::Quota;")
        self.assertBreaks("src/db/topic.rs:1", db__topic="use crate::quota::Quota;")

    def test_a_layer_has_no_circle(self):
        self.assertPasses(queue="use crate::storage;")
        found = self.find_breaches(queue="use crate::storage;", storage="\nuse crate::db;", db="use crate::queue;")
        self.assertEqual([head for head, _, _ in found], ["src/db.rs:1", "src/queue.rs:1", "src/storage.rs:2"])

    def test_tests_and_comments_do_not_count(self):
        self.assertPasses(id="// use crate::quota;\n/// [`x`](crate::quota)\nlet x = 1; // see crate::quota\n"
                          "#[cfg(test)]\nmod tests {\n    use crate::quota;\n}\n")
        self.assertPasses(id="#[cfg(test)]\nuse crate::quota;\n")
        self.assertBreaks("src/id.rs:5", id="#[cfg(test)]\nmod tests {\n    use crate::quota;\n}\nuse crate::quota;\n")

    def test_the_picture_shows_the_layers_in_order(self):
        self.assertEqual(layers.read_picture(DOCUMENT), [
            ["quota", "topic"], ["db::quota", "db::topic"], ["db", "queue", "storage"], ["error", "id"]])

    def test_the_picture_shows_every_module_once(self):
        for drawn, changed in (("queue", ""), ("queue", "queue lost"), ("queue", "queue queue"), ("db::topic", "")):
            found = self.find_breaches(DOCUMENT.replace(drawn, changed))
            self.assertEqual([head for head, _, _ in found], [layers.DOCUMENT], changed)

    def test_a_document_without_the_picture_is_reported(self):
        self.assertEqual(len(self.find_breaches("# Architecture")), len(FILES) - 4)


if __name__ == "__main__":
    unittest.main()
